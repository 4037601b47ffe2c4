"""Two stations, each with the virtual detector of `sqd simulate` on real protocol at real size, and `sqd run` beside it.

Ends with a table of what was measured against the truth (the same reduction of the noise-free expected image); exit 1 if a pull is
beyond 5, a frame is missing, or a point was judged wrongly."""

import argparse
import datetime
import json
import math
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
SQD = ROOT / "build/release/sqd"
OUTPUT = ROOT / "demo-output"
MAX_PULL = 5
FIRST_Q1_WITHIN_S = 2.0

STATIONS = {
    "id13": {
        "title": "ESRF ID13: Eiger X 4M, 13 keV, a ribbon of Vit4 in a map",
        "full": ["--scans", "background:400,sample:1800", "--grid", "30x60", "--rate", "50", "--exposure", "0.02"],
        "quick": ["--scans", "background:100,sample:300", "--grid", "10x30", "--rate", "50", "--exposure", "0.02"],
        "frames": {"full": (400, 1800), "quick": (100, 300)}, "exposure": 0.02,
    },
    "id15a": {
        "title": "ESRF ID15A: Pilatus3 X CdTe 2M, 68.5 keV, one minute for G(r)",
        "full": ["--scans", "background:200,sample:600", "--rate", "10", "--exposure", "0.1"],
        "quick": ["--scans", "background:50,sample:100", "--rate", "20", "--exposure", "0.1"],
        "frames": {"full": (200, 600), "quick": (50, 100)}, "exposure": 0.1,
    },
}


def free_endpoint():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def station_config(name, folder):
    """The shipped configuration with endpoints of this run, archive in the folder, and the scan's size left to the announcement."""
    endpoints = {key: free_endpoint() for key in ("source", "results", "control")}
    text = (ROOT / "config" / f"{name}.yaml").read_text()
    text = re.sub(r"connect: \S+", f"connect: {endpoints['source']}", text)
    text = re.sub(r"results: \{bind: \"[^\"]*\"", f"results: {{bind: \"{endpoints['results']}\"", text)
    text = re.sub(r"control: \{bind: \"[^\"]*\"", f"control: {{bind: \"{endpoints['control']}\"", text)
    text = re.sub(r"poni: (\w+\.poni)", lambda m: f"poni: {ROOT}/config/{m.group(1)}", text)
    text = re.sub(r"archive: \{directory: [^}]*\}", f"archive: {{directory: {folder}/archive}}", text)
    path = folder / f"{name}.yaml"
    path.write_text(text + "web: {listen: none}\n")
    return path, endpoints


class Listener:
    """All result headers of a run, from `sqd watch --json`."""

    def __init__(self, endpoints, finals):
        self.process = subprocess.Popen([SQD, "watch", "--json", "--results", endpoints["results"], "--control", endpoints["control"],
                                         "--until-final", str(finals), "--timeout", "300"], stdout=subprocess.PIPE, text=True)
        self.headers = []
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.headers.append(json.loads(line))

    def finals(self, kind, role):
        return [h for h in self.headers if h["schema"].startswith(f"sqd.{kind}/") and h["state"] != "partial" and h["scan"]["role"] == role]


def seconds_between(first, last):
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (parse(last) - parse(first)).total_seconds()


