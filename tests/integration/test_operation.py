#!/usr/bin/env python3
"""The service as systemd and its operators meet it: signals, reading the configuration again, word to systemd, the rate of the log."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

import h5py
import numpy as np

from sqd_testing import BINARY, PATIENCE, SMALL, Daemon, Process, Sender, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
IMAGE = np.random.default_rng(5).poisson(20, SHAPE).astype("u4")


def send_series(sender, number):
    sender.send(v1_header(number, SHAPE))
    sender.send(v1_image(number, 0, IMAGE))
    sender.send(v1_end(number))


def final(daemon, series):
    return daemon.wait_final("pattern", series)[0]


def archived(directory, header):
    """The archive file of a scan."""
    return next(path for path in (pathlib.Path(directory) / "archive").glob("*.nxs") if header["scan"]["uid"] in path.name)


def archived_yaml(path):
    """The effective configuration that stands in an archive."""
    found = []

    def look(_, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "O" and item.shape == ():
            text = item[()].decode() if isinstance(item[()], bytes) else str(item[()])
            if text.startswith("instance:"):
                found.append(text)

    with h5py.File(path) as file:
        file.visititems(look)
    assert len(found) == 1, found
    return found[0]


class Reload(unittest.TestCase):
    def wait_reload(self, daemon, how_many):
        daemon.wait_status(lambda s: sum("reload: " in line for line in list(daemon.errors)) >= how_many, "the word of the reload")
        return [line for line in daemon.errors if "reload: " in line][how_many - 1]

    def test_hangup(self):
        """Good: from the next series on, in provenance and archive. Needs a restart: named. Wrong: an alarm, and everything stays."""
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            original = config.read_text()
            with Daemon(config) as daemon:
                before = daemon.ask("config")
                self.assertEqual(hashlib.sha256(before["yaml"].encode()).hexdigest(), before["sha256"])
                sender.send(v1_header(1, SHAPE, nimages=10))
                for i in range(2):
                    sender.send(v1_image(1, i, IMAGE))
                daemon.wait_status(lambda s: s.get("frames", {}).get("received") == 2, "two frames")

                changed = original.replace("window_invA: [2.2, 3.1]", "window_invA: [2.1, 3.2]")
                self.assertNotEqual(changed, original)
                config.write_text(changed)
                daemon.process.send_signal(signal.SIGHUP)
                line = self.wait_reload(daemon, 1)
                self.assertIn("fsdp.window_invA", line)
                after = daemon.ask("config")
                self.assertNotEqual(after["sha256"], before["sha256"])
                self.assertEqual(hashlib.sha256(after["yaml"].encode()).hexdigest(), after["sha256"])
                self.assertIn("[2.1, 3.2]", after["yaml"])
                sender.send(v1_end(1))
                send_series(sender, 2)
                old, new = final(daemon, 1), final(daemon, 2)
                self.assertEqual(old["provenance"]["config_sha256"], before["sha256"])
                self.assertEqual(new["provenance"]["config_sha256"], after["sha256"])
                daemon.wait_status(lambda s: s["counters"]["results_archived"] == 2, "both in the archive")
                self.assertEqual(archived_yaml(archived(directory, old)), before["yaml"])
                self.assertEqual(archived_yaml(archived(directory, new)), after["yaml"])

                config.write_text(changed.replace("npt: 348", "npt: 300"))
                daemon.process.send_signal(signal.SIGHUP)
                self.assertIn("integration.npt", self.wait_reload(daemon, 2))
                self.assertEqual(daemon.ask("config")["sha256"], after["sha256"])
                self.assertIn("config", [alarm["name"] for alarm in daemon.ask("status")["alarms"]])

                config.write_text(changed.replace("npt: 348", "npts: 348"))
                daemon.process.send_signal(signal.SIGHUP)
                self.assertIn("npts", self.wait_reload(daemon, 3))
                send_series(sender, 3)
                self.assertEqual(final(daemon, 3)["provenance"]["config_sha256"], after["sha256"])

                config.write_text(original)
                daemon.process.send_signal(signal.SIGHUP)
                self.wait_reload(daemon, 4)
                self.assertEqual(daemon.ask("config")["sha256"], before["sha256"])
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])


class Stop(unittest.TestCase):
    def test_terminate_in_mid_series_saves_what_is_there(self):
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                sender.send(v1_header(1, SHAPE, nimages=100))
                for i in range(40):
                    sender.send(v1_image(1, i, IMAGE))
                daemon.wait_status(lambda s: s.get("frames", {}).get("received") == 40, "40 frames")
                daemon.process.send_signal(signal.SIGTERM)
                header = final(daemon, 1)
                self.assertEqual((header["state"], header["frames"]["used"], header["frames"]["missing"]), ("aborted", 40, 60))
                self.assertEqual(daemon.finish(), 0, daemon.errors[-5:])
                with h5py.File(archived(directory, header)) as file:
                    self.assertGreater(len(file), 0)

    def test_the_second_signal_ends_at_once(self):
        """A final that is hard to work out, and whoever asks twice does not wait for it."""
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with temporary() as directory, Sender() as sender:
                config = station("simulated", directory)
                config.write_text(config.read_text() + "uncertainty: {replicas: 10000}\n")
                set_source(config, sender.endpoint)
                with Daemon(config) as daemon:
                    daemon.ask("announce", role="background", name="air")
                    send_series(sender, 1)
                    final(daemon, 1)
                    sender.send(v1_header(2, SHAPE, nimages=100))
                    sender.send(v1_image(2, 0, IMAGE * 3))
                    daemon.wait_status(lambda s: s.get("frames", {}).get("received") == 1, "a frame")
                    daemon.process.send_signal(number)
                    daemon.wait_status(lambda s: any("stopping: finishing" in line for line in list(daemon.errors)), "the first one to be taken")
                    daemon.process.send_signal(number)
                    self.assertEqual(daemon.finish(), code, daemon.errors[-5:])
                    self.assertTrue(any("second time" in line for line in daemon.errors), daemon.errors[-5:])

    @unittest.skipIf(SMALL, "a sanitizer has its own word to write as the program ends, and waits for it")
    def test_nor_does_it_wait_for_a_log_that_nobody_takes(self):
        read, write = os.pipe()
        try:
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
            with temporary() as directory:
                command = [BINARY, "run", "-c", station("simulated", directory)]
                with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=write, text=True) as process:
                    while process.stdout.readline().strip() != "ready":
                        self.assertIsNone(process.poll())
                    os.set_blocking(write, False)  # what the service writes to as well: for this moment
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            os.write(write, b"x")
                    os.set_blocking(write, True)
                    while process.poll() is None:
                        process.send_signal(signal.SIGTERM)
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            process.wait(1)
                    self.assertEqual(process.returncode, 143)
        finally:
            os.close(read)
            os.close(write)


class Systemd(unittest.TestCase):
    def test_word_to_systemd(self):
        with temporary() as directory, Sender() as sender, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(f"{directory}/notify")
            systemd.settimeout(PATIENCE)
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            os.environ["NOTIFY_SOCKET"] = f"{directory}/notify"
            try:
                with Process("run", "-c", config) as process:
                    process.wait_line("ready")
                    words = []

                    def hear(wanted):
                        while wanted not in words:
                            words.extend(systemd.recv(4096).decode().split("\n"))

                    hear("READY=1")
                    hear("WATCHDOG=1")
                    self.assertNotIn("STOPPING=1", words)
                    process.process.send_signal(signal.SIGTERM)
                    hear("STOPPING=1")
                    self.assertEqual(process.finish(), 0, process.errors[-5:])
            finally:
                del os.environ["NOTIFY_SOCKET"]

    def test_lines_for_the_journal(self):
        """Where standard error is the journal's stream, lines begin with their priority and have no time; JOURNAL_STREAM alone makes no journal."""
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            for claimed in (True, False):
                log = pathlib.Path(directory) / f"log{claimed}"
                with open(log, "w") as stderr:
                    info = os.fstat(stderr.fileno())
                    stream = f"{info.st_dev}:{info.st_ino if claimed else info.st_ino + 1}"
                    process = subprocess.Popen([BINARY, "run", "-c", config], stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, "JOURNAL_STREAM": stream})
                    with process:
                        while process.stdout.readline() != "ready\n":
                            pass
                        process.send_signal(signal.SIGTERM)
                        self.assertEqual(process.wait(PATIENCE), 0)
                lines = log.read_text().splitlines()
                self.assertTrue(lines)
                for line in lines:
                    if claimed:
                        self.assertRegex(line, r"^<[2-7]>\S")
                    else:
                        self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[\d:.]+ \w+ \S")


class LogRate(unittest.TestCase):
    def test_a_flood_does_not_fill_the_log(self):
        """Thousands of series that begin and end at once: two lines each if nobody counted. What is left out is said, and sums up."""
        rounds = 3000
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                for number in range(1, rounds + 1):
                    sender.send(v1_header(number, SHAPE))
                    sender.send(v1_end(number))
                    sender.send([b"{nonsense %d" % number])
                daemon.wait_status(lambda s: s["counters"]["series_finished"] == rounds and s["counters"]["bad_malformed"] == rounds, "the end of the flood")
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])
                ours = [line for line in daemon.errors if "series" in line]
                left_out = sum(int(m[1]) for line in daemon.errors if (m := re.search(r" (\d+) lines left out like: ", line)))
                print(f"{2 * rounds} lines of {rounds} series: {len(daemon.errors)} written, {left_out} left out")
                self.assertLess(len(daemon.errors), 400)
                written = sum("lines left out" not in line and re.search(r"series \d+ (started|ended)", line) is not None for line in ours)
                self.assertGreaterEqual(written + left_out, 2 * rounds)


if __name__ == "__main__":
    unittest.main()
