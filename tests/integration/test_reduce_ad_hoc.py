"""`sqd reduce` by the ad hoc route alone, on LaB6 in a capillary: no density, no S(q), and the files are PDFgetX3's."""

import json
import pathlib
import subprocess
import unittest

import numpy as np

from sqd_testing import BINARY, DATA, skip, temporary

LAB6 = DATA / "total_scattering/LaB6_pdfgetx3"
if not LAB6.exists():
    skip("recordings not found (set SQD_TEST_DATA to their folder)")
NAME = "LaB6_0p4mm_011_av10_monitor"


def table(text):
    """Columns below the last `#L` line."""
    return np.array([line.split() for line in text.rsplit("#L", 1)[1].split("\n")[1:] if line.strip()], float).T


def residual(ours, theirs):
    return np.sqrt(np.sum((ours - theirs) ** 2) / np.sum(theirs**2))


class ReduceAdHoc(unittest.TestCase):
    def reduce(self, directory, *options, background=LAB6 / "0p4mm_capillary_018_av17_monitor.xye"):
        (directory / "d.poni").write_text("poni_version: 2\nDetector: Eiger4M\nDetector_config: {}\nDistance: 0.06\nPoni1: 0.02\nPoni2: 0.02\nRot1: 0\nRot2: 0\nRot3: 0\n")
        path = directory / "lab6.yaml"
        path.write_text("""instance: lab6
source: {kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}
geometry: {poni: d.poni}
beam: {energy_keV: 45.785599}
sample: {composition: LaB6}
structure_factor: none
fsdp: none
ad_hoc: {rpoly_A: 1.3, q_min_invA: 0.8, q_max_inst_invA: 23, r_max_A: 100}
""")
        behind = ["--background", background] if background else []
        return subprocess.run([BINARY, "reduce", LAB6 / f"{NAME}.xye", *behind, "-c", path, "--unit", "2th_deg", "--scale", "1", "-o", directory / "out", *options],
                              capture_output=True, text=True)

    def test_files_and_report_are_pdfgetx3s(self):
        with temporary() as name:
            directory = pathlib.Path(name)
            done = self.reduce(directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"(?m)^ad hoc +scale 0\.5531\d+, rpoly 1\.30 A \(degree 9\.1\d\)")
            files = {p.name: p.read_text() for p in (directory / "out").iterdir()}
            self.assertEqual(set(files), {f"{NAME}{ending}" for ending in (".dat", "_adhoc.sq", "_adhoc.fq", "_adhoc.gr")})
            for kind, low in (("sq", 1e-3), ("fq", 1e-3), ("gr", 1e-3)):
                ours, theirs = table(files[f"{NAME}_adhoc.{kind}"]), table((LAB6 / f"{NAME}.{kind}").read_text())
                if kind == "gr":  # r, G, dr, dG
                    self.assertFalse(ours[2].any())
                    ours = np.delete(ours, 2, axis=0)
                self.assertEqual(ours.shape, (3, theirs.shape[1]), kind)
                np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, atol=1e-5)
                self.assertLessEqual(residual(ours[1], theirs[1]), low, kind)
                self.assertTrue(np.all(ours[2] > 0), kind)
                for line in ("rpoly = 1.3", "composition = LaB6", "bgscale = 1"):
                    self.assertIn(f"\n{line}\n", files[f"{NAME}_adhoc.{kind}"])

    def test_json_has_the_same_curves(self):
        with temporary() as name:
            directory = pathlib.Path(name)
            done = self.reduce(directory, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            out = json.loads(done.stdout)
            self.assertNotIn("sq", out)
            self.assertNotIn("gr", out)
            self.assertAlmostEqual(out["adhoc"]["values"]["scale"], 0.55311014, delta=1e-4 * 0.55311014)
            fq = table((directory / "out" / f"{NAME}_adhoc.fq").read_text())
            np.testing.assert_allclose(fq[1], out["adhoc"]["arrays"]["F"], rtol=1e-8, atol=1e-12)

    def test_without_the_background_that_is_due_there_is_none(self):
        with temporary() as name:
            done = self.reduce(pathlib.Path(name), "--json", background=None)
            self.assertEqual(done.returncode, 0, done.stderr)
            out = json.loads(done.stdout)
            self.assertIn("no_background", out["flags"])
            self.assertNotIn("adhoc", out)


if __name__ == "__main__":
    unittest.main()
