"""Kill -9 at random moments, restart, go on: the books of books.py must balance.

A simulated detector sends series after series and does not care whether anybody listens. Moments: while starting, at any time, when a
series ends, when the journal grows, when a checkpoint is written, when an archive's temporary file appears, when it is renamed, while commands are under way.
"""

import contextlib
import os
import pathlib
import random
import re
import threading
import time

import zmq

from books import Seen, read_archive, violations
from orders import Orders, ask
from sqd_testing import Daemon, Process, set_source, station, temporary

MOMENTS = ("starting", "any", "series end", "journal", "checkpoint", "temporary", "renamed", "command")
LONGEST_WAIT = 4  # seconds for a moment to come
SERIES = "background:40,sample:60,sample:700,sample:60"


class Listener(threading.Thread):
    """A client that keeps what it sees of one life of the daemon."""

    def __init__(self, endpoint, seen):
        super().__init__(daemon=True)
        self.seen, self.ended, self.series_ended = seen, threading.Event(), threading.Event()
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.subscribe(b"")
        self.socket.connect(endpoint)
        self.start()

    def run(self):
        while True:
            if not self.socket.poll(50):
                if self.ended.is_set():
                    break
                continue
            header, arrays = Daemon.parse(self.socket.recv_multipart())
            self.seen.note(header, arrays)
            if header["schema"].startswith("sqd.series/") and header.get("event") in ("end", "aborted"):
                self.series_ended.set()
        self.socket.close(0)
        self.context.term()

    def stop(self):
        self.ended.set()
        self.join()


class Life(Process):
    """A start of the daemon; whether it gets ready is another matter."""

    def __init__(self, config):
        super().__init__("run", "-c", config)


def fingerprint(folder, moment):
    """Changes when that moment has come."""
    out = []
    for directory, pattern in {"journal": [(".journal", ".sqdj")], "checkpoint": [(".journal", ".sqdc"), (".journal", ".sqdc.tmp")], "temporary": [("", ".tmp")], "renamed": [("", ".nxs")]}[moment]:
        try:
            with os.scandir(folder / directory) as entries:
                out += [(e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in entries if e.name.endswith(pattern)]
        except OSError:
            pass
    return out


def wait_for(moment, folder, listener, dice):
    """Returns whether it came."""
    deadline = time.monotonic() + LONGEST_WAIT
    if moment == "any":
        time.sleep(dice.uniform(0.02, 1.5))
        return True
    if moment == "series end":
        came = listener.series_ended.wait(LONGEST_WAIT)
        time.sleep(dice.uniform(0, 0.06))
        return came
    before = fingerprint(folder, moment)
    while fingerprint(folder, moment) == before:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0003)
    time.sleep(dice.choice((0, 0.0005, 0.002, 0.01)))
    return True


def went_on(folder):
    """Uids of scans that a kill interrupted and that are final all the same."""
    out = set()
    for path in folder.glob("*.nxs"):
        with contextlib.suppress(OSError, KeyError):  # the books have it
            archive = read_archive(path)
            if "interrupted" in archive["flags"] and archive["state"] == "final":
                out.add(archive["uid"])
    return out


def configured(directory):
    path = station("simulated", directory, replace={"rate_hz: 2": "rate_hz: 10"})
    text = path.read_text() + "journal: {checkpoint_s: 0.3, resume_timeout_s: 5}\n"
    path.write_text(re.sub(r"source:\n", "source:\n  end_silence_s: 2\n", text))
    return path


def run(kills, seed, say=print):
    """Returns violations."""
    dice, seen, orders = random.Random(seed), Seen(), Orders()
    came = dict.fromkeys(MOMENTS, 0)
    with temporary() as directory:
        config = configured(directory)
        archive = pathlib.Path(directory) / "archive"
        # Series enough for the whole night; it is stopped before.
        detector = Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", ",".join([SERIES] * (3 * kills + 10)), "--rate", 200,
                           "--prepared", 16, "--exposure", 0.005, "--seed", seed)
        with detector:
            set_source(config, detector.wait_line("endpoint "))
            for number in range(kills):
                moment = MOMENTS[number % len(MOMENTS)]
                with Life(config) as life:
                    if moment == "starting":
                        time.sleep(dice.uniform(0, 0.08))
                        came[moment] += 1
                        life.process.kill()
                        life.process.wait()
                        continue
                    life.wait_line("ready")
                    listener = Listener(life.wait_line("results "), seen)
                    control = life.wait_line("control ")
                    orders.check(control)
                    if moment == "command":
                        wait_for("any", archive, listener, dice)
                        orders.give(control, dice)
                        came[moment] += 1
                    else:
                        came[moment] += wait_for(moment, archive, listener, dice)
                    life.process.kill()
                    life.process.wait()
                    if moment == "command":
                        orders.killed()
                    listener.stop()
            with Life(config) as life: # and a last one that may end in peace
                life.wait_line("ready")
                listener = Listener(life.wait_line("results "), seen)
                orders.check(life.wait_line("control "))
                listener.series_ended.wait(60)
                detector.process.kill()
                time.sleep(6)
                (status,) = ask(life.wait_line("control "), "status")
                life.process.terminate()
                code = life.finish()
                listener.stop()
        wrong, told = violations(archive, seen)
        wrong += orders.violations(archive, went_on(archive), status and status["announcement_pending"])
        if code != 0:
            wrong.append(f"the last life ended with {code}")
        leftover = sum(f.stat().st_size for f in archive.glob(".journal/*")) if (archive / ".journal").is_dir() else 0
    say(f"kills            {kills} (seed {seed}): " + ", ".join(f"{name} {n}" for name, n in came.items()))
    say("                 " + ", ".join(f"{name} {n}" for name, n in told.items()) + f", journal {leftover / 1e6:.1f} MB")
    say("                 commands answered and kept: " + ", ".join(f"{name} {n}" for name, n in orders.told.items()))
    return wrong
