"""The misbehaviour matrix: every fault of the simulated detector in every protocol, by real sockets into a running daemon.

One simulator plays pairs of series: one with a fault, one in good order. What the books must say follows from what the simulator says
it sent (truth.json): nothing is typed by hand. The series after the fault must be perfect.
"""

import json
import pathlib
import re
import socket
import unittest

from sqd_testing import Daemon, Process, check_header, station, temporary

FRAMES, NEXT = 17, 5  # of a series with a fault (no two numbers farther apart than may come late), and of the one behind it

# A row is a fault, and where it makes no sense: (fault, protocols without it).
ONE_PART = {"dectris_stream2"}
NO_START = {"array_stream", "cbf_folder"}
ROWS = [
    ("missing_start", NO_START),
    ("missing_end", NO_START),
    ("abort", set()),
    ("abort=1", set()),
    ("abort_with_end=13", NO_START),
    ("duplicates=3", set()),
    ("duplicates=4-9", set()),
    (f"duplicates={FRAMES}", set()),  # the last frame, when all are here already
    ("reordering=2", set()),
    ("reordering=5", set()),
    ("gaps=4", set()),
    ("gaps=6-11", set()),
    ("corrupt=7", set()),
    ("stray_parts=5", set()),
    ("too_many_parts=8", {"cbf_folder"}),
    ("firmware_change", {"cbf_folder"}),
    ("firmware_change=8bit", {"pilatus_stream", "cbf_folder"}),
    ("firmware_change=none,header_none", {"pilatus_stream", "array_stream", "cbf_folder"}),
    ("thief", {"array_stream", "cbf_folder"}),  # PUB and files are for all
    ("disconnect=9", set()),
    ("disconnect=0", NO_START),  # the number that begins a series there
]
# Several at once, as in a bad night: separated by +.
ROWS += [
    ("missing_start+gaps=3+missing_end", NO_START),
    ("reordering=4+duplicates=3+corrupt=12-13", set()),
]


class Protocol:
    """How a protocol is configured, and what it tells the daemon."""

    def __init__(self, kind, bound=True, socket="pull", promises=False, has_start=True, refuses_damage=False, options=()):
        self.kind, self.bound, self.socket, self.options = kind, bound, socket, list(options)
        self.promises = promises  # its start says how many frames there will be
        self.has_start = has_start  # and it has an end
        self.refuses_damage = refuses_damage  # damaged pixels are seen on receipt: a bad message, not a rejected frame

    def rows(self):
        return [fault for fault, without in ROWS if self.kind not in without]


PROTOCOLS = {
    "stream1": Protocol("dectris_stream1", promises=True),
    "stream2": Protocol("dectris_stream2", promises=True),
    "pilatus": Protocol("pilatus_stream"),
    "array": Protocol("array_stream", bound=False, socket="sub", has_start=False),
    "folder": Protocol("cbf_folder", has_start=False, refuses_damage=True),
    "folder_in_place": Protocol("cbf_folder", has_start=False, refuses_damage=True, options=["--in-place"]),
}


class Books:
    """What a correct daemon says of a series of which this was delivered."""

    def __init__(self, protocol, planned, delivered):
        numbers, rejected = [], []
        self.bad = self.late = self.messages = 0
        self.reason = "next_start"
        self.start_missed = protocol.has_start and "start" not in delivered
        promised = planned if protocol.promises and not self.start_missed else None
        for item in delivered:
            number, harm = item if isinstance(item, list) else (item, None)
            self.messages += harm != "torn"
            if item == "end" and self.reason == "next_start":
                self.reason = "end"
            elif harm == "stray" and protocol.kind == "cbf_folder":
                continue  # a file that is none of the camera's
            elif harm in ("stray", "crowded") or (harm == "corrupt" and protocol.refuses_damage):
                self.bad += 1
            elif isinstance(number, int) and harm != "torn":
                if self.reason != "next_start":
                    self.late += 1
                    continue
                numbers.append(number)
                if harm == "corrupt" and number not in numbers[:-1]:
                    rejected.append(number)
                if promised and len(set(numbers)) == promised:
                    self.reason = "count"
        came = set(numbers)
        expected = max(promised or 0, max(came) + 1)
        self.frames = {"expected": expected, "received": len(numbers), "used": len(came) - len(rejected), "rejected": len(rejected),
                       "duplicate": len(numbers) - len(came), "missing": expected - len(came), "pending": 0,
                       "missing_ranges": ranges(set(range(expected)) - came)}
        self.state = "final" if max(came) + 1 == expected else "aborted"


def ranges(numbers):
    out = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return out


def whole(protocol, frames):
    inner = list(range(frames))
    return ["start", *inner, "end"] if protocol.has_start else inner


