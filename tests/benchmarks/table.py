#!/usr/bin/python3
"""What the benchmarks of one run measured, as one table: ours, a peer's, the ratio, and how far from the machine's own limits.

    table.py FOLDER [--json FILE]

FOLDER holds what deploy/bench.sh wrote: hot_path.json and other Google Benchmark outputs, peers.json, whole_daemon.json. The best of all
repetitions counts, ours and the peers' alike. A share of LZ4 is speed over that of LZ4 alone on the same blocks and as many cores; a
share of the copy is pixels' bytes per second over the bytes per second that memcpy copies of 64 MB on as many cores.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

LEVELS = ("0.05", "1", "1.4", "1.4hot", "6", "50")
ENCODINGS = {"bs16": "bitshuffle-LZ4, 16 bit", "bs8": "bitshuffle-LZ4, 8 bit", "lz4": "LZ4, 32 bit", "raw32": "raw, 32 bit", "raw16": "raw, 16 bit", "cbf": "CBF byte offset"}
CURVE_PEERS = {  # our row, in which unit per call, and who does the same
    r"pair_distribution_whole/cleaning:0/errors:0$": "numpy/sine_transform/3000x2000",
    r"first_sharp_peak$": "lmfit/split_pseudo_voigt/300",
    r"peak_of_a_point/counts:300$": "lmfit/split_pseudo_voigt/300",
}


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) // 2**20
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return {"cpu": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(), "memory_GB": memory, "kernel": platform.release(), "commit": commit}


def google(path):
    """Best repetition of each row: seconds of an iteration, and the largest of its counters."""
    rows = {}
    for each in json.loads(path.read_text())["benchmarks"]:
        if each.get("run_type") != "iteration" or each.get("error_occurred"):
            continue
        name = re.sub(r"/(real_time|process_time|repeats:\d+)", "", each["name"])
        row = rows.setdefault(name, {"seconds": float("inf")})
        seconds = each["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[each["time_unit"]]
        if seconds < row["seconds"]:
            row.update({key: value for key, value in each.items() if isinstance(value, float)}, seconds=seconds)
    return rows


class Table:
    COLUMNS = ("row", "ours", "peer", "ratio", "frames/s", "GB/s", "of LZ4", "of copy")

    def __init__(self):
        self.rows = []

    def title(self, text):
        self.rows.append({"title": text})

    def add(self, row, seconds, peer=None, frames_per_s=None, bytes_per_s=None, lz4=None, copy=None):
        """`peer`: (seconds, name)."""
        self.rows.append({"row": row, "seconds": seconds, "peer_seconds": peer and peer[0], "peer": peer and peer[1], "ratio": peer and peer[0] / seconds,
                          "frames_per_s": frames_per_s, "bytes_per_s": bytes_per_s, "of_lz4": lz4, "of_copy": copy})

    def print(self):
        def ms(seconds):
            return "" if seconds is None else f"{seconds * 1e3:.3g} ms"

        lines = []
        for row in self.rows:
            if "title" in row:
                lines += [None, row["title"]]
                continue
            lines.append((row["row"], ms(row["seconds"]), f"{ms(row['peer_seconds'])} {row['peer']}" if row["peer"] else "",
                          f"{row['ratio']:.3g}" if row["ratio"] else "", f"{row['frames_per_s']:.0f}" if row["frames_per_s"] else "",
                          f"{row['bytes_per_s'] / 1e9:.1f}" if row["bytes_per_s"] else "", f"{row['of_lz4']:.2f}" if row["of_lz4"] else "",
                          f"{row['of_copy']:.2f}" if row["of_copy"] else ""))
        widths = [max(len(line[i]) for line in [self.COLUMNS, *lines] if isinstance(line, tuple)) for i in range(len(self.COLUMNS))]
        for line in [self.COLUMNS, *lines]:
            if isinstance(line, tuple):
                print("  ".join(text.ljust(width) if i in (0, 2) else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))).rstrip())
            else:
                print(line or "")


class Peers:
    def __init__(self, path):
        self.rows = json.loads(path.read_text()) if path.exists() else []

    def best(self, pattern, threads=None):
        """(seconds, name) of the fastest row whose name matches; None without one."""
        found = [(row["seconds"], row["name"]) for row in self.rows if re.fullmatch(pattern, row["name"]) and threads in (None, row["threads"])]
        return min(found, default=None)

    def decode_and_integrate(self):
        """The fastest of all pairs as they were run, or the fastest decoder plus the fastest integration if that is less."""
        pair = self.best(r"decode_and_pyfai/.*/1\.4")
        decoder, integrator = self.best(r"(bitshuffle|hdf5plugin)/1\.4"), self.best(r"pyfai/.*/1\.4")
        if not decoder or not integrator:
            return pair
        return min(pair, (decoder[0] + integrator[0], f"{decoder[1]} + {integrator[1]}"))


def hot_path(table, rows, peers):
    workers = sorted({int(match[1]) for name in rows if (match := re.match(r"copy/(\d+)w$", name))})
    copy = {w: rows[f"copy/{w}w"]["copied_bytes_per_s"] for w in workers}

    def add(text, name, w, peer=None, lz4=None):
        if name not in rows:
            return
        row = rows[name]
        limit = rows.get(lz4, {}).get("frames_per_s")
        table.add(text, 1 / row["frames_per_s"], peer, row["frames_per_s"], row["pixel_bytes_per_s"], limit and row["frames_per_s"] / limit, row["pixel_bytes_per_s"] / copy[w])

    table.title("memory")
    for w in workers:
        table.add(f"copy of 64 MB, {w} core(s)", rows[f"copy/{w}w"]["seconds"], bytes_per_s=copy[w])
    for level in LEVELS:
        brightness = level.replace("hot", " (and 300 hot pixels)")
        table.title(f"Eiger 4M, 32 bit bitshuffle-LZ4, {brightness} counts per pixel: time of a frame")
        for w in workers:
            lz4 = f"lz4/bs32/{level}/{w}w"
            add(f"LZ4 alone, {w} core(s)", lz4, w)
            add(f"decoding, {w} core(s)", f"decode/bs32/{level}/{w}w", w, peers.best(rf"(bitshuffle|hdf5plugin)/{re.escape(level)}", w), lz4)
            pair = peers.decode_and_integrate() if level == "1.4" and w == max(workers) else None
            add(f"decoding, sum, counts in 2000 bins, {w} core(s)", f"add/bs32/{level}/{w}w", w, pair, lz4)
    table.title("by instructions, one core")
    for name in rows:
        if match := re.match(r"tier_(decode|add)/bs32/([^/]+)/1w/(\w+)$", name):
            what = "decoding" if match[1] == "decode" else "decoding, sum, counts"
            peer = peers.best(rf"(bitshuffle|hdf5plugin)/{re.escape(match[2])}", 1) if match[1] == "decode" or match[3] == "portable" else None
            add(f"{match[3]}: {what}, {match[2]}", name, 1, peer, f"lz4/bs32/{match[2]}/1w")
    table.title("other encodings, 1.4 counts per pixel")
    for encoding, text in ENCODINGS.items():
        add(f"{text}: decoding, 1 core", f"decode/{encoding}/1.4/1w", 1, peers.best(r"fabio/cbf/1\.4") if encoding == "cbf" else None)
        for w in workers:
            add(f"{text}: decoding, sum, counts, {w} core(s)", f"add/{encoding}/1.4/{w}w", w)
    table.title("frames in a batch, one core, 1.4 counts per pixel")
    for batch in (1, 4, 16):
        add(f"{batch}", f"batch/bs32/1.4/1w/{batch}", 1, None, "lz4/bs32/1.4/1w")
    table.title("two recorded frames of an Eiger2 9M, 0.014 counts per pixel")
    for w in workers:
        lz4 = f"lz4/eiger2_9m/{w}w"
        add(f"LZ4 alone, {w} core(s)", lz4, w)
        add(f"decoding, {w} core(s)", f"decode/eiger2_9m/{w}w", w, None, lz4)
        add(f"decoding, sum, counts in 2000 bins, {w} core(s)", f"add/eiger2_9m/{w}w", w, None, lz4)
    if all(f"bin_map/{w}w" in rows for w in workers):
        table.title("once per geometry")
        for w in workers:
            table.add(f"geometry, bins, norm of an Eiger 4M, {w} core(s)", rows[f"bin_map/{w}w"]["seconds"])


def other_rows(table, name, rows, peers):
    table.title(name)
    for row, measured in rows.items():
        per = measured.get("per_point", measured["seconds"])
        peer = next((peers.best(re.escape(peer)) for pattern, peer in CURVE_PEERS.items() if re.search(pattern, row)), None)
        table.add(row + (", per point" if "per_point" in measured else ""), per, peer)


def knee(points, worse=1.25):
    """The first size at which a unit costs `worse` times what it costs at best before; None while it never does."""
    least = float("inf")
    for size, cost in points:
        if cost > worse * least:
            return size
        least = min(least, cost)
    return None


def growth_of(rows, whole):
    """{what: [(size, cost of a unit)]}."""
    def sizes(pattern, cost):
        found = [(float(match[1]), cost(float(match[1]), row)) for name, row in rows.items() if (match := re.match(pattern, name))]
        return sorted(found)

    def runs(prefix, cost):
        return sorted((float(name.split("/")[1]), cost(float(name.split("/")[1]), run)) for name, run in whole.items() if name.startswith(prefix))

    return {
        "pixels of a frame [M]: ns per pixel": sizes(r"growth_pixels/bs32/1\.4/1w/([\d.]+)$", lambda _, row: 4e9 / row["pixel_bytes_per_s"]),
        "bins: ms per frame": sizes(r"growth_bins/bs32/1\.4/1w/(\d+)$", lambda _, row: 1e3 / row["frames_per_s"]),
        "workers, frames in memory: ms per frame x workers": sizes(r"growth_workers/bs32/1\.4/(\d+)w$", lambda w, row: w * 1e3 / row["frames_per_s"]),
        "workers of the daemon: ms per frame": runs("growth_workers/", lambda _, run: 1e3 / run["frames_per_s"]),
        "subscribers at 10 Hz: ms per frame": runs("growth_subscribers/", lambda _, run: 1e3 / run["frames_per_s"]),
        "frames of a series: ms per frame": runs("growth_frames/", lambda _, run: 1e3 / run["frames_per_s"]),
    }


def print_growth(growth):
    for what, points in growth.items():
        if not points:
            continue
        at = knee(points)
        print(f"\n{what}")
        print("  " + "  ".join(f"{size:g}: {cost:.3g}" for size, cost in points))
        print("  no knee in this range" if at is None else f"  knee: at {at:g} a unit costs a quarter more than before")


def print_whole(whole, peers):
    def line(text, value):
        print(f"  {text:58} {value}")

    print("\nthe whole daemon, loopback TCP, simulator on the same cores (definitions: tests/benchmarks/whole_daemon.py)")
    for name, text in (("sustained", "as fast as it takes them"), ("paced", "at two thirds of that")):
        if run := whole.get(name):
            memory = run["memory_MB"]
            line(f"{text}, {run['seconds']:.0f} s", f"{run['frames_per_s']:.0f} frames/s, {run['lost']} lost of {run['frames']}")
            line("  cores used: daemon, simulator", f"{run['cores_used']['daemon']:.2f}, {run['cores_used']['simulator']:.2f}")
            line("  resident MB: peak; slope per s, of which kept counts", f"{memory['peak']:.0f}; {memory['slope_per_s']:.2f}, {memory['kept_counts_per_s']:.2f}")
            line("  most that waited in the queue", f"{run['queue_high_water_MB']:.0f} MB")
    if run := whole.get("latency"):
        line("50 Hz, results at 10 Hz: last byte to result, median", f"{run['median_ms']:.0f} ms (half a tick + 50 ms = {run['allowed_median_ms']:.0f})")
        line("  p99, largest; largest of the first second", f"{run['p99_ms']:.0f}, {run['largest_ms']:.0f} ms; {run['first_second_ms']:.0f} ms")
        line("  seconds per second that its threads waited for a core", f"{run['waited_for_cores']:.2f}")
        line("  header of a series to its bins", f"{run['bins_ready_s'] * 1e3:.0f} ms")
    if run := whole.get("id13"):
        line(f"background 400 + map 1800 at {run['rate_hz']:g} Hz: peak resident set", f"{run['peak_MB']:.0f} MB, {run['lost']} lost")
    if pair := peers.best(r"decode_and_pyfai/.*/1\.4"):
        row = next(row for row in peers.rows if row["name"] == pair[1])
        line("  beside it, of a process that only decodes and integrates", f"{row['peak_memory_MB']:.0f} MB ({row['name']})")
    if run := whole.get("start"):
        line("start of the program to its first answer", f"{run['answers_s'] * 1e3:.0f} ms")


def print_hostile(hostile):
    print("\nframes per second over those undisturbed, while clients misbehave (tests/benchmarks/hostile.py)")
    for name, run in hostile.items():
        print(f"  {name:12} {run['ratio']:.2f} ({run['spread'][0]:.2f} to {run['spread'][1]:.2f}; the clients themselves {run['client_cores']:.2f} cores), resident {run['memory_MB'][0]:.0f}, "
              f"at most {run['memory_MB'][1]:.0f} MB, descriptors {run['descriptors'][0]}, at most {run['descriptors'][1]}, queue {run['queue_high_water_MB']:.0f} MB, {run['lost']} lost")


def print_viewers(viewers):
    paced, sustained = viewers["paced"], viewers["sustained"]
    cost, speed = paced["daemon_ms_per_frame"], sustained["frames_per_s"]
    print(f"\n{paced['viewers']} pages that look on (tests/benchmarks/viewers.py)")
    print(f"  daemon's processor time per frame, {paced['frames_per_s']['with']:.0f} frames/s: {cost['without']:.3f} ms without, {cost['with']:.3f} ms with them: {cost['ratio']:.3f} "
          f"({cost['spread'][0]:.3f} to {cost['spread'][1]:.3f}); {paced['told_per_s']:.0f} messages/s each, {paced['MB_per_s']:.0f} MB/s; {paced['lost']} lost")
    print(f"  the thread that serves them: {paced['web_share']:.3f} of the daemon's processor time")
    print(f"  frames/s, as fast as they are taken: {speed['without']:.0f} without, {speed['with']:.0f} with them: {speed['ratio']:.3f} ({speed['spread'][0]:.3f} to {speed['spread'][1]:.3f}); "
          f"the viewers themselves {sustained['client_cores']:.2f} cores; {sustained['lost']} lost")


def print_page(page):
    paint, script, task, weight = (page[key] for key in ("first_paint_ms", "script_ms", "task_ms", "weight_kB"))
    print("\nthe page in a headless Chromium (tests/benchmarks/page.py)")
    print(f"  first paint {paint['median']:.0f} ms (at most {paint['largest']:.0f} of {paint['loads']} loads), {weight['unpacked']:.0f} kB, {weight['packed']:.0f} kB packed")
    print(f"  an update of 4 x 3 x {page['points']} points: script {script['median']:.1f} ms (at most {script['largest']:.1f}), all that the page's thread does {task['median']:.1f} ms (at most {task['largest']:.1f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    here = machine()
    rows = {path.stem: google(path) for path in sorted(options.folder.glob("*.json")) if path.stem not in ("peers", "whole_daemon", "hostile", "viewers", "page")}
    peers = Peers(options.folder / "peers.json")
    whole_path = options.folder / "whole_daemon.json"
    whole = json.loads(whole_path.read_text()) if whole_path.exists() else {}
    context = json.loads(next(iter(options.folder.glob("*hot_path.json"))).read_text())["context"]
    here["cpu_tier"], here["load"] = context.get("cpu_tier"), context["load_avg"][0]
    print(", ".join(f"{key} {value}" for key, value in here.items()))
    if here["load"] > 0.5:
        print("NOTE: other programs were running; the figures are too low")
    hot = rows.pop("hot_path", {})
    table = Table()
    if any(name.startswith("copy/") for name in hot):
        hot_path(table, hot, peers)
    for name, some in rows.items():
        other_rows(table, name, some, peers)
    if table.rows:
        table.print()
    if any(name in whole for name in ("sustained", "latency", "id13", "start")):
        print_whole(whole, peers)
    others = {}
    for name, print_one in (("hostile", print_hostile), ("viewers", print_viewers), ("page", print_page)):
        path = options.folder / f"{name}.json"
        others[name] = json.loads(path.read_text()) if path.exists() else {}
        if others[name]:
            print_one(others[name])
    growth = growth_of(hot, whole)
    if any(growth.values()):
        print("\nhow cost grows")
        print_growth(growth)
    if options.json:
        options.json.write_text(json.dumps({"machine": here, "rows": [row for row in table.rows if "title" not in row], "peers": peers.rows, "whole_daemon": whole, **others,
                                            "growth": {what: {"points": points, "knee": knee(points)} for what, points in growth.items() if points}}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
