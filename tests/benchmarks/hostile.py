#!/usr/bin/python3
"""What clients that misbehave take from the rate of the whole daemon: real `sqd run`, real `sqd simulate --prepared`, Eiger 4M, as fast as it goes.

    hostile.py [--json FILE] [--pairs 4] [--window 1]

stalled     a subscriber to all results, at 10 Hz, that never reads
vanishing   subscribers that connect and are gone 20 ms later, 100 in all
viewer      asks for snapshot after snapshot on the control socket and reads none
noise       10 MB in one message to control, and bytes that are no ZeroMQ to both sockets, again and again
connecting  1000 connections to results and control, more than are let in

Each is done for a window of time, with a window of nothing before and behind it; ratio: frames per second within over the mean of both, the
median of so many pairs (`spread`: the least and the largest). The clients run on the same cores: `client_cores` is what they themselves take,
which no daemon can give back. One run of the daemon for all; memory is its resident set, first and most; the queue is small here and
full by intent, so that memory that grows is the clients'.
"""

import argparse
import json
import pathlib
import socket
import statistics
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("chaos", "integration")]

import zmq  # noqa: E402

from clients import Crowd, descriptors, port_of  # noqa: E402
from sqd_testing import Daemon, set_source, temporary  # noqa: E402
from whole_daemon import LONG, MOST_FRAMES, configured, drain, memory_MB, rounded, simulator  # noqa: E402

SERIES, WARM_UP_S, VANISHING, QUEUE_MB = 6, 2, 100, 320


class Misdeeds:
    """Each is called with the clients and an event, and ends some time after that is set."""

    def stalled(self, crowd, ended):
        crowd.stalled_subscribers(1)
        ended.wait()

    def vanishing(self, crowd, ended):
        while not ended.is_set() and self.vanished < VANISHING:
            crowd.vanishing_subscriber()
            self.vanished += 1

    def viewer(self, crowd, ended):
        viewer = crowd.viewer_that_never_reads()
        while not ended.is_set():
            try:
                viewer.send(b'{"id":1,"command":"snapshot"}')
            except zmq.Again:
                ended.wait(0.05)

    def noise(self, crowd, ended):
        while not ended.is_set():
            crowd.noise(10)

    def connecting(self, crowd, ended):
        held = []
        for endpoint in [crowd.results, crowd.control] * 500:
            if ended.is_set():
                break
            held.append(socket.create_connection(port_of(endpoint), timeout=LONG))
        ended.wait()
        for one in held:
            one.close()

    vanished = 0


class Rate:
    """Of frames, between two looks."""

    def __init__(self, daemon):
        self.daemon, self.memory, self.descriptors = daemon, [], []

    def look(self):
        drain(self.daemon)
        frames, now = self.daemon.counters()["frames_added"], time.monotonic()
        self.memory.append(memory_MB(self.daemon.process.pid))
        self.descriptors.append(descriptors(self.daemon.process.pid))
        return frames, now

    def of(self, seconds):
        frames, begin = self.look()
        time.sleep(seconds)
        more, end = self.look()
        return (more - frames) / (end - begin)


def disturbed(rate, misdeed, daemon, seconds):
    """Frames per second while it is done, and the cores that doing it took."""
    crowd, ended = Crowd(daemon.results_endpoint, daemon.control_endpoint), threading.Event()
    doer = threading.Thread(target=misdeed, args=(crowd, ended))
    begin, used = time.monotonic(), time.process_time()
    doer.start()
    try:
        within = rate.of(seconds)
        return within, (time.process_time() - used) / (time.monotonic() - begin)
    finally:
        ended.set()
        doer.join()
        crowd.close()


def measure(options):
    out, misdeeds = {}, Misdeeds()
    with temporary() as directory:
        config = configured(directory, rate_hz=10)
        config.write_text(config.read_text().replace("source:\n", f"source:\n  queue_MB: {QUEUE_MB}\n", 1))
        with simulator(config, ",".join([f"sample:{MOST_FRAMES}"] * SERIES), options, 0) as detector:
            set_source(config, detector.wait_line("endpoint ", LONG))
            with Daemon(config) as daemon:
                daemon.wait_status(lambda s: s["counters"]["frames_added"] > 0, "frames", LONG)
                rate = Rate(daemon)
                rate.of(WARM_UP_S)
                for name in ("stalled", "vanishing", "viewer", "noise", "connecting"):
                    rate.memory, rate.descriptors, pairs, quiet = [], [], [], [rate.of(options.window)]
                    misdeeds.vanished = 0
                    for _ in range(options.pairs):
                        within, cores = disturbed(rate, getattr(misdeeds, name), daemon, options.window)
                        quiet.append(rate.of(options.window))
                        pairs.append((within / statistics.mean(quiet[-2:]), within, cores))
                    ratios = [pair[0] for pair in pairs]
                    status = daemon.ask("status")
                    out[name] = {"ratio": statistics.median(ratios), "spread": [min(ratios), max(ratios)], "frames_per_s": statistics.median(p[1] for p in pairs),
                                 "undisturbed_per_s": statistics.median(quiet), "client_cores": statistics.median(p[2] for p in pairs),
                                 "memory_MB": [rate.memory[0], max(rate.memory)], "descriptors": [rate.descriptors[0], max(rate.descriptors)],
                                 "queue_high_water_MB": status["queue_high_water_bytes"] / 2**20,
                                 "lost": status["counters"]["lost_overload"] + status["counters"]["frames_rejected"]}
                    print(f"{name:12}", json.dumps(rounded(out[name])), file=sys.stderr)
                detector.process.kill()
                daemon.process.kill()  # what waits in the queue need not be summed
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--window", type=float, default=1)
    parser.add_argument("--prepared", type=int, default=32)
    options = parser.parse_args()
    out = measure(options)
    if options.json:
        options.json.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