def reserved_port():
    """A port that is this test's as long as the socket lives: bound and never listening, it lets ZeroMQ bind beside it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


def write_config(directory, protocol, port):
    """Patterns only: the books are the subject here."""
    config = station("simulated", directory)
    text = config.read_text()
    where = f"connect: tcp://127.0.0.1:{port}" if protocol.bound else "bind: tcp://127.0.0.1:0"
    if protocol.kind == "cbf_folder":
        (pathlib.Path(directory) / "ramdisk").mkdir()
        source = f"{{kind: cbf_folder, directory: {directory}/ramdisk, torn_retry_s: 0.5, end_silence_s: 60}}"
    else:
        source = f"{{kind: {protocol.kind}, {where}, socket: {protocol.socket}, end_silence_s: 60}}"
    text = re.sub(r"source:\n(  .*\n)+", f"source: {source}\n", text)
    for section in ("structure_factor", "fsdp", "pair_distribution"):
        text = re.sub(rf"^{section}: .*$", f"{section}: none", text, flags=re.M)
    config.write_text(text.replace("background: {use: latest}", "background: {use: none}"))
    return config


def simulation(protocol, rows, truth):
    """The options of a simulator that plays a series per row, each with one in good order behind it, and one more that ends the last."""
    scans = ",".join([f"sample:{FRAMES},sample:{NEXT}"] * len(rows) + ["sample:2"])
    faults = [["--fault", f"{2 * i + 1}:{fault}"] for i, row in enumerate(rows) for fault in row.split("+")]
    return ["--scans", scans, "--rate", 0, "--exposure", 0.01, "--truth", truth, "--wait", 60, *protocol.options, *sum(faults, [])]


class Finals:
    """The final patterns of a daemon, in order."""

    def __init__(self, daemon):
        self.daemon, self.seen = daemon, {}

    def wait(self, count):
        def enough(message):
            header = message[0]
            if header["schema"].startswith("sqd.pattern/") and header["state"] != "partial":
                self.seen[header["scan"]["uid"]] = header
            return len(self.seen) >= count
        self.daemon.wait(enough, f"{count} final patterns")
        return list(self.seen.values())


class Misbehaviour(unittest.TestCase):
    def run_protocol(self, name):
        protocol = PROTOCOLS[name]
        rows = protocol.rows()
        with temporary() as directory:
            holder, port = reserved_port()
            config = write_config(directory, protocol, port)
            truth = pathlib.Path(directory) / "truth"
            with holder, Daemon(config) as daemon:
                where = ["--bind", f"tcp://127.0.0.1:{port}"] if protocol.bound else ["--connect", daemon.source_endpoint]
                where = [] if protocol.kind == "cbf_folder" else where
                with Process("simulate", "-c", config, *where, *simulation(protocol, rows, truth)) as detector:
                    self.assertEqual(detector.finish(), 0, detector.errors)
                finals = Finals(daemon).wait(2 * len(rows))
                told = json.loads((truth / "truth.json").read_text())["scans"]
                self.check_rows(protocol, rows, told, finals)
                self.check_counters(protocol, told, daemon)
                self.assertEqual(daemon.stop(), 0)

    def check_rows(self, protocol, rows, told, finals):
        self.assertEqual(len(told), 2 * len(rows) + 1)
        for i, row in enumerate(rows):
            faulty, after = finals[2 * i], finals[2 * i + 1]
            plan = told[2 * i]
            with self.subTest(protocol=protocol.kind, row=row, delivered=plan["delivered"], frames=faulty["frames"], flags=faulty["flags"]):
                self.assertEqual(plan["faults"], row.split("+"))
                self.assertEqual(plan["dropped"], 0)
                self.assertNotEqual((plan["delivered"], plan["dialect"]), (whole(protocol, FRAMES), told[-1]["dialect"]), "the fault did nothing")
                self.check_series(protocol, plan, Books(protocol, FRAMES, plan["delivered"]), faulty)
            with self.subTest(protocol=protocol.kind, after=row, frames=after["frames"], flags=after["flags"]):
                books = Books(protocol, NEXT, whole(protocol, NEXT))
                self.check_series(protocol, told[2 * i + 1], books, after)
                self.assertEqual(after["state"], "final")
                self.assertEqual((after["frames"]["used"], after["frames"]["missing"], after["frames"]["received"]), (NEXT, 0, NEXT))

    def check_series(self, protocol, plan, books, header):
        check_header(header)
        if protocol.promises:  # the others name no series
            self.assertEqual(header["scan"]["series_id"], plan["series_id"])
        frames = {key: header["frames"][key] for key in books.frames}
        if protocol.kind == "cbf_folder":  # a file that is written once more before anybody read it is one file
            self.assertLessEqual(frames["duplicate"], books.frames["duplicate"])
            seen_less = books.frames["duplicate"] - frames["duplicate"]
            frames.update(duplicate=frames["duplicate"] + seen_less, received=frames["received"] + seen_less)
        self.assertEqual(frames, books.frames)
        self.assertEqual(sum(header["frames"]["rejected_by"].values()), books.frames["rejected"])
        self.assertEqual(header["state"], books.state)
        flags = header["flags"]
        self.assertEqual("frames_missing" in flags, books.frames["missing"] > 0)
        self.assertEqual("ended_by_next_start" in flags, books.reason == "next_start")
        if protocol.has_start:
            self.assertEqual("start_missed" in flags, books.start_missed)

    def check_counters(self, protocol, told, daemon):
        """Over all series: what was not understood, what came too late; nothing else was lost."""
        books = [Books(protocol, s["frames"], s.get("delivered") or whole(protocol, s["frames"])) for s in told]
        want = {"bad": sum(b.bad for b in books), "late": sum(b.late for b in books)}
        if protocol.kind == "cbf_folder":  # a torn file is one that stays half
            want["bad"] += sum(item[1] == "torn" for s in told for item in s.get("delivered", []) if isinstance(item, list))

        def totals(counters):
            return {"bad": sum(v for k, v in counters.items() if k.startswith("bad_")), "late": counters["frames_late"]}
        counters = daemon.wait_status(lambda s: totals(s["counters"]) == want, f"counters {want}")["counters"]
        if protocol.kind != "cbf_folder":
            self.assertEqual(counters["messages"], sum(b.messages for b in books))
        self.assertEqual(counters["lost_overload"], 0)

    def test_stream1(self):
        self.run_protocol("stream1")

    def test_stream2(self):
        self.run_protocol("stream2")

    def test_pilatus(self):
        self.run_protocol("pilatus")

    def test_array(self):
        self.run_protocol("array")

    def test_folder(self):
        self.run_protocol("folder")

    def test_folder_in_place(self):
        self.run_protocol("folder_in_place")


if __name__ == "__main__":
    unittest.main()
