"""What finals find in the images of a map and of a calibrant, through the live service: hot pixels, crystals, odd points, a moved detector."""

import pathlib
import unittest

import h5py
import numpy as np

from sqd_testing import Daemon, Sender, expected_images, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
DETECTOR = {"photon_energy": 68500.0, "threshold_energy": 20000.0}
ROWS, COLS = 8, 8
OFF, EDGE = (0, 1), 2  # columns of the map
HIT = 5 * COLS + 4  # the point with a shower
SHOWER = 4.0  # where, 1/A
SEED = 20261129

WAVELENGTH, DISTANCE, PONI, PIXEL = 0.1809988298, 0.078, 0.004, 75e-6  # of config/simulated.poni; A and m
SILICON = 5.431179  # A, the lattice of NIST SRM 640e at 22.5 C


def q_of_pixels(distance, poni2=PONI):
    centre = (np.arange(256) + 0.5) * PIXEL
    r = np.hypot(centre[:, None] - PONI, centre[None, :] - poni2)
    return 4 * np.pi / WAVELENGTH * np.sin(np.arctan2(r, distance) / 2)


def silicon(distance, poni2=PONI, frames=4):
    """Mean counts of rings of silicon, all of one height, over each pixel's 5 x 5 points."""
    lines = sorted({h * h + k * k + l * l for h in range(9) for k in range(9) for l in range(9)
                    if h + k + l > 0 and (h % 2 == k % 2 == l % 2 == 1 or (h % 2 == k % 2 == l % 2 == 0 and (h + k + l) % 4 == 0))})
    steps = (np.arange(5) + 0.5) / 5 - 0.5
    image = np.zeros(SHAPE)
    for up in steps:
        for along in steps:
            centre = (np.arange(256) + 0.5) * PIXEL
            r = np.hypot(centre[:, None] + up * PIXEL - PONI, centre[None, :] + along * PIXEL - poni2)
            q = 4 * np.pi / WAVELENGTH * np.sin(np.arctan2(r, distance) / 2)
            image += sum(np.exp(-0.5 * ((q - 2 * np.pi / SILICON * n**0.5) / 0.02) ** 2) for n in lines if n < 60) / 25
    return np.random.default_rng(SEED).poisson(20 + 400 * image, (frames, *SHAPE)).astype(np.uint32)


def map_frames(air, glass, faults):
    """A map whose first columns miss the sample, with an edge; `faults` adds a hot pixel, a crystal and a shower."""
    random = np.random.default_rng(SEED)
    q = q_of_pixels(DISTANCE)
    shower = np.flatnonzero((np.abs(q - SHOWER) < 0.01) & (glass > 0))[:60]
    frames = []
    for number in range(ROWS * COLS):
        column = number % COLS
        mean = air if column in OFF else 0.3 * air + 0.7 * glass if column == EDGE else glass
        frame = random.poisson(mean).astype(np.uint32)
        if faults:
            frame[100, 150] += 4000
            if column not in OFF:
                frame[200:203, 90:93] += 400
            if number == HIT:
                frame.ravel()[shower] += 1000
        frames.append(frame)
    return frames


