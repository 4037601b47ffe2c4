"""camserver's files on a RAM disk into a running daemon: renamed or written slowly, torn, overwritten, deleted after use."""

import pathlib
import unittest

import fabio
import numpy as np

from sqd_testing import Daemon, check_header, station, temporary

SHAPE = (256, 256)


def image(seed):
    return np.random.default_rng(seed).poisson(3, SHAPE).astype(np.int32)


def cbf(pixels, exposure=0.5):
    """A CBF file with camserver's lines, as bytes."""
    header = f"# Detector: Simulated 256, S/N 1\r\n# Exposure_time {exposure:.7f} s\r\n# Count_cutoff 1000000 counts\r\n"
    with temporary() as folder:
        path = pathlib.Path(folder) / "x.cbf"
        fabio.cbfimage.CbfImage(data=pixels, header={"_array_data.header_contents": header}).write(str(path))
        return path.read_bytes()


class CbfFolder(unittest.TestCase):
    def setUp(self):
        self.directory = temporary()
        self.addCleanup(self.directory.cleanup)
        self.base = pathlib.Path(self.directory.name)
        self.ramdisk = self.base / "ramdisk"
        self.ramdisk.mkdir()
        self.series = 0

    def config(self, silence=1.0, more=""):
        source = f"kind: cbf_folder\n  directory: {self.ramdisk}\n  end_silence_s: {silence}\n  torn_retry_s: 0.5{more}\n"
        return station("simulated", self.base, replace={"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999\n": source})

    def drop(self, name, data):
        """As camserver does: written elsewhere, then renamed."""
        part = self.ramdisk / f".{name}.part"
        part.write_bytes(data)
        part.rename(self.ramdisk / name)

    def final(self, daemon):
        self.series += 1
        header, arrays = daemon.wait_final("pattern", self.series)
        check_header(header)
        return header, arrays

    def test_renamed_files_are_a_series_that_silence_ends(self):
        with Daemon(self.config()) as daemon:
            for n in range(4):
                self.drop(f"glass_{n:05d}.cbf", cbf(image(n)))
            header, _ = self.final(daemon)
            self.assertEqual(header["frames"]["used"], 4)
            self.assertEqual(header["frames"]["missing"], 0)
            self.assertNotIn("start_missed", header["flags"])
            self.assertNotIn("exposure_unknown", header["flags"])
            self.assertEqual(len(list(self.ramdisk.glob("*.cbf"))), 4)
            self.assertEqual(daemon.stop(), 0)

    def test_a_new_name_or_a_count_that_begins_again_is_the_next_series(self):
        with Daemon(self.config(silence=30)) as daemon:
            for taken, name in enumerate(("a_00000", "a_00001", "b_00005", "b_00006", "b_00007", "b_00005"), 1):
                self.drop(f"{name}.cbf", cbf(image(taken)))
                daemon.wait_status(lambda s: s["counters"]["images"] == taken, f"image {taken}")
            self.assertEqual(self.final(daemon)[0]["frames"]["used"], 2)
            header, _ = self.final(daemon)  # counted from 5, the number of its first file
            self.assertEqual((header["frames"]["used"], header["frames"]["missing"]), (3, 0))
            self.assertEqual(daemon.stop(), 0)

    def test_a_file_written_in_place_is_taken_when_it_is_whole_and_a_torn_one_is_counted(self):
        with Daemon(self.config(silence=3)) as daemon:
            whole = cbf(image(1))
            with open(self.ramdisk / "t_00000.cbf", "wb") as file:
                file.write(whole[: len(whole) // 2])
            with open(self.ramdisk / "t_00000.cbf", "ab") as file:  # closed half way, then completed
                file.write(whole[len(whole) // 2:])
            self.drop("t_00001.cbf", whole[: len(whole) // 2])  # and this one never
            self.drop("t_00002.cbf", whole)
            header, _ = self.final(daemon)
            self.assertEqual(header["frames"]["used"], 2)
            self.assertEqual(header["frames"]["missing_ranges"], [[1, 1]])
            self.assertEqual(daemon.counters()["bad_truncated"], 1)
            self.assertEqual(daemon.stop(), 0)

    def test_files_are_deleted_after_use_only_if_asked_and_only_if_whole(self):
        with Daemon(self.config(more="\n  delete_after_use: true")) as daemon:
            whole = cbf(image(1))
            spoiled = bytearray(whole)
            spoiled[whole.index(b"\x0c\x1a\x04\xd5") + 1000] ^= 1  # not what its MD5 says
            self.drop("d_00000.cbf", whole)
            self.drop("d_00001.cbf", bytes(spoiled))
            header, _ = self.final(daemon)
            self.assertEqual(header["frames"]["used"], 1)
            daemon.wait_status(lambda s: s["counters"]["bad_corrupt"] == 1, "the spoiled file is counted")
            self.assertEqual([p.name for p in self.ramdisk.glob("*.cbf")], ["d_00001.cbf"])
            self.assertEqual(daemon.stop(), 0)

    def test_what_is_there_before_is_not_taken(self):
        self.drop("old_00000.cbf", cbf(image(1)))
        with Daemon(self.config()) as daemon:
            self.drop("new_00000.cbf", cbf(image(2)))
            header, _ = self.final(daemon)
            self.assertEqual(header["frames"]["received"], 1)
            self.assertEqual(daemon.counters()["images"], 1)
            self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
