"""Recorded Eiger streams, played into a running daemon: every pixel, every frame accounted for, a missing end survived."""

import csv
import re
import unittest

from sqd_testing import DATA, ROOT, Daemon, Process, Sender, check_durable, check_header, recording, skip, temporary

if not (DATA / "streams/expected.tsv").exists():
    skip("recordings not found (set SQD_TEST_DATA to their folder)")


def expected(folder):
    """(series, frame) -> SHA-256 of the pixels, from the recordings' own table."""
    with open(DATA / "streams/expected.tsv") as table:
        return {(int(row["series"]), int(row["frame"])): row["sha256_of_little_endian_pixels"]
                for row in csv.DictReader(table, delimiter="\t") if row["item"].startswith(folder + "/")}


def write_config(directory, endpoint, detector, energy_keV, silence_s):
    """A plain configuration for a recording: pattern only, beam in the middle."""
    poni = f"{directory}/r.poni"
    with open(poni, "w") as out:
        out.write("poni_version: 2\nDetector: %s\nDetector_config: {}\nDistance: 0.1\nPoni1: 0.04\nPoni2: 0.039\nRot1: 0\nRot2: 0\nRot3: 0\n" % detector)
    path = f"{directory}/r.yaml"
    with open(path, "w") as out:
        out.write(f"""instance: recorded
source: {{kind: dectris_stream1, connect: "{endpoint}", end_silence_s: {silence_s}}}
detector: {{name: {detector}}}
geometry: {{poni: r.poni}}
beam: {{energy_keV: {energy_keV:.9f}, polarization_factor: 0.97}}
integration: {{npt: 200, unit: q_A^-1, radial_range: [0.1, 1.5]}}
background: {{use: none}}
structure_factor: none
fsdp: none
results: {{bind: "tcp://127.0.0.1:0"}}
control: {{bind: "tcp://127.0.0.1:0"}}
archive: {{directory: archive}}
web: {{listen: none}}
""")
    return path


def digests(path):
    with open(path) as table:
        return {(int(row["series"]), int(row["frame"])): row["sha256"] for row in csv.DictReader(table, delimiter="\t")}


class Recordings(unittest.TestCase):
    def test_maxiv_eiger1_without_end(self):
        with temporary() as directory, Sender() as sender:
            config = write_config(directory, sender.endpoint, "Eiger1M", 8.0, 1.5)
            with Daemon(config, "--pixel-sha256", f"{directory}/pixels.tsv") as daemon:
                for message in recording("maxiv_v1"):
                    sender.send(message)
                header, arrays = daemon.wait_final("pattern", 14)
                check_header(header)
                self.assertEqual(header["frames"]["received"], 9)
                self.assertEqual(header["frames"]["used"], 9)
                self.assertEqual(header["state"], "aborted")  # the detector promised 100000 images and went silent
                self.assertIn("ended_by_silence", header["flags"])
                check_durable(header)
                self.assertEqual(len(arrays["q"]), 200)
                self.assertEqual(daemon.stop(), 0)
            want = expected("maxiv_v1")
            self.assertEqual(len(want), 9)
            self.assertEqual(digests(f"{directory}/pixels.tsv"), want)

    def test_grimm_eiger2_two_series_of_bare_lz4(self):
        with temporary() as directory, Sender() as sender:
            config = write_config(directory, sender.endpoint, "Eiger2_1M", 12.39841984332 / 1.5418000685586377, 30)
            with Daemon(config, "--pixel-sha256", f"{directory}/pixels.tsv") as daemon:
                for message in recording("grimm_v1_lz4"):
                    sender.send(message)
                for series in (71, 72):
                    header, _ = daemon.wait_final("pattern", series)
                    check_header(header)
                    self.assertEqual(header["frames"]["used"], 10)
                    self.assertEqual(header["frames"]["missing"], 0)
                    self.assertEqual(header["state"], "final")
                self.assertEqual(daemon.stop(), 0)
            want = expected("grimm_v1_lz4")
            self.assertEqual(len(want), 20)
            self.assertEqual(digests(f"{directory}/pixels.tsv"), want)

    def test_the_simulator_plays_a_recording_byte_for_byte(self):
        with temporary() as directory:
            with Process("simulate", "--recording", DATA / "streams/maxiv_v1", "--bind", "tcp://127.0.0.1:0", "--wait", 30) as detector:
                endpoint = detector.wait_line("endpoint ")
                config = write_config(directory, endpoint, "Eiger1M", 8.0, 1.5)
                with Daemon(config, "--pixel-sha256", f"{directory}/pixels.tsv") as daemon:
                    daemon.wait_final("pattern", 14)
                    self.assertEqual(daemon.stop(), 0)
                self.assertEqual(detector.finish(), 0)
            self.assertEqual(digests(f"{directory}/pixels.tsv"), expected("maxiv_v1"))

    def test_truncated_blobs_are_refused_and_counted(self):
        with temporary() as directory, Sender() as sender:
            messages = recording("dranspose/eiger-small")  # header, 3 images, end; every blob cut at 20000 bytes, the mask's too
            energy = float(re.search(rb'"photon_energy": ?([0-9.]+)', messages[0][1]).group(1)) / 1000
            config = write_config(directory, sender.endpoint, "Eiger2CdTe_9M", energy, 30)
            with Daemon(config) as daemon:
                for message in messages:
                    sender.send(message)
                status = daemon.wait_status(lambda s: s["counters"]["messages"] == 5 and s["alarms"], "all messages, and the alarm")
                self.assertEqual(status["counters"]["bad_truncated"], 4)
                self.assertEqual(status["counters"]["frames_added"], 0)
                self.assertEqual([a["name"] for a in status["alarms"]], ["bad_message_truncated"])
                daemon.wait_status(lambda s: s["state"] == "ready", "ready")
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
