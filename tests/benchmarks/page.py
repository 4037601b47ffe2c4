#!/usr/bin/python3
"""What the live page costs who looks at it: headless Chromium and a real `sqd run`, its window 1366 x 768.

    page.py [--json FILE] [--loads 7] [--updates 40] [--points 10000]

first_paint_ms   from the navigation to the first contentful paint, nothing cached, the median of the loads
weight_kB        of page and parts: unpacked, and as they come over the wire
script_ms        processor time of the page's own scripts per update, median and largest, while each update brings S(q), G(r), the peak and I(q) of so many
                 points; S(q) and G(r) with bands of one sigma beside a pinned reference, and the difference with its band: 4 panels of 3 curves and more
                 (map, and the trend of 4096 results and the waterfall of 300 as after hours, draw as well). Chromium's own count (DevTools `ScriptDuration`), which has what runs after the picture, too.
task_ms          the same with style, layout, painting and collection of garbage: all that the page's thread does

The messages are those of a real scan, made longer between their points, with noise of one sigma in each update; they reach the page by a socket of this script
in place of the daemon's, so that no daemon computes beside it.
"""

import argparse
import base64
import contextlib
import json
import pathlib
import statistics
import struct
import sys
import threading

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("browser", "integration")]

import numpy as np  # noqa: E402

from browser import Browser  # noqa: E402
from onlookers import Audience, message_header  # noqa: E402
from sqd_testing import Daemon, Process, set_source, station, temporary  # noqa: E402
from whole_daemon import LONG, rounded  # noqa: E402

KINDS = ("pattern", "sq", "fsdp", "gr")
ROWS, TREND = 300, 4096  # of the waterfall and of the trend at most: as after hours
SIGMAS = {"I": "I_sigma", "S": "S_sigma", "G": "G_sigma", "data": "data_sigma"}
FAKE_SOCKET = """
window.WebSocket = class {
  constructor() { window.socket = this; setTimeout(() => this.onopen()); }
};
const ask = window.fetch;
window.fetch = (path, how) => (path === 'api/v1/trend' ? Promise.resolve(new Response(JSON.stringify({ points: TREND }))) : ask(path, how));
window.told = [];
window.tell = (text) => window.told.push(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.fill = (times, messages) => { for (let k = 0; k < times; ++k) window.socket.onmessage({ data: messages[k % messages.length] }); };
window.update = async (messages) => {
  for (const data of messages) window.socket.onmessage({ data });
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
};
"""


@contextlib.contextmanager
def served():
    """The port of a daemon that has taken a scan, and what it told of it: {kind: message}."""
    told, all_there = {}, threading.Event()

    def keep(_, message):
        header = message_header(message)
        kind = header["schema"].split("/")[0][4:]
        if header.get("state") == "final" or kind == "status":
            told[kind] = message
        if told.keys() >= {*KINDS, "map", "status"}:
            all_there.set()

    with temporary() as directory:
        config = station("simulated", directory, replace={"web: {listen: none}": "web: {listen: 127.0.0.1:0}"})
        with Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", "background:20,sample:48", "--grid", "6x8", "--rate", 0, "--exposure", 0.01) as detector:
            set_source(config, detector.wait_line("endpoint ", LONG))
            with Daemon(config) as daemon:
                port = int(daemon.wait_line("web http://").rsplit(":", 1)[1])
                audience = Audience(port, 1, keep)
                assert all_there.wait(60), told.keys()
                audience.close()
                yield port, told


def parts_of(message):
    header = message_header(message)
    at, arrays = 4 + struct.unpack_from("<I", message)[0], {}
    for entry in header["arrays"]:
        count = int(np.prod(entry["shape"]))
        arrays[entry["name"]] = np.frombuffer(message, "<f4", count, at)
        at += 4 * count
    return header, arrays


def longer(message, points, result, rng):
    """The same curves on so many points, with noise of one sigma."""
    header, arrays = parts_of(message)
    out = {}
    for name, array in arrays.items():
        known = np.flatnonzero(np.isfinite(array))
        out[name] = np.interp(np.linspace(0, len(array) - 1, points), known, array[known])
    for name, sigma in SIGMAS.items():
        if name in out and sigma in out:
            out[name] += out[sigma] * rng.standard_normal(points)
    header.update(result=TREND + result, state="partial", frames={**header["frames"], "used": TREND + result}, arrays=[{**entry, "shape": [points]} for entry in header["arrays"]])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(out[entry["name"]].astype("<f4").tobytes() for entry in header["arrays"])


