#!/usr/bin/python3
"""The life of a service under valgrind: start, a background and a sample, published, archived, controlled, looked at over the web, read again, stopped.

    life_cycle.py [--keep LOG]

Every use of memory that is not there or of values that were never set, every block that nothing points to at the end and every descriptor left
open is a violation. valgrind shows a processor without AVX-512, which chooses the tier of the hot path (named). Nothing of a library is left out.
"""

import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import h5py  # noqa: E402

import sqd_testing  # noqa: E402
from sqd_testing import Daemon, Process, set_source, station, temporary  # noqa: E402

FRAMES = {"background": 8, "sample": 24}
sqd_testing.PATIENCE = 300  # seconds; it is some 30 times slower


def live(daemon, detector, web):
    """Everything a client does; what is known of the finals in the end."""
    for role, series in (("background", 1), ("sample", 2)):
        header = daemon.wait_final("pattern", series, 300)[0]
        assert (header["scan"]["role"], header["frames"]["used"], header["state"]) == (role, FRAMES[role], "final"), header
        for command in ("ping", "status", "config", "describe", "snapshot", "history"):
            reply = daemon.ask(command)
            assert (reply if isinstance(reply, dict) else reply[0])["ok"], (command, reply)
    final = daemon.wait_final("gr", 2, 300)[0]
    assert not daemon.ask("nonsense")["ok"]
    assert daemon.ask("background", use="latest")["ok"] and daemon.ask("reference", scan=final["scan"]["uid"])["ok"]
    assert daemon.ask("history", scan=final["scan"]["uid"])[0]["ok"]
    assert daemon.ask("announce", role="sample", name="next", points=4)["ok"]
    assert daemon.ask("begin", name="begun")["ok"] and daemon.ask("abort")["ok"] and daemon.ask("acknowledge")["ok"]
    for page in ("healthz", "metrics", "api/v1/status", "nowhere"):
        try:
            urllib.request.urlopen(f"{web}/{page}", timeout=60).read()
        except urllib.error.HTTPError as error:
            assert error.code == 404 and page == "nowhere", (page, error)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_status(lambda s: any("reload: " in line for line in list(daemon.errors)), "the word of the reload", 300)
    daemon.wait_status(lambda s: s["counters"]["results_archived"] == 2, "the archive", 300)
    assert detector.finish(300) == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=pathlib.Path, help="where valgrind's own words go")
    options = parser.parse_args()
    began = time.monotonic()
    with temporary() as directory:
        log = options.keep.resolve() if options.keep else pathlib.Path(directory) / "valgrind.log"
        inside = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", "--error-exitcode=99", "--track-fds=yes", "--num-callers=30",
                  "--fair-sched=yes", f"--log-file={log}"]
        config = station("simulated", directory)
        config.write_text(config.read_text().replace("web: {listen: none}", "web: {listen: 127.0.0.1:0}") + "journal: {checkpoint_s: 1}\n")
        scans = ",".join(f"{role}:{frames}" for role, frames in FRAMES.items())
        with Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 300, "--scans", scans, "--rate", 4, "--exposure", 0.05) as detector:
            set_source(config, detector.wait_line("endpoint "))
            with Daemon(config, "--workers", 2, inside=inside) as daemon:
                live(daemon, detector, daemon.wait_line("web "))
                code = daemon.stop()
        for path in (pathlib.Path(directory) / "archive").glob("*.nxs"):
            with h5py.File(path) as archive:
                assert int(archive["entry/frames/used"][()]) in FRAMES.values(), path
        text = log.read_text()

    def bytes_of(kind):
        found = re.search(rf"{kind}: ([\d,]+) bytes in ([\d,]+) blocks", text)
        return [int(number.replace(",", "")) for number in found.groups()] if found else [0, 0]
    errors, contexts, left_out = re.search(r"ERROR SUMMARY: (\d+) errors from (\d+) contexts \(suppressed: (\d+)", text).groups()
    descriptors = re.search(r"FILE DESCRIPTORS: (\d+) open \((\d+) std\)", text).groups()
    version = subprocess.run(["valgrind", "-q", sqd_testing.BINARY, "version"], capture_output=True, text=True, check=True).stdout
    figures = {"tier": re.search(r"portable|avx2|avx512", version, re.I)[0], "seconds": round(time.monotonic() - began), "exit_code": code, "errors": int(errors), "contexts": int(contexts), "suppressed": int(left_out),
               "definitely_lost": bytes_of("definitely lost"), "indirectly_lost": bytes_of("indirectly lost"), "possibly_lost": bytes_of("possibly lost"),
               "still_reachable": bytes_of("still reachable"), "descriptors_open": int(descriptors[0]) - int(descriptors[1]) - text.count("<inherited from parent>")}  # valgrind's log
    for name, value in figures.items():
        print(f"{name:20}", json.dumps(value))
    wrong = code != 0 or int(errors) != 0 or figures["definitely_lost"] != [0, 0] or figures["descriptors_open"] > 0
    if wrong:
        print(text)
    print("VIOLATION" if wrong else "clean")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
