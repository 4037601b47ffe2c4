"""`sqd reduce` on a glass that others measured: a physical S(q), q1 where it was published, the first shell of G(r), files that readers know."""

import json
import pathlib
import subprocess
import unittest

import numpy as np

from sqd_testing import BINARY, DATA, skip, temporary

CERIUM = DATA / "total_scattering/Ce_metallic_glass"
if not CERIUM.exists():
    skip("recordings not found (set SQD_TEST_DATA to their folder)")

DENSITY_A3, MEAN_MASS = 0.03468, 0.7 * 140.116 + 0.1 * (26.982 + 58.693 + 63.546)


def config(directory, window):
    (directory / "d.poni").write_text("poni_version: 2\nDetector: Eiger4M\nDetector_config: {}\nDistance: 0.15\nPoni1: 0.08\nPoni2: 0.077\nRot1: 0\nRot2: 0\nRot3: 0\n")
    path = directory / "ce.yaml"
    path.write_text(f"""instance: ce
source: {{kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}}
geometry: {{poni: d.poni}}
beam: {{energy_keV: 30.0}}
integration: {{npt: 2500, radial_range: [0.6, 7.9], sensor_efficiency: false}}
sample: {{composition: Ce70Al10Ni10Cu10, density_g_cm3: {DENSITY_A3 * MEAN_MASS / 0.602214076:.5f}}}
structure_factor: {{normalization: kmn, q_min_invA: 1.5, q_max_invA: 7.8, anomalous: false}}
fsdp: {{on: sq, window_invA: [{2.25 - window:.2f}, {2.25 + window:.2f}]}}
pair_distribution: {{q_max_invA: 7.8, window: none, r_max_A: 10, low_r_cut_A: 2.2, iterations: 4}}
""")
    return path


class Reduce(unittest.TestCase):
    def reduce(self, window, *options):
        with temporary() as name:
            directory = pathlib.Path(name)
            done = subprocess.run([BINARY, "reduce", CERIUM / "Cerium.dat", "--background", CERIUM / "background.xy", "-c", config(directory, window), "--scale", "0.927",
                                   "--json", "-o", directory / "out", *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            files = {p.suffix: p.read_text() for p in (directory / "out").iterdir()}
            return json.loads(done.stdout), files

    def test_q_one_in_both_windows(self):
        # Split pseudo-Voigt + line by lmfit on the reference's S(q) before cleaning (unweighted): 2.2493 and 2.2516.
        for window, q1, tolerance in ((0.45, 2.2493, 0.001), (0.30, 2.2516, 0.0015)):
            out, _ = self.reduce(window)
            self.assertAlmostEqual(out["fsdp"]["values"]["q1"], q1, delta=tolerance)

    def test_s_of_q_is_physical_and_g_has_its_first_shell(self):
        out, files = self.reduce(0.45)
        s = np.array(out["sq"]["arrays"]["S"], float)
        q = np.array(out["sq"]["arrays"]["q"], float)
        self.assertGreater(s.min(), -0.05)
        self.assertAlmostEqual(s[q > 5].mean(), 1, delta=0.05)
        reference = np.loadtxt(CERIUM / "ref_Ce_r.txt")  # r, F of iterations 0 to 4, g ...
        top = reference[:, 0][np.argmax(np.where(reference[:, 0] > 2.4, reference[:, 5], -9))]
        self.assertAlmostEqual(out["gr"]["values"]["shell1_r"], top, delta=0.03)
        self.assertEqual(set(files), {".sq", ".fq", ".gr", ".dat"})
        for suffix in (".sq", ".fq", ".gr"):
            self.assertIn("#### start data", files[suffix])
        rows = [line.split() for line in files[".gr"].split("#L", 1)[1].split("\n")[1:] if line.strip()]
        np.testing.assert_allclose([float(r[1]) for r in rows], out["gr"]["arrays"]["G"], rtol=1e-8, atol=1e-12)

    def test_bad_input_is_refused_with_its_reason(self):
        with temporary() as name:
            directory = pathlib.Path(name)
            path = config(directory, 0.45)
            bad = directory / "bad.xy"
            bad.write_text("this is no pattern\n")
            for sample, code in ((bad, 65), (directory / "nowhere.xy", 66)):
                done = subprocess.run([BINARY, "reduce", sample, "-c", path], capture_output=True, text=True)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(sample.name, done.stderr)
            done = subprocess.run([BINARY, "reduce", CERIUM / "Cerium.dat", "-c", directory / "nowhere.yaml"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 78, done.stderr)


if __name__ == "__main__":
    unittest.main()
