"""A simulator that repeats prepared frames: what the daemon archives is what the truth says was drawn, frame by frame and bin by bin."""

import json
import pathlib
import unittest

import h5py
import numpy as np

from sqd_testing import Daemon, Process, check_header, set_source, station, temporary

BACKGROUND, POINTS, GRID, PREPARED = 40, 200, "10x20", 7


def shown(scan):
    """Whose counts each frame shows, as truth.json says it."""
    drawn, on = scan.get("drawn"), np.zeros(scan["frames"], bool)
    if drawn is None:
        return np.arange(scan["frames"])
    for first, last in scan["on_sample"]:
        on[first:last + 1] = True
    numbers = np.empty(scan["frames"], int)
    for kind, mask in (("on_sample", on), ("off_sample", ~on)):
        if mask.any():
            assert all(series == scan["series_id"] for series, _ in drawn[kind]), "the first of its role draws what it shows"
            numbers[mask] = np.resize([frame for _, frame in drawn[kind]], mask.sum())
    return numbers


class Prepared(unittest.TestCase):
    def archived(self, kind, encoding, *options):
        """Counts by frame and bin of the two series' archives, and their truth."""
        with temporary() as directory:
            config = station("simulated", directory, replace={"kind: dectris_stream1": f"kind: {kind}"})
            truth = pathlib.Path(directory) / "truth"
            with Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", f"background:{BACKGROUND},sample:{POINTS}", "--grid",
                         GRID, "--exposure", 0.01, "--seed", 5, "--truth", truth, *encoding, *options) as detector:
                set_source(config, detector.wait_line("endpoint "))
                with Daemon(config) as daemon:
                    for series, frames in ((1, BACKGROUND), (2, POINTS)):
                        header, _ = daemon.wait_final("pattern", series)
                        check_header(header)
                        self.assertEqual(header["frames"]["received"], frames)
                        self.assertEqual(header["frames"]["missing"], 0)
                    self.assertEqual(daemon.stop(), 0)
                self.assertEqual(detector.finish(), 0)
            counts = {}
            for role in ("background", "sample"):
                with h5py.File(next((pathlib.Path(directory) / "archive").glob(f"*_{role}_*.nxs"))) as archive:
                    points = archive["entry/frames/points"]
                    counts[role] = points["bin_counts"][()][np.argsort(points["number"][()])]
            return counts, {scan["role"]: scan for scan in json.loads((truth / "truth.json").read_text())["scans"]}

    def check(self, kind, *encoding):
        fresh, told = self.archived(kind, encoding, "--rate", 0)
        self.assertNotIn("drawn", told["sample"])
        for rate in (0, 500):
            repeated, scans = self.archived(kind, encoding, "--rate", rate, "--prepared", PREPARED)
            for role, scan in scans.items():
                numbers = shown(scan)
                self.assertEqual(len(set(numbers)), PREPARED * (2 if role == "sample" else 1))
                np.testing.assert_array_equal(repeated[role], fresh[role][numbers])
                self.assertTrue((np.delete(fresh[role], numbers[0], 0) != fresh[role][numbers[0]]).any(1).all(), "frames differ")

    def test_stream_1(self):
        self.check("dectris_stream1")

    def test_stream_2(self):
        self.check("dectris_stream2", "--encoding", "bs16-lz4<")


if __name__ == "__main__":
    unittest.main()
