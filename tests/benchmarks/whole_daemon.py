#!/usr/bin/python3
"""The whole daemon on this machine: real `sqd run`, real `sqd simulate --prepared`, loopback TCP, one station (config/id13.yaml, Eiger 4M).

    whole_daemon.py [--json FILE] [--seconds 30] [--prepared 32] [--id13-rate 50] [--only NAME ...]

sustained   Frames as fast as the daemon takes them, for so many seconds. Rate: all frames, from the arrival of the first to the moment
            the last one is in the sums (asked for every 50 ms or oftener). Lost: what the archive's accounting calls missing or rejected, and what
            the simulator dropped. Memory: resident set of the daemon, sampled ten times a second; its slope is a straight line through the
            last two thirds. The counts of every frame are kept (4 bytes per bin), which is named beside it. CPU: user and system
            seconds of each program per second of the run. The queue in front of the workers fills (source.queue_MB) and stays full.
paced       The same at two thirds of that rate, by a detector that drops what its own queue cannot hold: nothing may be lost, no queue grows.
latency     50 frames per second, results at 10 Hz. Frames pass through this script, which notes when it has handed the last part of
            frame i to its socket; that is before the daemon can have its last byte. A result contains frame i when it says that more
            than i frames were received; it is there when its last message has arrived at this script's subscriber. Latency of a frame:
            from the one to the other, of the first result that contains it; all frames but those of the final result. Frames of the
            first second are told apart, as the first of them wait until the bins are worked out, once per start of the program. How
            long the daemon's threads waited for a core that others had is named: what they wait, results come later.
id13        background of 400 and map of 1800 frames at their own 50 Hz (--id13-rate): peak resident set (VmHWM) of the daemon. Points
            off the sample are rejected by the final and not lost.
start       from the start of the process to the first answer on the control socket; from the last byte of a series' header (flat field
            and mask, 36 MB, nothing else running) to the notice that it has started, which follows its bins.
subscribers, workers, frames   how cost grows: subscribers to the results, threads that sum, frames of one series.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import zmq  # noqa: E402

from sqd_testing import Daemon, Process, set_source, station, temporary, waited_for_cores  # noqa: E402

MOST_FRAMES = 19_900  # of a series: of more than 20 000 the daemon keeps no counts
TICKS = os.sysconf("SC_CLK_TCK")
LONG = 600  # seconds that no run takes


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_MB(pid, key="VmRSS"):
    return int(re.search(rf"{key}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Watch(threading.Thread):
    """Resident set and CPU time of processes, ten times a second."""

    def __init__(self, **processes):
        super().__init__(daemon=True)
        self.processes, self.samples, self.ended = processes, {name: [] for name in processes}, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.1):
            for name, pid in self.processes.items():
                try:
                    self.samples[name].append((time.monotonic(), memory_MB(pid), cpu_seconds(pid)))
                except (OSError, TypeError):
                    pass

    def between(self, name, begin, end):
        return np.array([s for s in self.samples[name] if begin <= s[0] <= end])


def configured(directory, **replace):
    path = station("id13", directory)
    text = path.read_text()
    for key, value in replace.items():
        text, found = re.subn(rf"{key}: [^,}}\s]+", f"{key}: {value}", text, count=1)
        assert found, key
    path.write_text(text)
    return path


def simulator(config, scans, options, rate, *more):
    return Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 120, "--scans", scans, "--rate", rate, "--prepared", options.prepared, *more)


def accounting(directory):
    """Sums over all archives of the frames' accounting."""
    total = {}
    for path in sorted((pathlib.Path(directory) / "archive").glob("*.nxs")):
        with h5py.File(path) as archive:
            for key in ("expected", "received", "used", "rejected", "missing", "duplicate"):
                total[key] = total.get(key, 0) + int(archive[f"entry/frames/{key}"][()])
    return total


class Subscribers(threading.Thread):
    """So many subscribers to all results, in one thread that throws away what it reads."""

    def __init__(self, endpoint, count):
        super().__init__(daemon=True)
        self.context, self.ended = zmq.Context(), threading.Event()
        self.sockets = []
        for _ in range(count):
            socket = self.context.socket(zmq.SUB)
            socket.subscribe(b"")
            socket.connect(endpoint)
            self.sockets.append(socket)
        self.start()

    def run(self):
        poller = zmq.Poller()
        for socket in self.sockets:
            poller.register(socket, zmq.POLLIN)
        while not self.ended.is_set():
            for socket, _ in poller.poll(200):
                while socket.poll(0):
                    socket.recv_multipart(copy=False)
        for socket in self.sockets:
            socket.close(0)
        self.context.term()


