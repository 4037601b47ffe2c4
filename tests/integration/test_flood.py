#!/usr/bin/env python3
"""A flood of connections to every door at once, while frames come: bounded in number, and neither a frame nor an archive is lost to it."""

import json
import pathlib
import re
import resource
import socket
import time
import unittest

import h5py
import zmq

from sqd_testing import Daemon, Process, SMALL, set_source, station, temporary

FRAMES, RATE = (1800, 300) if not SMALL else (300, 30)
EACH = 400  # connections to each door: more than are let in
MOST = {"results": 256, "control": 256, "tap": 64, "web": 64}  # daemon/README.md
AT_ONCE, PER_S, WINDOW = 5000, 500, 2  # requests that control answers, and how many are under way: daemon/README.md
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + bytes(1) + bytes(31)


def ready(kind):
    """ZMTP's READY command of a socket of this kind."""
    body = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    return b"\x04" + bytes([len(body)]) + body


HELLO = {"results": GREETING + ready(b"SUB"), "control": GREETING + ready(b"DEALER"), "tap": GREETING + ready(b"SUB"), "web": b"GET / HT"}


def flood(doors, each):
    """So many connections to each, of which half say hello and the others nothing."""
    out = []
    for i in range(each):
        for name, endpoint in doors.items():
            one = socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])), timeout=5)
            if i % 2 == 0:
                try:
                    one.sendall(HELLO[name])
                except OSError:
                    pass  # cut off already
            out.append(one)
    return out


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def resident_MB(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Flood(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

    def write_config(self, directory, endpoint):
        config = station("simulated", directory)
        text = config.read_text().replace("web: {listen: none}", "web: {listen: 127.0.0.1:0}")
        config.write_text(re.sub(r"source:\n(  .*\n)+", f"source: {{kind: dectris_stream1, connect: '{endpoint}', tap: {{bind: 'tcp://127.0.0.1:0', socket: pub}}}}\n", text))
        return config

    def test_a_crowd_at_every_door(self):
        with temporary() as directory:
            config = station("simulated", directory)
            with Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", f"sample:{FRAMES}", "--rate", RATE, "--exposure", 0.002) as detector:
                config = self.write_config(directory, detector.wait_line("endpoint "))
                with Daemon(config, inside=["prlimit", "--nofile=256:4096"]) as daemon:
                    self.check(daemon, detector)
            with h5py.File(next((pathlib.Path(directory) / "archive").glob("*.nxs"))) as archive:
                self.assertEqual(int(archive["entry/frames/used"][()]), FRAMES)

    def check(self, daemon, detector):
        pid = daemon.process.pid
        doors = {name: daemon.wait_line(name + " ") for name in MOST}
        daemon.wait_status(lambda s: s["counters"]["frames_added"] > 0, "the first frames")
        before, files = resident_MB(pid), descriptors(pid)
        crowd, most = [], 0
        for _ in range(EACH // 50):
            crowd += flood(doors, 50)
            for one in crowd[-50 * len(doors):]:
                self.addCleanup(one.close)
            most = max(most, descriptors(pid) - files)
        self.assertLess(daemon.counters()["frames_added"], FRAMES, "the flood came too late")
        status = daemon.wait_status(lambda s: s["counters"]["connections_cut"] >= sum(EACH - MOST[name] for name in ("results", "control", "tap")) - 3
                                    and s["clients"]["results"] <= MOST["results"] and s["clients"]["control"] <= MOST["control"], "a crowd that is cut off")
        self.assertLessEqual({"crowd_results", "crowd_control", "crowd_tap"}, {alarm["name"] for alarm in status["alarms"]})
        grown, held = resident_MB(pid) - before, descriptors(pid) - files
        header = daemon.wait_final("pattern", 1)[0]
        self.assertEqual((header["state"], header["frames"]["used"], header["frames"]["missing"], header["durable"] or SMALL), ("final", FRAMES, 0, True))
        self.assertEqual(detector.finish(), 0)
        self.assertEqual(status["counters"]["lost_overload"], 0)
        print(f"{EACH} connections to each of {', '.join(MOST)}: {status['counters']['connections_cut']} cut off, {held} descriptors held, {most} at most, {grown:+.1f} MB; {header['frames']['used']} of {FRAMES} frames used")
        self.assertLess(held, sum(MOST.values()) + 40)
        if not SMALL:  # a sanitizer's own memory says nothing
            self.assertLess(grown, 60)
        for one in crowd:
            one.close()
        daemon.wait_status(lambda s: s["clients"]["results"] <= 2 and s["clients"]["control"] <= 2 and descriptors(pid) < files + 40, "all of them gone")
        daemon.wait_status(lambda s: s["counters"]["results_archived"] == 1, "the archive")
        daemon.wait_status(lambda s: not any(alarm["name"].startswith("crowd_") and alarm["active"] for alarm in s["alarms"]), "the end of the alarms")
        self.assertEqual(daemon.stop(), 0)

    def test_one_who_asks_without_end(self):
        """No more is answered than the bounds allow, nothing is left out, and who asks beside him has his turn."""
        asked = AT_ONCE + 2 * PER_S
        with temporary() as directory:
            with Daemon(station("simulated", directory)) as daemon, zmq.Context() as context:
                asker = context.socket(zmq.DEALER)
                asker.setsockopt(zmq.LINGER, 0)
                begin = time.monotonic()
                asker.connect(daemon.control_endpoint)
                answers = []
                for i in range(asked + WINDOW):
                    if i >= WINDOW:
                        self.assertTrue(asker.poll(60_000), f"no answer to the {len(answers)}th")
                        answers.append(json.loads(asker.recv())["id"])
                    if i < asked:
                        asker.send(b'{"id":%d,"command":"ping"}' % i)
                    if i == asked - PER_S:
                        daemon.ask("status")
                seconds = time.monotonic() - begin
                asker.close()
                self.assertEqual(answers, list(range(asked)))
                self.assertEqual(daemon.counters()["replies_dropped"], 0)
                self.assertEqual(daemon.stop(), 0)
        print(f"{asked} requests of one client answered in {seconds:.1f} s")
        self.assertLessEqual(asked, AT_ONCE + PER_S * seconds + 1)


if __name__ == "__main__":
    unittest.main()
