"""Geometries against the pyFAI that is installed: FIT2D's parameters there and back, .poni files and pyFAI-integrate's JSON as pyFAI writes them."""

import json
import math
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from sqd_testing import BINARY, skip, station, temporary  # noqa: E402

import numpy as np  # noqa: E402

try:
    import pyFAI
    from pyFAI.azimuthalIntegrator import AzimuthalIntegrator
    from pyFAI.detectors import Detector
    from pyFAI.io.ponifile import PoniFile
except ImportError:
    skip("no pyFAI")

SIDE, PIXEL, WAVELENGTH = 256, 75e-6, 1.809988298e-11
PARAMETERS = {"distance_m": "dist", "poni1_m": "poni1", "poni2_m": "poni2", "rot1_rad": "rot1", "rot2_rad": "rot2", "rot3_rad": "rot3"}
TOLERANCE = 1e-9
# nothing but I(q): the detector sees another range each time
REPLACE = {"integration:\n  npt: 348                          # 0.025 1/A per point, as wide as a pixel\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]\n": "",
           "structure_factor: {normalization: kmn, q_min_invA: 0.5, q_max_invA: 8.9}": "structure_factor: none",
           "fsdp: {on: sq, window_invA: [2.2, 3.1], model: split_pseudo_voigt}": "fsdp: none",
           "pair_distribution: {q_max_invA: 8.9, window: lorch, r_max_A: 20, r_step_A: 0.02}": "pair_distribution: none"}


def random_integrators(count, seed):
    """pyFAI's integrators set by FIT2D's parameters, and these."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        fit2d = {"directDist": generator.uniform(60, 400), "centerX": generator.uniform(-50, 300), "centerY": generator.uniform(-50, 300),
                 "tilt": generator.uniform(0.1, 30), "tiltPlanRotation": generator.uniform(-180, 180)}
        peer = AzimuthalIntegrator(detector=Detector(PIXEL, PIXEL, max_shape=(SIDE, SIDE)), wavelength=WAVELENGTH)
        peer.setFit2D(**fit2d)
        yield peer, fit2d


def rot3_of_a_pure_tilt(fit2d):
    """pyFAI 0.21 has another root under it; what later ones compute."""
    t, a = math.radians(fit2d["tilt"]), math.radians(fit2d["tiltPlanRotation"])
    return math.asin(math.sin(a) * math.cos(a) * (math.cos(t) - 1) / math.sqrt(1 - (math.sin(a) * math.sin(t)) ** 2))


class Geometries(unittest.TestCase):
    def check(self, directory, geometry):
        config = station("simulated", directory, replace=REPLACE)
        text = config.read_text()
        line = next(line for line in text.split("\n") if line.startswith("geometry:"))
        config.write_text(text.replace(line, f"geometry: {geometry}"))
        done = subprocess.run([BINARY, "check", "--json", str(config)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def expect_parameters(self, said, peer, names=PARAMETERS):
        for ours, theirs in names.items():
            self.assertAlmostEqual(said["geometry"][ours], getattr(peer, theirs), delta=TOLERANCE, msg=ours)

    def test_fit2d_parameters_are_those_of_pyfai(self):
        for peer, fit2d in random_integrators(40, 1):
            with temporary() as directory, self.subTest(fit2d):
                said = self.check(directory, "{fit2d: {distance_mm: %r, center_x_px: %r, center_y_px: %r, tilt_deg: %r, tilt_plan_rotation_deg: %r}}"
                                  % tuple(float(v) for v in fit2d.values()))
                self.expect_parameters(said, peer, {k: v for k, v in PARAMETERS.items() if v != "rot3"})
                self.assertAlmostEqual(said["geometry"]["rot3_rad"], rot3_of_a_pure_tilt(fit2d), delta=TOLERANCE)
                if hasattr(pyFAI, "geometry") and hasattr(pyFAI.geometry, "fit2d"):
                    self.assertAlmostEqual(said["geometry"]["rot3_rad"], peer.rot3, delta=TOLERANCE)
                # the corner that is farthest from the beam, of all pixels of pyFAI
                reach = float(peer.array_from_unit(unit="q_A^-1", typ="corner")[..., 0].max())
                self.assertAlmostEqual(said["reach_invA"][1] / reach, 1, delta=1e-5)  # pyFAI's corners are single precision

    def test_the_beam_that_check_tells_is_pyfai_s(self):
        generator = np.random.default_rng(2)
        for peer, _ in random_integrators(20, 3):
            peer.rot3 = generator.uniform(-3, 3)
            with temporary() as directory:
                peer.save(f"{directory}/a.poni")
                said = self.check(directory, "{poni: a.poni}")
                self.expect_parameters(said, peer)
                theirs, ours = peer.getFit2D(), said["geometry"]["beam"]
                for name, key in (("distance_mm", "directDist"), ("column", "centerX"), ("row", "centerY"), ("tilt_deg", "tilt"),
                                  ("tilt_plan_rotation_deg", "tiltPlanRotation")):
                    self.assertAlmostEqual(ours[name] / theirs[key], 1, delta=TOLERANCE, msg=name)

    def test_a_poni_and_its_json_flat_or_nested_are_one_geometry(self):
        peer, _ = next(iter(random_integrators(1, 4)))
        geometry = dict(PoniFile(data=peer).as_dict())
        settings = {"application": "pyfai-integrate", "nbpt_rad": 100, "do_mask": False, "mask_file": "a.edf", "unit": "2th_deg"}
        with temporary() as directory:
            folder = pathlib.Path(directory)
            peer.save(str(folder / "a.poni"))
            (folder / "flat.json").write_text(json.dumps({**settings, **geometry, "version": 3}, indent=1))
            (folder / "nested.json").write_text(json.dumps({**settings, "poni": geometry, "version": 4}))
            by_poni = self.check(directory, "{poni: a.poni}")
            self.assertEqual(by_poni["warnings"], [])
            for name in ("flat.json", "nested.json"):
                said = self.check(directory, f"{{poni: {name}}}")
                self.assertEqual({**said["geometry"], "source": ""}, {**by_poni["geometry"], "source": ""})
                self.assertIn("also says nbpt_rad, unit: not used", " ".join(said["warnings"]))

    def test_a_second_calibration_appended_to_a_poni_wins(self):
        peers = [peer for peer, _ in random_integrators(2, 5)]
        with temporary() as directory:
            for peer in peers:
                peer.save(f"{directory}/a.poni")  # pyFAI appends
            self.expect_parameters(self.check(directory, "{poni: a.poni}"), peers[-1])


if __name__ == "__main__":
    unittest.main()