def measure(name, mode):
    """Runs one station; returns what was published, what the detector did, and the configuration."""
    folder = OUTPUT / name
    folder.mkdir(parents=True)
    config, endpoints = station_config(name, folder)
    with open(folder / "sqd.log", "w") as log:
        daemon = subprocess.Popen([SQD, "run", "-c", config], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            for line in daemon.stdout:
                if line.strip() == "ready":
                    break
            else:
                raise SystemExit(f"sqd run did not start, see {folder / 'sqd.log'}")
            print(f"  watch it from another terminal: {SQD.relative_to(ROOT)} watch --results {endpoints['results']} --control {endpoints['control']}", flush=True)
            listener = Listener(endpoints, finals=2)
            viewer = subprocess.Popen([SQD, "watch", "--results", endpoints["results"], "--control", endpoints["control"], "--until-final", "2", "--timeout", "300"])
            with open(folder / "simulate.log", "w") as detector_log:
                # A detector has a computer of its own; here it gives way to the program that it feeds.
                subprocess.run(["nice", SQD, "simulate", "-c", config, "--bind", endpoints["source"], *STATIONS[name][mode], "--truth", folder / "truth", "--wait", "30",
                                "--announce", endpoints["control"], "--scan-name", "vit4"], check=True, stdout=detector_log)
            listener.thread.join()
            if listener.process.wait() != 0 or viewer.wait() != 0:
                raise SystemExit(f"the results stopped coming, see {folder / 'sqd.log'}")
        finally:
            daemon.terminate()
            if daemon.wait() != 0:
                raise SystemExit(f"sqd run ended with {daemon.returncode}, see {folder / 'sqd.log'}")
    return listener, json.loads((folder / "truth/truth.json").read_text()), config, folder


def reduce_truth(name, mode, config, folder, on_sample):
    """The same reduction of the noise-free expected image, with the same number of frames."""
    background_frames, _ = STATIONS[name]["frames"][mode]
    done = subprocess.run([SQD, "reduce", folder / "truth/expected_sample.npy", "--background", folder / "truth/expected_background.npy", "-c", config, "--json",
                           "--frames", str(on_sample), "--background-frames", str(background_frames), "--exposure", str(STATIONS[name]["exposure"])],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def judge(name, mode, listener, truth, config, folder):
    """Prints the table; returns the number of things that are wrong."""
    wrong = 0

    def row(what, true, measured, sigma):
        nonlocal wrong
        pull = (measured - true) / sigma
        bad = not abs(pull) <= MAX_PULL
        wrong += bad
        print(f"  {what:<22}{true:>14.6f}{measured:>14.6f}{sigma:>12.2e}{pull:>8.2f}{'  BEYOND ' + str(MAX_PULL) if bad else ''}")

    def count(what, true, measured):
        nonlocal wrong
        wrong += true != measured
        print(f"  {what:<22}{true:>14}{measured:>14}{'' if true == measured else '  WRONG'}")

    sample = next(s for s in truth["scans"] if s["role"] == "sample")
    on_sample = sample["on_sample_frames"]
    expected = reduce_truth(name, mode, config, folder, on_sample)
    print(f"\n  {'quantity':<22}{'truth':>14}{'measured':>14}{'sigma':>12}{'pull':>8}")
    final = listener.finals("fsdp", "sample")
    if not final:
        print("  no final FSDP was published")
        return 1
    frames, values = final[-1]["frames"], final[-1]["values"]
    for background in listener.finals("pattern", "background"):
        count("background frames", STATIONS[name]["frames"][mode][0], background["frames"]["used"])
    count("frames received", sample["frames"], frames["received"])
    count("frames missing", 0, frames["missing"])
    count("frames used", on_sample, frames["used"])
    truth_values = expected["fsdp"]["values"]
    row("q1 [1/A]", truth_values["q1"], values["q1"], values["q1_sigma"])
    row("FWHM [1/A]", truth_values["fwhm"], values["fwhm"], values["fwhm_sigma"])
    row("peak height", truth_values["height"], values["height"], values["height_sigma"])
    for pairs in listener.finals("gr", "sample"):
        v = pairs["values"]
        for shell in (1, 2):
            row(f"G(r) shell {shell} [A]", expected["gr"]["values"][f"shell{shell}_r"], v[f"shell{shell}_r"], v[f"shell{shell}_r_sigma"])
    partials = [h for h in listener.headers if h["schema"].startswith("sqd.fsdp/") and h["state"] == "partial" and "q1" in h["values"]]
    delay = seconds_between(partials[0]["time"]["first_frame"], partials[0]["time"]["published"]) if partials else math.inf
    late = not delay <= FIRST_Q1_WITHIN_S
    wrong += late
    when = f"first q1 after {delay:.2f} s" if partials else "no q1 while it was measured"
    blame = f"  TOO LATE: {FIRST_Q1_WITHIN_S:g} s are asked for (load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores: does anything else run?)" if late else ""
    print(f"  {when}{blame}; geometry (t/L) {values.get('q1_sigma_geometry', math.nan):.5f}, model {values['q1_sigma_model']:.5f} 1/A")
    if not final[-1]["durable"]:
        wrong += 1
        print("  the final is not in the archive")
    for path in sorted((folder / "archive").glob("*.nxs")):
        print(f"  archive {path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same in under a minute")
    parser.add_argument("--station", choices=sorted(STATIONS), help="only this one")
    arguments = parser.parse_args()
    mode = "quick" if arguments.quick else "full"
    if OUTPUT.exists():
        shutil.rmtree(OUTPUT)
    wrong = 0
    for name in [arguments.station] if arguments.station else STATIONS:
        print(f"\n{STATIONS[name]['title']}", flush=True)
        listener, truth, config, folder = measure(name, mode)
        wrong += judge(name, mode, listener, truth, config, folder)
    print("\nall as it should be" if wrong == 0 else f"\n{wrong} things are wrong")
    sys.exit(0 if wrong == 0 else 1)


if __name__ == "__main__":
    main()