class Findings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("seed", SEED)
        cls.directory = temporary()
        cls.sender = Sender()
        # Bins narrow enough for lines to stand out from their neighbours.
        cls.config = station("simulated", cls.directory.name, replace={"npt: 348 ": "npt: 500 "})
        set_source(cls.config, cls.sender.endpoint)
        expected = expected_images(cls.config, pathlib.Path(cls.directory.name) / "truth")
        cls.air, cls.glass = (np.nan_to_num(expected[role]) for role in ("background", "sample"))
        cls.daemon = Daemon(cls.config)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.sender.close()
        cls.directory.cleanup()

    def play(self, series, images, **said):
        self.assertTrue(self.daemon.ask("announce", **said)["ok"])
        self.sender.send(v1_header(series, SHAPE, **DETECTOR, nimages=len(images)))
        for number, image in enumerate(images):
            self.sender.send(v1_image(series, number, image))
        self.sender.send(v1_end(series))
        return self.daemon.wait_final("pattern", series)

    def alarms(self):
        return {alarm["name"]: alarm["message"] for alarm in self.daemon.ask("status")["alarms"] if alarm["active"]}

    def archive(self, uid):
        """The scan's file; a program that a sanitizer slows down may publish before it is there."""
        def files():
            return list(pathlib.Path(self.directory.name, "archive").glob(f"*{uid}.nxs"))
        self.daemon.wait_status(lambda _: files(), f"the archive of {uid}")
        return files()[0]

    def test_1_a_map_with_faults_gives_the_numbers_of_one_without(self):
        random = np.random.default_rng(SEED + 1)
        self.play(1, [random.poisson(self.air).astype(np.uint32) for _ in range(20)], role="background", name="air")
        self.play(2, map_frames(self.air, self.glass, False), role="sample", name="clean", grid=[ROWS, COLS])
        clean, _ = self.daemon.wait_final("fsdp", 2)
        self.assertEqual(clean["frames"]["rejected_by"], {"off_sample": 16, "edge": 8})
        pattern, _ = self.daemon.wait_final("pattern", 2)
        self.assertEqual(pattern["findings"]["hot_pixels"]["found"], 0)
        self.assertEqual(pattern["findings"]["bragg_lines"], [])
        self.assertNotIn("bragg_lines", self.alarms())

        faulty, _ = self.play(3, map_frames(self.air, self.glass, True), role="sample", name="faulty", grid=[ROWS, COLS])
        self.assertEqual(faulty["frames"]["rejected_by"], {"off_sample": 16, "edge": 8, "spike": 1})
        hot = {tuple(pixel[:2]) for pixel in faulty["findings"]["hot_pixels"]["list"]}
        self.assertEqual(hot, {(100, 150)} | {(row, col) for row in range(200, 203) for col in range(90, 93)})
        spot = q_of_pixels(DISTANCE)[201, 91]
        lines = faulty["findings"]["bragg_lines"]
        self.assertTrue(any(abs(line["q"] - spot) < 0.05 for line in lines), (lines, spot))
        # The lonely hot pixel is none; the shower is in the sum of all images, and looks like one.
        self.assertTrue(all(min(abs(line["q"] - spot), abs(line["q"] - SHOWER)) < 0.1 for line in lines), (lines, spot))
        self.assertIn(f"{lines[0]['q']:.3f} 1/A", self.alarms()["bragg_lines"])

        peak, _ = self.daemon.wait_final("fsdp", 3)
        for key in ("q1", "fwhm"):
            # One frame of 40 less, and ten pixels: a quarter of a sigma is much.
            self.assertLess(abs(peak["values"][key] - clean["values"][key]), 0.5 * clean["values"][f"{key}_sigma"], key)
        with h5py.File(self.archive(faulty["scan"]["uid"])) as file:
            entry = file["entry"]
            self.assertEqual(set(zip(entry["findings/hot_pixels/row"][:], entry["findings/hot_pixels/col"][:])), hot)
            self.assertEqual(len(entry["findings/bragg_lines/q"]), len(lines))
            reasons = [reason.decode() for reason in entry["frames/points/reason"][:]]
            self.assertEqual(reasons[HIT], "spike")
            self.assertEqual([n for n, reason in enumerate(reasons) if reason == "edge"], [COLS * row + EDGE for row in range(ROWS)])

        self.play(4, map_frames(self.air, self.glass, False), role="sample", name="again", grid=[ROWS, COLS])
        self.assertNotIn("bragg_lines", self.alarms())

    def test_2_a_moved_detector_is_noticed_by_its_calibrant(self):
        held, _ = self.play(11, silicon(DISTANCE), role="calibrant", calibrant="Si", name="si")
        check = held["findings"]["calibration"]
        self.assertEqual((check["calibrant"], check["verdict"]), ("Si", "holds"), check)
        self.assertNotIn("calibration", self.alarms())

        moved, _ = self.play(12, silicon(DISTANCE + 3e-4, PONI + 5e-5), role="calibrant", calibrant="Si", name="si_moved")
        check = moved["findings"]["calibration"]
        self.assertEqual(check["verdict"], "shifted")
        for key, truth in (("distance_m", 3e-4), ("poni2_m", 5e-5), ("poni1_m", 0)):
            self.assertLess(abs(check[key] - truth), 4 * check[f"{key}_sigma"], key)
        self.assertIn("distance 0.3", self.alarms()["calibration"])
        with h5py.File(self.archive(moved["scan"]["uid"])) as file:
            group = file["entry/findings/calibration"]
            self.assertEqual(group["verdict"][()].decode(), "shifted")
            self.assertEqual(group["shift/distance"][()], check["distance_m"])
            self.assertEqual(group["rings/hkl"][0].decode(), "1 1 1")

        self.play(13, silicon(DISTANCE), role="calibrant", calibrant="Si", name="si_again")
        self.assertNotIn("calibration", self.alarms())

    def test_3_a_calibrant_that_is_not_known_is_refused_one_that_nobody_named_is_flagged(self):
        refused = self.daemon.ask("announce", role="calibrant", calibrant="salt")
        self.assertFalse(refused["ok"])
        self.assertIn("LaB6", refused["error"]["message"])
        unnamed, _ = self.play(21, silicon(DISTANCE, frames=1), role="calibrant", name="unnamed")
        self.assertIn("calibrant_unknown", unnamed["flags"])
        self.assertNotIn("calibration", unnamed["findings"])


if __name__ == "__main__":
    unittest.main()
