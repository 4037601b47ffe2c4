#!/usr/bin/python3
"""A shift in small: nominal load for so many minutes. Memory, descriptors and threads must be flat, latency too, sequences without a gap.

    soak.py [minutes] [--station id13] [--rate 50] [--scans background:400,sample:1800] [--json FILE]

The slope of each is that of a straight line through the samples of the last two thirds; "flat" means that the line rises by less than 2 %
of the mean and 4 MB per hour of the run (memory), or not at all (descriptors, threads) from the first sample of that time to the last.
A night begins with a background and short samples, as many as the service remembers finals and references of, and as many short
backgrounds as it keeps: all that is bounded, and full before anything is judged. Much above
50 Hz those short scans come faster than finals are made: the queue fills, and frames are left out.
Latency is flat when its 99th percentile in the last third is below 1.5 times that of the second and 20 ms. Where the daemon's threads waited
longer for a core in the last third, since other programs had it, nothing is concluded from that, and said so.
"""

import argparse
import json
import pathlib
import re
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "integration")]

import numpy as np  # noqa: E402

from books import Seen, read_archive, violations  # noqa: E402
from clients import descriptors, resident_MB  # noqa: E402
from kills import Life, Listener  # noqa: E402
from sqd_testing import ROOT, Process, set_source, station, temporary, waited_for_cores  # noqa: E402


SHORT = 20  # frames; with a background before it, such a final takes as much memory as a long one's
FINALS = int(re.search(r"most_finals = (\d+)", (ROOT / "daemon/run/final_history.hpp").read_text())[1])
BACKGROUNDS = int(re.search(r"most_backgrounds = (\d+)", (ROOT / "pipeline/stream/reducer.hpp").read_text())[1])


class Sequences(Seen):
    """Also whether the numbers of each topic follow one another, and how late results were."""

    def __init__(self):
        super().__init__()
        self.latest, self.gaps, self.latency = {}, 0, []

    def note(self, header, arrays):
        topic = header["topic"]
        if topic in self.latest and header["seq"] != self.latest[topic] + 1:
            self.gaps += 1
        self.latest[topic] = header["seq"]
        if header.get("state") == "partial" and header["schema"].startswith("sqd.pattern/"):
            self.latency.append((time.monotonic(), header["time"]["latency_ms"]))
        super().note(header, {} if header.get("state") == "partial" else arrays)


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("minutes", type=float, nargs="?", default=30)
    parser.add_argument("--station", default="id13")
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--scans", default="background:400,sample:1800")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    seen, samples = Sequences(), []
    frames = sum(int(part.split(":")[1]) for part in options.scans.split(","))
    repeats = max(1, round(options.minutes * 60 * options.rate / frames))
    scans = [f"background:{SHORT}"] * BACKGROUNDS + [f"sample:{SHORT}"] * FINALS + options.scans.split(",") * repeats
    with temporary() as directory:
        config = station(options.station, directory)
        archive = pathlib.Path(directory) / "archive"
        detector = Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 120, "--scans", ",".join(scans), "--rate", options.rate, "--prepared", 32)
        with detector:
            set_source(config, detector.wait_line("endpoint ", 600))
            with Life(config) as life:
                life.wait_line("ready")
                listener, pid = Listener(life.wait_line("results "), seen), life.process.pid
                while detector.process.poll() is None:
                    samples.append((time.monotonic(), resident_MB(pid), descriptors(pid), threads(pid), waited_for_cores(pid)))
                    time.sleep(1)
                end = time.monotonic() + 120
                while time.monotonic() < end and len(list(archive.glob("*.nxs"))) < len(scans):
                    time.sleep(0.2)
                peak = resident_MB(pid, "VmHWM")
                life.process.terminate()
                code = life.finish()
                listener.stop()
        wrong, told = violations(archive, seen)
        missing = sum(read_archive(path)["frames"]["missing"] for path in archive.glob("*.nxs"))
    table = np.array(samples)
    late = table[len(table) // 3:]
    hours = (late[-1, 0] - late[0, 0]) / 3600
    figures = {"minutes": (table[-1, 0] - table[0, 0]) / 60, "scans": told["archives"], "frames": told["frames used"], "frames_missing": missing, "gaps_in_sequences": seen.gaps,
               "peak_memory_MB": peak}
    for column, name, allowed in ((1, "memory_MB", 0.02 * late[:, 1].mean() + 4 * hours), (2, "descriptors", 1), (3, "threads", 1)):
        slope = np.polyfit(late[:, 0], late[:, column], 1)[0] * 3600
        figures[name] = {"mean": late[:, column].mean(), "per_hour": slope, "rise": slope * hours}
        if slope * hours >= allowed:
            wrong.append(f"{name} rose by {slope * hours:.2f}")
    times, ms = np.array(seen.latency).T
    thirds = [np.percentile(part, 99) for part in np.array_split(ms, 3)]
    waits = [(part[-1, 4] - part[0, 4]) / (part[-1, 0] - part[0, 0]) for part in np.array_split(table, 3)]
    figures["latency_ms"] = {"median": float(np.median(ms)), "p99_of_each_third": thirds}
    figures["waited_for_cores"] = {"seconds_per_second_of_each_third": waits}
    if thirds[2] > 1.5 * thirds[1] + 20 and waits[2] > 1.2 * waits[1] + 0.02:
        print(f"NOTE: p99 latency rose from {thirds[1]:.0f} to {thirds[2]:.0f} ms, and other programs were running: nothing is concluded from that")
    elif thirds[2] > 1.5 * thirds[1] + 20:
        wrong.append(f"p99 latency rose from {thirds[1]:.0f} to {thirds[2]:.0f} ms")
    if seen.gaps or missing or code != 0:
        wrong.append(f"{seen.gaps} gaps in sequences, {missing} frames missing, exit code {code}")
    for name, value in figures.items():
        print(f"{name:20}", json.dumps(value, default=lambda v: round(float(v), 3)) if isinstance(value, dict) else round(value, 3))
    for sentence in wrong:
        print("VIOLATION:", sentence)
    print(f"{len(wrong)} violations")
    if options.json:
        options.json.write_text(json.dumps({**figures, "violations": wrong, "samples": {"columns": ["s", "memory_MB", "descriptors", "threads", "waited_s"], "rows": samples}}, indent=1, default=float) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