def trend(message, rng):
    """So many earlier results of the same scan, as /api/v1/trend lists them."""
    header = message_header(message)
    scan, v = header["scan"], header["values"]
    return [{"uid": scan["uid"], "id": scan["id"], "state": "partial", "result": i, "used": i + 1, "time": header["time"]["published"],
             **{key: v[key] + v[key + "_sigma"] * rng.standard_normal() for key in ("q1", "fwhm")}, **{key: v[key] for key in ("q1_sigma", "fwhm_sigma")}} for i in range(TREND)]


def first_paint(browser, url, loads):
    browser.call("Network.setCacheDisabled", cacheDisabled=True)
    times = []
    for _ in range(loads):
        browser.go("about:blank")
        browser.wait("location.href === 'about:blank'", "a blank page")
        browser.go(url)
        times.append(browser.wait("performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint').startTime", "the first paint"))
        browser.wait("document.querySelector('#state').dataset.state === 'standby'", "contact; the detector has gone")
    return times


def weight(browser):
    """Unpacked and over the wire, of the page that is there [kB]."""
    sizes = browser.run("[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource').filter((e) => e.name.includes('/page/'))]"
                        ".map((e) => [e.decodedBodySize, e.transferSize])")
    assert len(sizes) > 8, sizes
    return [sum(column) / 1e3 for column in zip(*sizes)]


def spent(browser):
    metrics = {each["name"]: each["value"] for each in browser.call("Performance.getMetrics")["metrics"]}
    return np.array([metrics["ScriptDuration"], metrics["TaskDuration"]]) * 1e3


def updates(browser, url, told, options):
    """ms of script and of everything, per update."""
    rng = np.random.default_rng(20261126)
    browser.call("Page.addScriptToEvaluateOnNewDocument", source=FAKE_SOCKET.replace("TREND", json.dumps(trend(told["fsdp"], rng))))
    browser.go(url)
    browser.wait("window.socket && window.socket.onmessage && document.readyState === 'complete'", "the page")
    messages = [[told["status"], told["map"], *(longer(told[kind], options.points, result, rng) for kind in KINDS)] for result in range(options.updates + 5)]
    for one in messages:
        for message in one:
            browser.run(f"window.tell('{base64.b64encode(message).decode()}'), 0")
    each = len(messages[0])
    browser.run(f"window.update(window.told.slice(0, {each}))")
    for kind in ("pattern", "sq"):
        browser.run(f"window.fill({ROWS}, window.told.filter((_, i) => i % {each} === {2 + KINDS.index(kind)}))")
    browser.key("r")
    browser.wait("document.querySelector('#pin').getAttribute('aria-pressed') === 'true' && !document.querySelector('#panel-gr .strip').hidden", "pinned, with the difference")
    browser.call("Performance.enable", timeDomain="threadTicks")
    out = []
    for i in range(1, len(messages)):
        before = spent(browser)
        browser.run(f"window.update(window.told.slice({i * each}, {(i + 1) * each}))")
        out.append(spent(browser) - before)
    assert browser.complaints == [], browser.complaints
    return np.array(out[4:])  # the first are compiled as they run


def measure(options):
    with served() as (port, told), Browser() as browser:
        url = f"http://127.0.0.1:{port}/"
        paints = first_paint(browser, url, options.loads)
        unpacked, packed = weight(browser)
        script, task = updates(browser, url, told, options).T
        if options.picture:
            browser.picture(options.picture)
    return {"first_paint_ms": {"median": statistics.median(paints), "largest": max(paints), "loads": len(paints)}, "weight_kB": {"unpacked": unpacked, "packed": packed},
            "script_ms": {"median": float(np.median(script)), "largest": float(script.max())}, "task_ms": {"median": float(np.median(task)), "largest": float(task.max())},
            "points": options.points, "updates": len(script)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--loads", type=int, default=7)
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--picture", type=pathlib.Path, help="of the page after the last update")
    options = parser.parse_args()
    out = measure(options)
    print(json.dumps(rounded(out)), file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
