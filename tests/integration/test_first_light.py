"""From a detector's messages to S(q), q1 and the archive, on the small simulated detector: accounting, truth, wire, file."""

import json
import pathlib
import subprocess
import unittest

import h5py
import numpy as np

from sqd_testing import BINARY, SMALL, Daemon, Process, check_durable, check_header, set_source, station, temporary

BACKGROUND, POINTS, GRID = 60, 200, "10x20"


def run_simulation(directory, config, *options):
    """The simulator at a port of its own and a daemon that listens to it; returns both, started."""
    detector = Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, *options)
    set_source(config, detector.wait_line("endpoint "))
    return detector


class FirstLight(unittest.TestCase):
    def measure(self, directory, *options, changes=None):
        config = station("simulated", directory, replace=changes or {})
        truth = pathlib.Path(directory) / "truth"
        scans = f"background:{BACKGROUND},sample:{POINTS}"
        with run_simulation(directory, config, "--scans", scans, "--grid", GRID, "--rate", 200, "--exposure", 0.01, "--truth", truth, "--seed", 11, *options) as detector:
            with Daemon(config) as daemon:
                final = daemon.wait_final("fsdp", 2)
                pattern = daemon.wait_final("pattern", 2)
                background = daemon.wait_final("pattern", 1)
                self.assertEqual(daemon.stop(), 0)
                messages = list(daemon.messages)
            self.assertEqual(detector.finish(), 0)
        return config, truth, json.loads((truth / "truth.json").read_text()), final, pattern, background, messages

    def test_a_map_becomes_q1_with_an_honest_error(self):
        with temporary() as directory:
            config, truth, told, (header, arrays), (pattern_header, pattern), (background_header, _), messages = self.measure(directory)
            for each in (header, pattern_header, background_header):
                check_header(each)
                check_durable(each)
                self.assertEqual(each["state"], "final")
            sample = next(s for s in told["scans"] if s["role"] == "sample")
            self.assertEqual(background_header["frames"]["used"], BACKGROUND)
            self.assertEqual(header["frames"]["received"], POINTS)
            self.assertEqual(header["frames"]["missing"], 0)
            self.assertEqual(header["frames"]["used"], sample["on_sample_frames"])
            self.assertEqual(header["frames"]["rejected_by"], {"off_sample": POINTS - sample["on_sample_frames"]})
            self.assertEqual(header["provenance"]["background"], background_header["scan"]["uid"])

            # The same reduction of the noise-free expected image. 5 sigma: one in a million by chance, and the seed is fixed.
            expected = json.loads(subprocess.run(
                [BINARY, "reduce", truth / "expected_sample.npy", "--background", truth / "expected_background.npy", "-c", config, "--json", "--exposure", "0.01",
                 "--frames", str(sample["on_sample_frames"]), "--background-frames", str(BACKGROUND)], check=True, capture_output=True, text=True).stdout)
            for key in ("q1", "fwhm", "height"):
                sigma = header["values"][f"{key}_sigma"]
                self.assertGreater(sigma, 0)
                self.assertLess(abs(header["values"][key] - expected["fsdp"]["values"][key]), 5 * sigma, key)
            # Bin by bin: the net pattern scatters about the expected one as its sigma says. 347 bins: chi2 / n within 1 +- 0.25 (3.3 sigma).
            net, sigma = pattern["net"], pattern["net_sigma"]
            true = np.array([np.nan if x is None else x for x in expected["pattern"]["arrays"]["net"]], float)
            good = np.isfinite(net) & np.isfinite(true) & (pattern["I"] * pattern["pixels"] > 0)
            self.assertGreater(good.sum(), 300)
            chi2 = np.mean(((net - true)[good] / sigma[good]) ** 2)
            self.assertGreater(chi2, 0.75)
            self.assertLess(chi2, 1.25)

            partial = [m for m in messages if m[0]["schema"].startswith("sqd.fsdp/") and m[0]["state"] == "partial"]
            for each, _ in partial:
                check_header(each)
                self.assertFalse(each["durable"])

            # The archive: opened by h5py, it holds what was published, bit for bit, and the reason of every point left out.
            path = next((pathlib.Path(directory) / "archive").glob("*_sample_*.nxs"))
            self.assertIn(header["scan"]["uid"], path.name)
            with h5py.File(path) as archive:
                np.testing.assert_array_equal(archive["entry/fsdp/data/fit"][()], arrays["fit"])
                np.testing.assert_array_equal(archive["entry/background_subtraction/data/I"][()], net)
                self.assertEqual(archive["entry/fsdp/parameters/q1"][()], header["values"]["q1"])
                reasons = archive["entry/frames/points/reason"].asstr()[()]
                self.assertEqual(sum(r == "off_sample" for r in reasons), POINTS - sample["on_sample_frames"])
                on = np.zeros(POINTS, bool)
                for first, last in sample["on_sample"]:
                    on[first:last + 1] = True
                kept = archive["entry/frames/points/number"][()][reasons == ""]
                np.testing.assert_array_equal(np.sort(kept), np.flatnonzero(on))
                entry = archive[archive.attrs["default"]]
                self.assertEqual(entry.attrs["NX_class"], "NXentry")

    @unittest.skipIf(SMALL, "with a sanitizer the sums leave the reduction no time")
    def test_the_first_q1_comes_while_frames_come(self):
        with temporary() as directory:
            *_, messages = self.measure(directory)
            kinds = [(m[0]["schema"].split("/")[0], m[0].get("state"), m[0]["scan"]["series_id"]) for m in messages if "scan" in m[0]]
            first = kinds.index(("sqd.fsdp", "partial", 2)) if ("sqd.fsdp", "partial", 2) in kinds else len(kinds)
            self.assertLess(first, kinds.index(("sqd.fsdp", "final", 2)))

    def pilatus(self, payload):
        with temporary() as directory:
            config = station("simulated", directory, replace={"kind: dectris_stream1": "kind: pilatus_stream\n  socket: sub"})
            with run_simulation(directory, config, "--scans", "sample:5", "--rate", 20, "--exposure", 0.05, "--payload", payload) as detector:
                with Daemon(config) as daemon:
                    header, arrays = daemon.wait_final("pattern", 1)
                    check_header(header)
                    self.assertEqual(header["frames"]["used"], 5)
                    self.assertIn("no_background", header["flags"])
                    self.assertFalse([m for m in daemon.messages if m[0]["schema"].startswith("sqd.sq/")])
                    self.assertIn("no_background", [a["name"] for a in daemon.ask("status")["alarms"]])
                    self.assertEqual(daemon.stop(), 0)
                self.assertEqual(detector.finish(), 0)
            return arrays["I"]

    def test_pilatus_shim_cbf_and_raw_carry_the_same_frames(self):
        # A CBF file says how long it was exposed (0.05 s), a raw image does not: its intensity is per frame.
        np.testing.assert_allclose(0.05 * self.pilatus("cbf"), self.pilatus("raw"), rtol=1e-12)

    def test_a_missing_end_and_a_poor_header_lose_nothing(self):
        for options, flag in ((("--no-end",), None), (("--header-detail", "basic"), None), (("--header-detail", "none"), "ended_by_silence")):
            with temporary() as directory:
                config = station("simulated", directory, replace={"connect: tcp://127.0.0.1:9999": "connect: tcp://127.0.0.1:9999\n  end_silence_s: 2"})
                with run_simulation(directory, config, "--scans", "sample:10", "--rate", 100, *options) as detector:
                    with Daemon(config) as daemon:
                        header, _ = daemon.wait_final("pattern", 1)
                        self.assertEqual(header["frames"]["used"], 10, options)
                        self.assertEqual(header["frames"]["missing"], 0, options)
                        self.assertEqual(daemon.stop(), 0)
                    self.assertEqual(detector.finish(), 0)


if __name__ == "__main__":
    unittest.main()
