"""A wrong configuration ends the program with 78 and `file:line: key: problem (why) suggestion`, before any socket opens."""

import pathlib
import re
import subprocess
import unittest

from sqd_testing import BINARY, ROOT, station, temporary


class ConfigErrors(unittest.TestCase):
    def run_with(self, verb="run", **changes):
        with temporary() as directory:
            config = station("id13", directory, replace=changes)
            done = subprocess.run([BINARY, verb, "-c", str(config)] if verb == "run" else [BINARY, verb, str(config)], capture_output=True, text=True, timeout=120)
            return done, config

    def expect(self, key, problem, **changes):
        for verb in ("run", "check"):
            done, config = self.run_with(verb, **changes)
            self.assertEqual(done.returncode, 78, (verb, done.stdout, done.stderr))
            self.assertNotIn("ready", done.stdout)
            self.assertRegex(done.stderr, re.escape(str(config)) + r":\d+: " + re.escape(key) + r": .*" + problem)

    def test_unknown_key(self):
        self.expect("integration.radial_rnge", "unknown key.*radial_range", **{"radial_range: [": "radial_rnge: ["})

    def test_duplicate_key(self):
        self.expect("integration.npt", "duplicate", **{"  npt: 2300": "  npt: 100\n  npt: 2300"})

    def test_missing_poni(self):
        self.expect("geometry.poni", "nowhere.poni", **{str(ROOT) + "/config/id13.poni": "nowhere.poni"})

    def test_q_range_outside_the_detector(self):
        self.expect("integration.radial_range", r"7\.0", **{"radial_range: [0.1, 7.0]": "radial_range: [0.1, 12.0]"})

    def test_wavelength_that_contradicts_the_beam(self):
        done, _ = self.run_with("check", **{"energy_keV: 13.0": "energy_keV: 12.0"})
        self.assertEqual(done.returncode, 78)
        self.assertIn("12", done.stderr)
        self.assertIn("13", done.stderr)

    def test_a_file_that_is_not_there(self):
        done = subprocess.run([BINARY, "run", "-c", "/nowhere/x.yaml"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nowhere/x.yaml", done.stderr)

    def test_every_shipped_station_passes(self):
        for path in sorted((ROOT / "config").glob("*.yaml")):
            done = subprocess.run([BINARY, "check", str(path)], capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, (path, done.stderr))
            self.assertIn("masked", done.stdout)

    def test_usage_errors_are_64(self):
        self.assertEqual(subprocess.run([BINARY, "dance"], capture_output=True, timeout=60).returncode, 64)
        self.assertEqual(subprocess.run([BINARY], capture_output=True, timeout=60).returncode, 64)
        self.assertEqual(subprocess.run([BINARY, "--help"], capture_output=True, timeout=60).returncode, 0)


if __name__ == "__main__":
    unittest.main()
