"""`sqd reduce` on patterns with something wrong: each is told in a flag or refused in words, no bin becomes a zero, nothing crashes."""

import json
import pathlib
import re
import subprocess
import unittest

import numpy as np

from sqd_testing import BINARY, temporary

CONFIG = """instance: glass
source: {{kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}}
geometry: {{poni: d.poni}}
beam: {{energy_keV: 30.0}}
integration: {{npt: 1200, radial_range: [0.5, 12.0], sensor_efficiency: false}}
sample: {{composition: {composition}, density_g_cm3: 6.0}}
background: {{use: none}}
structure_factor: {{q_min_invA: 0.6, q_max_invA: 11.9, anomalous: false}}
fsdp: {{window_invA: [{window}]}}
pair_distribution: {{q_max_invA: 11.9, r_max_A: 10}}
"""


def glass():
    """Something with a peak at 2.6 on a slope: 1150 points with Poisson's errors."""
    q = np.linspace(0.505, 11.995, 1150)
    s = 1 + 2 * np.exp(-((q - 2.6) / 0.25) ** 2) - 0.9 * np.exp(-((q / 1.6) ** 4)) + 0.2 * np.cos(2.6 * q) * np.exp(-0.2 * q) * (q > 3.4)
    intensity = 1000 * np.exp(-((q / 8) ** 2)) * s + 100
    return np.c_[q, intensity, np.sqrt(intensity)]


class BadPatterns(unittest.TestCase):
    def reduce(self, data, composition="Zr46.8Ti8.2Cu7.5Ni10Be27.5", window="2.0, 3.2", background=None, options=()):
        with temporary() as name:
            folder = pathlib.Path(name)
            (folder / "d.poni").write_text(
                "poni_version: 2\nDetector: Eiger4M\nDetector_config: {}\nDistance: 0.1\nPoni1: 0.08\nPoni2: 0.077\nRot1: 0\nRot2: 0\nRot3: 0\n")
            (folder / "c.yaml").write_text(CONFIG.format(composition=composition, window=window))
            np.savetxt(folder / "s.xye", data)
            extra = []
            if background is not None:
                np.savetxt(folder / "b.xye", background)
                extra = ["--background", folder / "b.xye", "--scale", "1"]
            done = subprocess.run([BINARY, "reduce", folder / "s.xye", "-c", folder / "c.yaml", "--unit", "q_A^-1", "--json", *extra, *options],
                                  capture_output=True, text=True)
            return done, json.loads(done.stdout) if done.returncode == 0 else None

    def test_a_sound_one_has_no_fault(self):
        done, out = self.reduce(glass())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse([f for f in out["flags"] if re.match("negative|q_gap|q_max|q_min|fsdp_failed", f)], out["flags"])
        self.assertAlmostEqual(out["fsdp"]["values"]["q1"], 2.6, delta=0.1)

    def test_bins_that_are_not_numbers_are_left_out(self):
        data = glass()
        data[100:103, 1] = np.nan
        data[700, 1] = np.nan
        done, out = self.reduce(data)
        self.assertEqual(done.returncode, 0, done.stderr)
        _, sound = self.reduce(glass())
        self.assertEqual(len(out["sq"]["arrays"]["q"]), len(sound["sq"]["arrays"]["q"]) - 4)
        self.assertFalse(np.any(np.array(out["sq"]["arrays"]["S"], float) == 0))
        self.assertAlmostEqual(out["fsdp"]["values"]["q1"], sound["fsdp"]["values"]["q1"], delta=5e-4)

    def test_too_much_background_is_told(self):
        background = glass()
        background[:, 1] = 400
        done, out = self.reduce(glass(), background=background)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(any(f.startswith("negative_intensity:") for f in out["flags"]), out["flags"])

    def test_a_gap_is_told(self):
        data = glass()
        done, out = self.reduce(data[(data[:, 0] < 4) | (data[:, 0] > 5)])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(any(re.fullmatch(r"q_gap:(3.99|4.00)-5.0[01]", f) for f in out["flags"]), out["flags"])

    def test_a_range_beyond_the_data_is_told(self):
        data = glass()
        done, out = self.reduce(data[data[:, 0] < 8])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(any(f.startswith("q_max_beyond_data:7.9") for f in out["flags"]), out["flags"])
        self.assertLess(out["sq"]["values"]["q_max"], 8)

    def test_a_window_without_a_peak_has_none(self):
        done, out = self.reduce(glass(), window="7.0, 8.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(any(f.startswith("fsdp_failed:") for f in out["flags"]) or out["fsdp"]["values"]["height"] > 0, out["flags"])
        flat = glass()
        flat[:, 1] = 500 - 20 * flat[:, 0]
        done, out = self.reduce(flat)
        self.assertTrue(any(f.startswith("fsdp_failed:") for f in out["flags"]), out["flags"])
        self.assertNotIn("fsdp", out)

    def test_nothing_but_nothing_is_refused(self):
        data = glass()
        data[:, 1] = np.nan
        done, out = self.reduce(data)
        self.assertTrue(done.returncode == 65 or any("empty_range" in f for f in out["flags"]), done.stderr)
        done, _ = self.reduce(np.zeros((0, 3)))
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertNotIn("terminate", done.stderr)

    def test_an_element_that_does_not_exist_is_named(self):
        done, _ = self.reduce(glass(), composition="Zr50Xx50")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("Xx", done.stderr)
        self.assertIn("composition", done.stderr)


if __name__ == "__main__":
    unittest.main()
