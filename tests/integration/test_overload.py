#!/usr/bin/env python3
"""Frames that come while the machine sums none: what only adds to a result goes first (an alarm says so), then frames, by number; memory stays below its bound, and what is summed is right."""

import collections
import ctypes
import os
import pathlib
import time
import unittest

import h5py
import numpy as np

from sqd_testing import SMALL, Daemon, Sender, check_header, set_source, skip, station, temporary, v1_end, v1_header, v1_image
from test_flood import resident_MB

SHAPE, SERIES = (256, 256), 7
BEFORE, DURING = 10, 50  # frames; seven fill the queue
QUEUE_MB = 1
LONG_QUEUE_MB, LONG = 220, 1600  # frames that fill most of it
LIBC = ctypes.CDLL(None, use_errno=True)


class Held:
    """One thread of a child gets no core: a machine that is too slow, on any machine. It is held where it waits for work, and holds no lock itself."""

    SEIZE, INTERRUPT, CONT, DETACH, WALL = 0x4206, 0x4207, 7, 17, 0x40000000  # linux/ptrace.h

    def __init__(self, pid, name):
        self.task = next(task for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if (task / "comm").read_text().strip() == name)
        self.tid = int(self.task.name)

    def place(self):
        """In the kernel and in the program, where it sleeps; "running" where it does not."""
        words = (self.task / "syscall").read_text().split()
        return words[:1] + words[-2:]

    def trace(self, request):
        if LIBC.ptrace(ctypes.c_long(request), ctypes.c_long(self.tid), None, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def __enter__(self):
        usual = collections.Counter(str(self.place()) for _ in range(1000)).most_common(1)[0][0]
        try:
            self.trace(self.SEIZE)
        except PermissionError as error:
            skip(f"no thread may be held here ({error})")
        while True:
            self.trace(self.INTERRUPT)
            os.waitpid(self.tid, self.WALL)
            if str(self.place()) == usual:
                return
            self.trace(self.CONT)

    def __exit__(self, *_):
        self.trace(self.DETACH)


class Overload(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(20261126)
        self.flat = rng.poisson(20, SHAPE).astype("u2")
        self.mark = np.zeros(SHAPE, "u2")
        self.mark[100:110, 100:110] = 1

    def image(self, i):
        """Tells its number: i more counts in each marked pixel."""
        return self.flat + np.uint16(i) * self.mark

    def send(self, sender, first, count):
        for i in range(first, first + count):
            image = self.image(i)
            sender.send(v1_image(SERIES, i, image, encoding="<", payload=image.tobytes()))

    def test_frames_are_lost_by_number_after_all_that_is_extra(self):
        total = BEFORE + DURING
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory, replace={"source:\n": f"source:\n  max_image_MB: 1\n  queue_MB: {QUEUE_MB}\n"})
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                sender.send(v1_header(SERIES, SHAPE, nimages=total, photon_energy=68500.0, threshold_energy=20000.0))
                self.send(sender, 0, BEFORE)
                daemon.wait_status(lambda s: s["counters"]["frames_added"] == BEFORE, "the first frames")
                before = resident_MB(daemon.process.pid)
                with Held(daemon.process.pid, "processing"):
                    self.send(sender, BEFORE, DURING)
                    sender.send(v1_end(SERIES))
                    daemon.wait_status(lambda s: s["counters"]["lost_overload"] >= 2, "frames lost")
                    grown = resident_MB(daemon.process.pid) - before
                header, _ = daemon.wait_final("pattern", SERIES)
                status = daemon.wait_status(lambda s: s["counters"]["results_archived"] == 1, "the archive")
                lost = status["counters"]["lost_overload"]
                self.check_account(header, lost, total, status)
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])
            print(f"{lost} of {total} frames lost, memory grew by {grown:.1f} MB, {status['queue_high_water_bytes']} bytes waited at most")
            if not SMALL:  # a sanitizer's own memory says nothing
                self.assertLess(grown, 30)  # the queue, 64 messages in libzmq, and what else a status takes
            self.check_archive(next((pathlib.Path(directory) / "archive").glob("*.nxs")), lost, total)

    @unittest.skipIf(SMALL, "SKIPPED: a sanitizer keeps what is freed")
    def test_memory_goes_back_when_the_queue_was_long(self):
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory, replace={"source:\n": f"source:\n  max_image_MB: 1\n  queue_MB: {LONG_QUEUE_MB}\n"})
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                sender.send(v1_header(SERIES, SHAPE, nimages=LONG, photon_energy=68500.0, threshold_energy=20000.0))
                self.send(sender, 0, 1)
                daemon.wait_status(lambda s: s["counters"]["frames_added"] == 1, "the first frame")
                before = resident_MB(daemon.process.pid)
                with Held(daemon.process.pid, "processing"):
                    self.send(sender, 1, LONG - 1)
                    sender.send(v1_end(SERIES))
                    daemon.wait_status(lambda s: s["counters"]["images"] == LONG, "all frames in the queue")
                    full = resident_MB(daemon.process.pid) - before
                self.assertEqual(daemon.wait_final("pattern", SERIES)[0]["frames"]["used"], LONG)
                end = time.monotonic() + 60
                while (left := resident_MB(daemon.process.pid) - before) > full / 4 and time.monotonic() < end:
                    time.sleep(0.1)
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])
        print(f"{full:.0f} MB more while the queue was long, {left:.0f} MB after it")
        self.assertGreater(full, LONG_QUEUE_MB / 2)
        self.assertLess(left, full / 4)

    def check_account(self, header, lost, total, status):
        check_header(header)
        frames = header["frames"]
        self.assertEqual({key: frames[key] for key in ("expected", "received", "used", "rejected", "missing", "rejected_by")},
                         {"expected": total, "received": total, "used": total - lost, "rejected": lost, "missing": 0, "rejected_by": {"overload": lost}})
        self.assertEqual(status["counters"]["frames_added"], total - lost)
        self.assertLessEqual({"overload", "extras_left_out"}, {alarm["name"] for alarm in status["alarms"]})
        self.assertLessEqual(status["queue_high_water_bytes"], QUEUE_MB << 20)
        self.assertGreater(status["queue_high_water_bytes"], QUEUE_MB << 19)

    def check_archive(self, path, lost, total):
        """Each frame is either in the sums, with the counts that were sent under its number, or in the list of those that are not."""
        with h5py.File(path) as archive:
            frames = archive["entry/frames"]
            number, counts = frames["points/number"][()].astype(int), frames["points/bin_counts"][()].astype(int)
            reasons = frames["rejected_list/reason"].asstr()[()]
            left_out = frames["rejected_list/number"][()].astype(int)
        self.assertEqual(list(reasons), ["overload"] * lost)
        self.assertTrue(((left_out >= BEFORE) & (left_out < BEFORE + DURING)).all(), left_out)
        self.assertEqual(sorted([*number, *left_out]), list(range(total)))
        row = dict(zip(number, counts))
        mark = row[1] - row[0]
        self.assertGreater(mark.sum(), 50)
        for i, each in row.items():
            np.testing.assert_array_equal(each, row[0] + i * mark, f"frame {i}")


if __name__ == "__main__":
    unittest.main()
