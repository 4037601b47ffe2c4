#!/usr/bin/python3
"""What twenty pages that look on take from the rate of the whole daemon: real `sqd run`, real `sqd simulate --prepared`, Eiger 4M, results at 10 Hz.

    viewers.py [--json FILE] [--pairs 6] [--window 2] [--viewers 20]

Windows of time with the viewers and without them take turns, in one run of the daemon each:

paced       at two thirds of the rate that was found, so that results come at their 10 Hz: processor time of the daemon per frame, with and without.
            This is the cost: the viewers' own load is not in it. `web_share`: what of it the one thread takes that does all for them, which also
            holds where other programs disturb the rest.
sustained   frames as fast as they are taken, without the pacing: frames per second, with over without. The viewers run on the same cores, what they
            take themselves (`client_cores`) no daemon can give back; while frames wait, results are rarer (daemon/README.md, Overload).

ratio: the median over pairs, `spread` the least and the largest. The viewers are one process that throws away what it reads (`integration/onlookers.py`);
`told_per_s`: messages that one of them got per second, all kinds.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("chaos", "integration")]

from hostile import QUEUE_MB, Rate  # noqa: E402
from sqd_testing import Daemon, set_source, temporary  # noqa: E402
from whole_daemon import LONG, MOST_FRAMES, configured, rounded, simulator  # noqa: E402

SERIES, BACKGROUND, WARM_UP_S = 12, 200, 2
ONLOOKERS = pathlib.Path(__file__).resolve().parents[1] / "integration/onlookers.py"


def processor_s(pid):
    """Of all threads, by name, to the nanosecond."""
    out = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        out[name] = out.get(name, 0) + int((task / "schedstat").read_text().split()[0]) / 1e9
    return out


class Window:
    """Frames, and what the daemon did for them, in some seconds."""

    def __init__(self, rate, seconds):
        pid = rate.daemon.process.pid
        used, (frames, begin) = processor_s(pid), rate.look()
        time.sleep(seconds)
        more, end = rate.look()
        now = processor_s(pid)
        self.frames_per_s = (more - frames) / (end - begin)
        self.ms_per_frame = 1e3 * (sum(now.values()) - sum(used.values())) / (more - frames)
        self.web_cores = (now["web"] - used["web"]) / (end - begin)
        self.web_share = (now["web"] - used["web"]) / (sum(now.values()) - sum(used.values()))


class Viewers:
    """They look on from here on, until they are told to leave."""

    def __init__(self, port, count):
        self.process = subprocess.Popen([sys.executable, ONLOOKERS, str(port), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def leave(self):
        return json.loads(self.process.communicate(timeout=LONG)[0])


def windows(options, pace):
    with temporary() as directory:
        config = configured(directory, rate_hz=10)
        text = config.read_text().replace("web: {listen: none}", "web: {listen: 127.0.0.1:0}")
        config.write_text(text.replace("source:\n", f"source:\n  queue_MB: {QUEUE_MB}\n", 1))
        with simulator(config, ",".join([f"background:{BACKGROUND}", *[f"sample:{MOST_FRAMES}"] * SERIES]), options, pace) as detector:
            set_source(config, detector.wait_line("endpoint ", LONG))
            with Daemon(config) as daemon:
                port = int(daemon.wait_line("web http://").rsplit(":", 1)[1])
                daemon.wait_status(lambda s: s["counters"]["frames_added"] > BACKGROUND, "frames of a sample", LONG)
                rate = Rate(daemon)
                Window(rate, WARM_UP_S)
                pairs = [pair(options, rate, port, first=i % 2 == 0) for i in range(options.pairs)]
                status = daemon.ask("status")
                detector.process.kill()
                daemon.process.kill()  # what waits in the queue need not be summed
    lost = status["counters"]["lost_overload"] + status["counters"]["frames_rejected"]
    return pairs, lost, [rate.memory[0], max(rate.memory)]


def pair(options, rate, port, first):
    """A window without viewers and one with them, in either order, and what these say."""
    def quiet():
        return Window(rate, options.window)

    def watched():
        viewers = Viewers(port, options.viewers)
        window = Window(rate, options.window)
        return window, viewers.leave()

    if first:
        (with_them, told), without = watched(), quiet()
    else:
        without, (with_them, told) = quiet(), watched()
    assert told["closed"] == 0 and min(told["messages"]) > 0, told
    return without, with_them, told


def figures(options, pace):
    pairs, lost, memory = windows(options, pace)

    def median(value):
        return statistics.median(value(*pair) for pair in pairs)

    def told(value):
        return median(lambda a, b, told: value(told) / told["seconds"])

    cost = [b.ms_per_frame / a.ms_per_frame for a, b, _ in pairs]
    speed = [b.frames_per_s / a.frames_per_s for a, b, _ in pairs]
    return {"frames_per_s": {"without": median(lambda a, b, _: a.frames_per_s), "with": median(lambda a, b, _: b.frames_per_s), "ratio": statistics.median(speed), "spread": [min(speed), max(speed)]},
            "daemon_ms_per_frame": {"without": median(lambda a, b, _: a.ms_per_frame), "with": median(lambda a, b, _: b.ms_per_frame), "ratio": statistics.median(cost), "spread": [min(cost), max(cost)]},
            "web_cores": median(lambda a, b, _: b.web_cores), "web_share": median(lambda a, b, _: b.web_share), "client_cores": told(lambda t: t["cpu_s"]), "told_per_s": told(lambda t: min(t["messages"])), "MB_per_s": told(lambda t: t["bytes"] / 1e6),
            "lost": lost, "memory_MB": memory, "viewers": options.viewers}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--window", type=float, default=2)
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--prepared", type=int, default=32)
    options = parser.parse_args()
    out = {"sustained": figures(options, 0)}
    print("sustained   ", json.dumps(rounded(out["sustained"])), file=sys.stderr)
    out["paced"] = figures(options, out["sustained"]["frames_per_s"]["without"] * 2 / 3)
    print("paced       ", json.dumps(rounded(out["paced"])), file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