def drain(daemon):
    while daemon.subscriber.poll(0):
        daemon.subscriber.recv_multipart(copy=False)


def sustained(options, frames, subscribers=0, workers=None, rate=0, rate_hz=2):
    """Series of at most MOST_FRAMES frames, one after the other, as fast as they are taken."""
    series = -(-frames // MOST_FRAMES)
    each = frames // series
    with temporary() as directory:
        config = configured(directory, rate_hz=rate_hz)
        with simulator(config, ",".join([f"sample:{each}"] * series), options, rate) as detector:
            set_source(config, detector.wait_line("endpoint ", LONG))
            with Daemon(config, *(["--workers", workers] if workers else [])) as daemon:
                audience = Subscribers(daemon.results_endpoint, subscribers) if subscribers else None
                watch = Watch(daemon=daemon.process.pid, simulator=detector.process.pid)
                begin = done = None
                while done is None:
                    counters = daemon.counters()
                    now = time.monotonic()
                    if begin is None and counters["images"] > 0:
                        begin, already = now, counters["frames_added"]
                    if counters["frames_added"] + counters["frames_rejected"] + counters["lost_overload"] >= each * series:
                        done = now
                    assert daemon.process.poll() is None, daemon.errors[-5:]
                    drain(daemon)
                    time.sleep(0.05 if begin is not None and now - begin > 1 else 0.005)
                status = daemon.wait_status(lambda s: s["counters"]["results_archived"] >= series, "the last archive", LONG)
                watch.ended.set()
                peak = memory_MB(daemon.process.pid, "VmHWM")
                if audience:
                    audience.ended.set()
                    audience.join()
                assert daemon.stop() == 0
            assert detector.finish() == 0
        told = accounting(directory)
        dropped = sum(int(re.search(r"(\d+) dropped", line)[1]) for line in detector.lines if " dropped" in line)
    resident = watch.between("daemon", begin + (done - begin) / 3, done)
    used = {name: watch.between(name, begin, done) for name in ("daemon", "simulator")}
    shares = {name: float((s[-1, 2] - s[0, 2]) / (s[-1, 0] - s[0, 0])) if len(s) > 1 else None for name, s in used.items()}
    return {
        "frames": each * series, "seconds": done - begin, "frames_per_s": (each * series - already) / (done - begin),
        "lost": told["missing"] + told["rejected"] + dropped, "archived": told,
        "counters": {key: status["counters"][key] for key in ("lost_overload", "frames_rejected", "frames_added")},
        "queue_high_water_MB": status["queue_high_water_bytes"] / 2**20,
        "memory_MB": {"first": float(resident[0, 1]), "last": float(resident[-1, 1]), "peak": peak,
                      "slope_per_s": float(np.polyfit(resident[:, 0], resident[:, 1], 1)[0]) if len(resident) > 2 else None,
                      "kept_counts_per_s": (each * series) / (done - begin) * 2300 * 4 / 2**20},
        "cores_used": shares, "subscribers": subscribers, "workers": workers or os.cpu_count()}


class Relay(threading.Thread):
    """Passes the simulator's messages on to the daemon and notes when each had been handed over."""

    def __init__(self, source, sink_context):
        super().__init__(daemon=True)
        self.pull = sink_context.socket(zmq.PULL)
        self.pull.connect(source)
        self.push = sink_context.socket(zmq.PUSH)
        self.push.bind("tcp://127.0.0.1:0")
        self.endpoint = self.push.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")
        self.handed_over = []
        self.header_at = None

    def run(self):
        while True:
            parts = self.pull.recv_multipart(copy=False)
            first = json.loads(parts[0].bytes)
            self.push.send_multipart(parts, copy=False)
            now = time.monotonic()
            if first["htype"] == "dimage-1.0":
                self.handed_over.append(now)
            elif first["htype"] == "dheader-1.0":
                self.header_at = now
            else:
                return


def latency(options, seconds):
    frames = int(50 * seconds)
    context = zmq.Context()
    with temporary() as directory:
        config = configured(directory, rate_hz=10)
        with simulator(config, f"sample:{frames}", options, 50, "--exposure", 0.02) as detector:
            relay = Relay(detector.wait_line("endpoint ", LONG), context)
            set_source(config, relay.endpoint)
            with Daemon(config) as daemon:
                relay.start()
                results, started = {}, None  # result number -> frames in it, arrival of its last message
                while True:
                    assert daemon.subscriber.poll(60_000), "no result for a minute"
                    header = json.loads(daemon.subscriber.recv_multipart()[1])
                    now = time.monotonic()
                    if header["schema"].startswith("sqd.series/") and header["values"].get("event", header.get("event")) == "start":
                        started = now
                    if header.get("state") == "final":
                        break
                    if header.get("state") == "partial":
                        results[header["result"]] = (header["frames"]["received"], now)
                waited_s = waited_for_cores(daemon.process.pid)
                assert daemon.stop() == 0
            relay.join()
            assert detector.finish() == 0
    waited, first, result = [], [], iter(sorted(results.values()))
    contained, arrived = 0, 0.0
    for i, handed_over in enumerate(relay.handed_over):
        while contained <= i:
            contained, arrived = next(result, (None, None))
            if contained is None:
                break
        if contained is None:
            break
        (first if handed_over < relay.handed_over[0] + 1 else waited).append((arrived - handed_over) * 1e3)
    waited.sort()
    relay.pull.close(0)
    relay.push.close(0)
    context.term()
    return {"frames": len(waited), "results": len(results), "median_ms": statistics.median(waited), "p99_ms": waited[int(0.99 * (len(waited) - 1))], "largest_ms": waited[-1],
            "first_second_ms": max(first), "waited_for_cores": waited_s / seconds, "allowed_median_ms": 1000 / 10 / 2 + 50, "bins_ready_s": started - relay.header_at if started else None}


def id13(options):
    with temporary() as directory:
        config = configured(directory)
        with simulator(config, "background:400,sample:1800", options, options.id13_rate, "--exposure", 0.02, "--grid", "30x60") as detector:
            set_source(config, detector.wait_line("endpoint ", LONG))
            with Daemon(config) as daemon:
                while daemon.ask("status")["counters"]["results_archived"] < 2:
                    drain(daemon)
                    time.sleep(0.2)
                peak = memory_MB(daemon.process.pid, "VmHWM")
                used = cpu_seconds(daemon.process.pid)
                assert daemon.stop() == 0
            assert detector.finish() == 0
        told = accounting(directory)
    return {"rate_hz": options.id13_rate, "peak_MB": peak, "cpu_s": used, "archived": told, "lost": told["missing"]}


def start_up():
    answers = []
    with temporary() as directory:
        config = configured(directory)
        set_source(config, "tcp://127.0.0.1:9")
        for _ in range(5):
            begin = time.monotonic()
            with Process("run", "-c", config) as process:
                context = zmq.Context()
                client = context.socket(zmq.DEALER)
                client.connect(process.wait_line("control "))
                client.send(b'{"id":1,"command":"ping"}')
                assert client.poll(10_000)
                answers.append(time.monotonic() - begin)
                client.close(0)
                context.term()
                process.process.terminate()
                process.finish()
    return {"answers_s": min(answers), "answers_s_worst": max(answers)}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--prepared", type=int, default=32)
    parser.add_argument("--id13-rate", type=float, default=50)
    parser.add_argument("--only", nargs="+", choices=("sustained", "latency", "id13", "start", "growth"))
    options = parser.parse_args()
    wanted = options.only or ("sustained", "latency", "id13", "start")
    out = {}

    def say(name, value):
        out[name] = value
        print(f"{name:24} {json.dumps(rounded(value))}", file=sys.stderr)

    if "start" in wanted:
        say("start", start_up())
    if "sustained" in wanted or "growth" in wanted:
        rate = sustained(options, 750 * (os.cpu_count() or 2))["frames_per_s"]  # how many frames fill the time
    if "sustained" in wanted:
        say("sustained", sustained(options, max(1500, int(1.2 * rate * options.seconds))))  # a short run is a slower one
        pace = out["sustained"]["frames_per_s"] * 2 / 3
        say("paced", sustained(options, max(1500, int(pace * options.seconds)), rate=pace))
    if "latency" in wanted:
        say("latency", latency(options, min(options.seconds, 20)))
    if "id13" in wanted:
        say("id13", id13(options))
    if "growth" in wanted:
        few = max(3000, int(rate * min(options.seconds, 8)))
        for workers in sorted({1, 2, os.cpu_count(), 2 * os.cpu_count()}):
            say(f"growth_workers/{workers}", sustained(options, few, workers=workers))
        for subscribers in (1, 4, 16, 64):
            say(f"growth_subscribers/{subscribers}", sustained(options, few, subscribers=subscribers, rate_hz=10))
        for frames in (1000, 4000, 16000):
            say(f"growth_frames/{frames}", sustained(options, frames))
    if options.json:
        options.json.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
