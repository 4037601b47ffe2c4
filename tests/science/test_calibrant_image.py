"""A real image of CeO2 and its .poni: the rings are where they should be, and where somebody moves the .poni, they say by how much."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from sqd_testing import BINARY, DATA, skip, temporary  # noqa: E402

import numpy as np  # noqa: E402

FOLDER = DATA / "integration/dioptas_ceo2_pilatus1m"
if not FOLDER.exists():
    skip(f"{FOLDER} is not there")


class CalibrantImage(unittest.TestCase):
    def check(self, poni_changes):
        """The check of the image, flipped to where its .poni holds, against a .poni that somebody changed."""
        with temporary() as name:
            folder = pathlib.Path(name)
            pixels = np.fromfile(FOLDER / "CeO2_Pilatus1M_flipud_1043x981_i32le.raw", "<i4").reshape(1043, 981)
            np.save(folder / "ceo2.npy", pixels)
            np.save(folder / "mask.npy", np.load(FOLDER / "mask_flipud.npy"))
            text = (FOLDER / "CeO2_Pilatus1M.poni").read_text()
            for key, by in poni_changes.items():
                text, found = re.subn(rf"^{key}: (\S+)", lambda m: f"{key}: {float(m.group(1)) + by!r}", text, flags=re.M)
                self.assertEqual(found, 1, key)
            (folder / "changed.poni").write_text(text)
            (folder / "station.yaml").write_text("""
instance: test
source: {kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}
detector: {name: Pilatus1M, sensor: none}
geometry: {poni: changed.poni}
mask: {files: [mask.npy]}
integration: {npt: 1000}
structure_factor: none
fsdp: none
background: {use: none}
""")
            run = subprocess.run([BINARY, "replay", "--json", "-c", folder / "station.yaml", folder / "ceo2.npy", "-o", folder / "out", "--role", "calibrant",
                                  "--calibrant", "CeO2", "--exposure", "1"], capture_output=True, text=True, timeout=300)
            self.assertEqual(run.returncode, 0, run.stderr)
            return json.loads(run.stdout)["findings"]["calibration"]

    def test_the_calibration_in_force_holds(self):
        check = self.check({})
        self.assertEqual((check["calibrant"], check["verdict"]), ("CeO2", "holds"), check)
        self.assertGreaterEqual(sum(ring["sectors"] > 0 for ring in check["rings"]), 10)

    def test_a_changed_one_is_told_by_how_much(self):
        held = self.check({})
        for change in ({"Distance": 1e-3}, {"Poni1": 2e-4, "Poni2": -1e-4}):
            moved = self.check(change)
            self.assertEqual(moved["verdict"], "shifted", change)
            for key, poni in (("distance_m", "Distance"), ("poni1_m", "Poni1"), ("poni2_m", "Poni2")):
                # What is to be added takes the change back; the image is the same, so most of the error is common.
                found = moved[key] - held[key]
                self.assertLess(abs(found + change.get(poni, 0)), 3 * held[f"{key}_sigma"], (change, key))


if __name__ == "__main__":
    unittest.main()
