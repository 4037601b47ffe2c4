"""Clients that stall, vanish, never read or talk nonsense, while frames come: none is lost, and memory stays where it was."""

import json
import pathlib
import re
import socket
import time

import zmq

from books import Seen, read_archive, violations
from kills import Life, Listener, configured
from sqd_testing import Process, set_source, temporary

FRAMES, SERIES, RATE = 1500, 4, 200
ALLOWED_MB = 160  # what all of them together may cost: send buffers of the sockets, once


def resident_MB(pid, key="VmRSS"):
    return int(re.search(rf"{key}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def port_of(endpoint):
    return "127.0.0.1", int(endpoint.rsplit(":", 1)[1])


class Crowd:
    def __init__(self, results, control):
        self.results, self.control = results, control
        self.context = zmq.Context()
        self.kept = []

    def stalled_subscribers(self, count):
        """They connect, subscribe to all, and never read."""
        for _ in range(count):
            subscriber = self.context.socket(zmq.SUB)
            subscriber.setsockopt(zmq.RCVHWM, 1)
            subscriber.setsockopt(zmq.RCVBUF, 4096)
            subscriber.subscribe(b"")
            subscriber.connect(self.results)
            self.kept.append(subscriber)

    def vanishing_subscriber(self):
        context = zmq.Context()
        subscriber = context.socket(zmq.SUB)
        subscriber.subscribe(b"")
        subscriber.connect(self.results)
        subscriber.poll(20)
        subscriber.close(0)
        context.term()

    def viewer_that_never_reads(self):
        """Asks for every snapshot and takes none."""
        dealer = self.context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.RCVHWM, 1)
        dealer.setsockopt(zmq.RCVBUF, 4096)
        dealer.setsockopt(zmq.SNDTIMEO, 0)
        dealer.connect(self.control)
        self.kept.append(dealer)
        return dealer

    def noise(self, megabytes):
        """Bytes that are no ZeroMQ, and a message larger than is taken."""
        for endpoint in (self.results, self.control):
            try:
                with socket.create_connection(port_of(endpoint), timeout=5) as raw:
                    raw.sendall(b"\x00\xff GET / HTTP/1.0\r\n" * 1000)
            except OSError:
                pass  # cut off, as it should be
        dealer = self.context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.connect(self.control)
        dealer.send(b"x" * (megabytes << 20))
        dealer.poll(300)
        dealer.close(0)

    def close(self):
        for each in self.kept:
            each.close(0)
        self.context.term()


def run(seed, say=print):
    seen, wrong = Seen(), []
    with temporary() as directory:
        config = configured(directory)
        archive = pathlib.Path(directory) / "archive"
        detector = Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", ",".join([f"sample:{FRAMES}"] * SERIES), "--rate", RATE, "--prepared", 16,
                           "--exposure", 0.005, "--seed", seed)
        with detector:
            set_source(config, detector.wait_line("endpoint "))
            with Life(config) as life:
                life.wait_line("ready")
                results, control = life.wait_line("results "), life.wait_line("control ")
                listener = Listener(results, seen)
                pid = life.process.pid
                time.sleep(4)
                before, fds = resident_MB(pid), descriptors(pid)
                crowd = Crowd(results, control)
                crowd.stalled_subscribers(20)
                viewer, asked, vanished, samples = crowd.viewer_that_never_reads(), 0, 0, []
                while detector.process.poll() is None:
                    if vanished < 100:
                        crowd.vanishing_subscriber()
                        vanished += 1
                    if vanished % 25 == 0:
                        crowd.noise(10)
                    try:
                        viewer.send(json.dumps({"id": asked, "command": "snapshot"}).encode())
                        asked += 1
                    except zmq.Again:
                        time.sleep(0.05)
                    samples.append(resident_MB(pid))
                end = time.monotonic() + 60
                while time.monotonic() < end and len(list(archive.glob("*.nxs"))) < SERIES:
                    time.sleep(0.1)
                after = descriptors(pid) - len(crowd.kept)
                crowd.close()
                life.process.terminate()
                code = life.finish()
                listener.stop()
        found, told = violations(archive, seen)
        wrong += found
        used = [read_archive(path)["frames"]["used"] for path in archive.glob("*.nxs")]
    grown, late = max(samples) - before, max(samples[len(samples) // 2:]) - max(samples[:len(samples) // 2])
    if used != [FRAMES] * SERIES:
        wrong.append(f"clients: {used} frames used of {SERIES} times {FRAMES}")
    if grown > ALLOWED_MB:
        wrong.append(f"clients: memory grew by {grown:.0f} MB")
    if code != 0:
        wrong.append(f"clients: the daemon ended with {code}")
    say(f"clients          20 stalled, {vanished} vanished, {asked} snapshots asked and not read, 10 MB of noise 5 times: {sum(used)} of {SERIES * FRAMES} frames used; memory {before:.0f} MB, "
        f"+{grown:.0f} at most, second half +{late:.0f}; descriptors {fds} before, {after} after")
    return wrong
