#!/usr/bin/env python3
"""The page in a headless Chromium against the real binary: a shift in half a minute. Pictures of it for people to look at go to
$SQD_PICTURES, or to page-pictures in the build folder."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import socket
import sys
import time
import unittest
import urllib.request

import numpy as np

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "tests/integration"))
from sqd_testing import Daemon, Sender, expected_images, set_source, skip, station, temporary, v1_end, v1_header, v1_image, viewer_messages  # noqa: E402

try:
    from browser import Browser, find_chromium
except ImportError:
    skip("python3-websocket is not installed (deploy/setup.sh test installs it)")
if not find_chromium():
    skip("chromium is not installed (deploy/setup.sh test installs it)")

AXE = ROOT / "tests/browser/node_modules/axe-core/axe.min.js"
if not AXE.exists():
    skip("axe-core is not installed (deploy/setup.sh test installs it)")

PICTURES = pathlib.Path(os.environ.get("SQD_PICTURES", pathlib.Path(os.environ.get("SQD_BUILD", ROOT / "build/release")) / "page-pictures"))
ROWS, COLS = 6, 8
MOST_BYTES = 250_000
TOKEN = "a-token-for-the-test-of-the-page"
SEED = 20260711


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Shift:
    """A daemon at a port that it keeps over restarts, a detector, and the page."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        token = self.directory / "token"
        token.touch(mode=0o600)
        token.write_text(TOKEN + "\n")
        self.port = free_port()
        self.sender = Sender()
        self.config = station("simulated", directory, replace={"web: {listen: none}": f'web: {{listen: "127.0.0.1:{self.port}", token: {token}}}'})
        set_source(self.config, self.sender.endpoint)
        self.expected = {role: np.nan_to_num(image) for role, image in expected_images(self.config, self.directory / "truth").items()}
        self.rng = np.random.default_rng(SEED)
        self.series = 0
        self.daemon = Daemon(self.config)
        self.browser = Browser()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def begin(self, role, count, **said):
        self.series += 1
        assert self.daemon.ask("announce", role=role, **said)["ok"]
        self.role = role
        self.sender.send(v1_header(self.series, self.expected["sample"].shape, nimages=count, photon_energy=68500.0, threshold_energy=20000.0))

    def frames(self, numbers, off_sample=()):
        for i in numbers:
            mean = self.expected["background" if self.role == "background" or i in off_sample else "sample"]
            self.sender.send(v1_image(self.series, i, self.rng.poisson(mean).astype("u4")))

    def end(self):
        self.sender.send(v1_end(self.series))

    def restart(self):
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.daemon.__exit__()
        self.browser.wait("document.querySelector('#state .word').textContent === 'no contact'", "no contact")
        self.daemon = Daemon(self.config)

    def pictures(self, name):
        for theme in ("dark", "light"):
            self.theme(theme)
            self.browser.picture(PICTURES / f"{name}-{theme}.png")
        self.theme("dark")

    def theme(self, wanted):
        self.browser.wait(f"document.documentElement.dataset.theme === '{wanted}' || (document.querySelector('#theme').click(), false)", wanted)
        self.browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def accessible(self, state):
        """What axe-core finds wrong: contrast, names, roles."""
        self.browser.run(AXE.read_text() + "; 0")
        found = self.browser.run("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']}).then((r) => r.violations.map("
                                 "(v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))")
        assert not found, (state, found)

    def had(self, path):
        """What the daemon serves there."""
        with urllib.request.urlopen(self.url + path) as reply:
            return reply.read()

    def events(self):
        """The lines of the page's log."""
        return self.browser.run("Array.from(document.querySelectorAll('#events li'), (each) => each.textContent)")

    def close(self):
        self.browser.close()
        self.daemon.__exit__()
        self.sender.close()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        PICTURES.mkdir(parents=True, exist_ok=True)
        cls.temporary = temporary()
        cls.shift = Shift(cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.shift.close()
        cls.temporary.cleanup()

    @contextlib.contextmanager
    def step(self, what):
        """Each needs the one before: the first that fails ends the shift, with a picture."""
        began = time.monotonic()
        try:
            yield
        except BaseException:
            print(f"failed in: {what}", flush=True)
            self.shift.browser.picture(PICTURES / "failed.png")
            raise
        print(f"{time.monotonic() - began:5.1f} s  {what}", flush=True)

    def number(self, name):
        """A number of the page: as it came, and as it reads."""
        host = f"document.querySelector('#{name}')"
        value, sigma = self.shift.browser.run(f"[{host}.dataset.value, {host}.dataset.sigma]")
        text = self.shift.browser.text(f"#{name}")
        read = re.search(r"([\d.]+)± ([\d.]+) Å⁻¹", text)
        self.assertTrue(read, text)
        return float(value), float(sigma), float(read[1]), float(read[2])

    def wait_result(self, scan, state):
        """The page shows that state of that scan."""
        self.shift.browser.wait(f"document.querySelector('#panel-fsdp .of').title.startsWith('{scan}: {state}')", f"{state} of {scan}")

    def check_numbers(self, header):
        for name in ("q1", "fwhm"):
            value, sigma, shown, shown_sigma = self.number(name)
            self.assertEqual(value, header["values"][name])
            self.assertEqual(sigma, header["values"][name + "_sigma"])
            self.assertLess(abs(shown - value), 0.06 * sigma)
            self.assertLess(abs(shown_sigma - sigma), 0.06 * sigma)

    def saved(self, words):
        """What the export of that name saves."""
        folder = self.shift.directory / "saved"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        browser = self.shift.browser
        browser.downloads_to(folder)
        browser.run(f"[...document.querySelectorAll('#export-dialog button')].find((b) => b.textContent === {json.dumps(words)}).click()")
        for _ in range(200):
            done = [f for f in folder.iterdir() if not f.name.endswith(".crdownload")]
            if done and done[0].stat().st_size > 0:
                return done[0].name, done[0].read_bytes()
            browser.run("new Promise((done) => setTimeout(done, 20))")
        raise AssertionError(f"{words}: nothing was saved")

    def check_orders(self, scans):
        """Kept finals of two scans in turns, message by message, from a socket that the test holds the other end of."""
        browser = self.shift.browser
        held = browser.call("Page.addScriptToEvaluateOnNewDocument", source="window.WebSocket = class { constructor() { window.link = this; } };")
        browser.go(self.shift.url)
        browser.wait("window.link && Boolean(window.link.onmessage)", "the page")
        for i, order in enumerate(itertools.permutations(("pattern", "sq", "fsdp"))):
            scan = scans[i % 2]
            for kind in order:
                browser.run(f"fetch('api/v1/results/{scan['uid']}/{kind}').then((reply) => reply.arrayBuffer()).then((data) => window.link.onmessage({{data}}))"
                            ".then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))")
            titles = [browser.run(f"document.querySelector('#panel-{panel} .of').title") for panel in ("sq", "fsdp")]
            self.assertTrue(all(title.startswith(f"{scan['id']}: final") for title in titles), f"{order}: {titles}")
            self.assertTrue(browser.run("document.querySelector('#q1').dataset.value"), order)
        browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=held["identifier"])

    def test_a_shift(self):
        shift, browser = self.shift, self.shift.browser
        with self.step("empty"):
            browser.go(shift.url)
            browser.wait("document.querySelector('#state .word').textContent === 'READY'", "contact")
            shift.pictures("empty")
            shift.accessible("empty")
            self.assertEqual(browser.run("document.querySelectorAll('.empty:not([hidden])').length"), 6)

        with self.step("a background, and half of a map"):
            shift.begin("background", 20, name="air")
            shift.frames(range(20))
            shift.end()
            shift.daemon.wait_final("pattern", shift.series)
            shift.begin("sample", ROWS * COLS, name="vit4", grid=[ROWS, COLS], mount="m1")
            shift.frames(range(ROWS * COLS // 2), off_sample=(0, 8))
            self.wait_result("vit4", "partial")
            browser.wait("document.querySelector('#panel-map .of').title.startsWith('vit4: partial')", "the map so far")
            browser.wait("document.querySelector('#state .word').textContent === 'RUNNING'", "RUNNING")
            browser.wait(f"document.querySelector('#frames').textContent === 'frame {ROWS * COLS // 2} / {ROWS * COLS}'", "the frames")
            self.assertEqual(browser.text("#percent"), "50 %")

        with self.step("every panel is filled, and with ink"):
            browser.wait("document.querySelectorAll('.empty:not([hidden])').length === 0", "no panel is empty")
            for name in ("sq", "fsdp", "trend", "gr", "map", "waterfall"):
                ink = browser.run(f"(() => {{ const c = document.querySelector('#panel-{name} canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                                  " let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()")
                self.assertGreater(ink, 500, name)
            shift.pictures("running")

        with self.step("stale while the stream rests, and not after"):
            browser.wait("!document.querySelector('#stale').hidden && /^STALE [3-9]/.test(document.querySelector('#stale').textContent)", "STALE")
            shift.frames(range(ROWS * COLS // 2, ROWS * COLS))
            shift.end()
            browser.wait("document.querySelector('#stale').hidden", "no STALE")

        with self.step("numbers are those that were published"):
            header, arrays = shift.daemon.wait_final("fsdp", shift.series)
            vit4, vit4_series = header, shift.series
            self.wait_result("vit4", "final")
            self.check_numbers(header)
            self.assertIn(header["advice"]["sentence"], browser.text("#advice"))
            _, sq = shift.daemon.wait_final("sq", shift.series)
            browser.key("e")
            name, text = self.saved("S(q), all columns (.csv)")
            self.assertRegex(name, r"^vit4_final\d+\.sq\.csv$")
            rows = [line.split(",") for line in text.decode().splitlines() if not line.startswith("#")]
            self.assertEqual(rows[1][rows[0].index("F")], "1/angstrom")
            for column in ("q", "S", "S_sigma", "F"):
                np.testing.assert_array_equal(np.array([row[rows[0].index(column)] for row in rows[2:]], "f4"), sq[column].astype("f4"))

        with self.step("a .gr that readers of PDFgetX3's files take, and a picture"):
            _, gr = shift.daemon.wait_final("gr", shift.series)
            name, text = self.saved("G(r) (.gr)")
            self.assertRegex(name, r"^vit4_final\d+\.gr$")
            text = text.decode()
            body = text.split("#### start data", 1)[1]
            read = np.array([line.split() for line in body.splitlines() if line and not line.startswith("#")], float)
            np.testing.assert_allclose(read[:, 0], gr["r"], rtol=1e-6)
            np.testing.assert_allclose(read[:, 1], gr["G"], rtol=1e-6, atol=1e-7)
            _, picture = self.saved("picture of G(r) (.png)")
            self.assertTrue(picture.startswith(b"\x89PNG") and len(picture) > 3000)
            browser.run("document.querySelector('#export-dialog').close()")

        with self.step("a point of the map says what it has"):
            _, points = shift.daemon.wait_final("map", shift.series)
            browser.wait("document.querySelector('#panel-map .of').title.startsWith('vit4: final')", "the map")
            self.assertIn("2 left out", browser.text("#panel-map .readout"))
            browser.run("document.querySelector('#panel-map canvas.heat').focus()")
            for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
                browser.key(key)
            text = browser.text("#panel-map .readout")
            self.assertTrue(text.startswith("row 1, column 2:"), text)
            q1 = float(re.search(r"q₁ ([\d.]+) ±", text)[1])
            self.assertLess(abs(q1 - points["q1"][1, 2]), 0.06 * points["q1_sigma"][1, 2])

        with self.step("a second sample against the pinned first, while the first is looked at"):
            browser.key("r")
            browser.wait("document.querySelector('#pin').getAttribute('aria-pressed') === 'true'", "pinned")
            browser.key("f")
            browser.wait("document.querySelector('#banner').textContent.startsWith('Frozen: vit4, final')", "frozen")
            first = self.number("q1")
            shift.begin("sample", 30, name="vit4_again", mount="m1")
            shift.frames(range(30))
            shift.end()
            second, _ = shift.daemon.wait_final("fsdp", shift.series)
            browser.wait("document.querySelector('#events').textContent.includes('of vit4_again: 30 frames')", "the second's final in the log")
            self.assertEqual(self.number("q1"), first)
            browser.key("f")
            self.wait_result("vit4_again", "final")
            self.check_numbers(second)
            words = browser.text("#comparison")
            self.assertIn("against vit4:", words)
            by = float(re.search(r"\(([\d.]+) σ of counting", words)[1])
            a, b = header["values"], second["values"]
            self.assertAlmostEqual(by, abs(b["q1"] - a["q1"]) / np.hypot(a["q1_sigma"], b["q1_sigma"]), delta=0.06 * max(1, by))
            self.assertFalse(browser.run("document.querySelector('#panel-sq .strip').hidden"))
            shift.pictures("finished")
            shift.accessible("finished")
            shift.theme("light")
            shift.accessible("light")
            shift.theme("red")
            browser.picture(PICTURES / "finished-red.png")
            shift.accessible("red")
            shift.theme("dark")

        with self.step("looking back, one panel alone, and a view that can be shared"):
            browser.run("document.activeElement.blur()")
            browser.key("ArrowLeft")
            browser.wait("!document.querySelector('#banner').hidden", "frozen")
            browser.key("f")
            browser.key("2")
            browser.wait("document.querySelectorAll('.panel').length === 6 && [...document.querySelectorAll('.panel')].filter((p) => p.offsetParent).length === 1", "alone")
            browser.picture(PICTURES / "alone-dark.png")
            self.assertIn("only=fsdp", browser.run("location.hash"))
            browser.key("2")
            browser.key("?")
            browser.wait("document.querySelector('#help-dialog').open", "help")
            shift.accessible("help")
            browser.run("document.querySelector('#help-dialog').close()")

        with self.step("changing needs the token and a yes"):
            browser.run("document.querySelector('#control').open = true")
            press = "[...document.querySelectorAll('#control button')].find((b) => b.textContent === 'No background').click()"
            browser.run(f"document.querySelector('#control input[type=password]').value = {json.dumps(TOKEN)}; {press}")
            browser.wait("document.querySelector('#confirm-dialog').open", "the question")
            browser.run("[...document.querySelectorAll('#confirm-dialog button')].find((b) => b.textContent === 'Leave it').click()")
            self.assertEqual(shift.daemon.ask("background")["use"], "latest")
            browser.run(press)
            browser.run("[...document.querySelectorAll('#confirm-dialog button')].find((b) => b.textContent === 'Do it').click()")
            browser.wait("document.querySelector('#control [role=status]').textContent.startsWith('done')", "done")
            self.assertEqual(shift.daemon.ask("background")["use"], "none")
            self.assertTrue(shift.daemon.ask("background", use="latest")["ok"])
            browser.run("document.querySelector('#control').open = false")
            browser.run("for (const d of document.querySelectorAll('#drawer details:not(#control)')) d.open = true")
            browser.wait("document.querySelectorAll('#files a').length === 3 && document.querySelectorAll('#finals tbody tr').length === 3", "files and finals")
            self.assertNotIn(TOKEN, shift.had("api/v1/log").decode())
            browser.wait("document.querySelectorAll('#events li').length > 5", "the log")
            shift.accessible("drawer")
            browser.resize(1366, 1900)
            browser.picture(PICTURES / "drawer-dark.png")
            browser.resize(1366, 768)

        with self.step("a scan of the archive in the panels"):
            name = next(f["name"] for f in json.loads(shift.had("api/v1/archive"))["files"] if f["name"].startswith("vit4_sample"))
            held = viewer_messages(shift.had(f"api/v1/archive/{name}/messages"))
            for kind in ("pattern", "sq", "fsdp", "gr", "map"):
                _, published = shift.daemon.wait_final(kind, vit4_series)
                self.assertGreaterEqual(len(held[kind][1]), 2)
                for array, values in held[kind][1].items():
                    np.testing.assert_array_equal(values, published[array].astype("f4"), f"{kind} {array}")
            self.assertEqual(held["pattern"][0]["findings"], shift.daemon.wait_final("pattern", vit4_series)[0]["findings"])
            browser.run(f"document.querySelector('#files button[aria-label=\"Show {name}\"]').click()")
            browser.wait(f"document.querySelector('#banner').textContent.startsWith('Frozen: vit4, final') && document.querySelector('#banner').textContent.includes({json.dumps(name)})", "the archived scan")
            browser.wait("document.querySelector('#panel-map .of').title.startsWith('vit4: final')", "its map")
            browser.wait("document.querySelector('#findings span').textContent === 'not watched for (lines_not_watched:bins).'", "what was found in it")
            self.check_numbers(vit4)
            browser.run("for (const d of document.querySelectorAll('#drawer details')) d.open = false")
            browser.picture(PICTURES / "archived-dark.png")
            browser.key("f")
            self.wait_result("vit4_again", "final")

        with self.step("words of any length are whole, or end in dots"):
            cut = browser.run("Array.from(document.querySelectorAll('#verdicts p'), (p) => { const span = p.querySelector('span'), text = span.textContent; span.textContent = 'a long reason, '.repeat(21);"
                              " const over = p.scrollHeight - p.clientHeight; span.textContent = text; return over; })")
            self.assertTrue(all(over <= 0 for over in cut), cut)

        with self.step("frames are lost: an alarm, latched"):
            shift.begin("sample", 20, name="torn")
            shift.frames([*range(5), *range(9, 18)])
            browser.wait("document.querySelector('#lost').dataset.lost === 'true'", "lost frames")
            shift.end()
            self.wait_result("torn", "final")
            browser.wait("document.querySelector('#state').dataset.alarm === 'true' && !document.querySelector('#alarms').hidden", "the alarm")
            header, _ = shift.daemon.wait_final("pattern", shift.series)
            self.assertGreaterEqual(header["frames"]["missing"], 4)
            browser.wait(f"document.querySelector('#lost').textContent === '{header['frames']['missing']} frames'", "as many are lost")
            self.assertEqual(browser.run("document.querySelector('#lost').dataset.lost"), "true")
            shift.pictures("alarm")
            shift.accessible("alarm")
            browser.click("#lost")
            browser.wait("document.querySelector('#lost').dataset.lost === 'false'", "seen")

        self.assertEqual(browser.complaints, [])

        with self.step("a result is whole in whatever order its parts come"):
            self.check_orders([shift.daemon.wait_final("pattern", series)[0]["scan"] for series in (vit4_series, shift.series)])
            self.assertEqual(browser.complaints, [])

        with self.step("the waterfall is there when the page is opened again"):
            shown = int(re.fullmatch(r"the last (\d+) results", browser.text("#panel-waterfall .of"))[1])
            _, rows = viewer_messages(shift.had("api/v1/rows/S"))["rows"]
            self.assertGreaterEqual(len(rows["rows"]), shown)
            browser.go(shift.url)
            browser.wait(f"document.querySelector('#panel-waterfall .of').textContent === 'the last {len(rows['rows'])} results'", "the rows of before")

        with self.step("the daemon starts again, and what was is shown as of before"):
            torn, _ = shift.daemon.wait_final("fsdp", shift.series)
            shift.restart()
            browser.wait("document.querySelector('#state .word').textContent !== 'no contact'", "contact again")
            gone = re.compile(r"net::ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE) ")  # not yet there, and what was under way when it ended
            self.assertEqual([each for each in browser.complaints if not gone.search(each)], [])
            browser.complaints.clear()
            browser.go(shift.url)
            for name in ("sq", "fsdp", "gr"):
                browser.wait(f"document.querySelector('#panel-{name} .of').textContent.startsWith('last final, torn, ')", f"the last final in {name}")
            self.check_numbers(torn)
            browser.wait("document.querySelector('#panel-waterfall .of').textContent === 'the last 3 results'", "the finals of before as rows")
            self.assertEqual(browser.run("document.querySelectorAll('.empty:not([hidden])').length"), 1)  # it has no map
            self.assertEqual(len([line for line in shift.events() if "journal: " in line and " finals of which " in line]), 1)
            browser.picture(PICTURES / "restarted-dark.png")
            shift.accessible("restarted")

        with self.step("and the page goes on"):
            shift.begin("sample", 12, name="after")
            shift.frames(range(12))
            shift.end()
            header, _ = shift.daemon.wait_final("fsdp", shift.series)
            self.wait_result("after", "final")
            self.check_numbers(header)
            browser.run("document.querySelector('#events').open = true")
            browser.wait(f"document.querySelector('#events').textContent.includes('series {shift.series} ended')", "the end in the daemon's log")
            lines = shift.events()
            self.assertEqual([sum(words in line for line in lines) for words in (f"series {shift.series} started", f"series {shift.series} ended", "after: start", "after: end")], [1, 1, 0, 0], lines)
            self.assertEqual(browser.complaints, [])

        with self.step("nothing leaves the host"):
            strangers = [url for url in browser.requests if not url.startswith((shift.url, f"ws://127.0.0.1:{shift.port}/", "blob:" + shift.url, "data:"))]
            self.assertEqual(strangers, [])

        with self.step("the page weighs little"):
            weight = 0
            for url in sorted({url for url in browser.requests if url == shift.url or "/page/" in url}):
                with urllib.request.urlopen(url) as reply:  # unpacked
                    weight += len(reply.read())
            print(f"the page weighs {weight} bytes unpacked; a picture takes {browser.run('document.body.dataset.drawMs')} ms of script")
            self.assertGreater(weight, 50_000)
            self.assertLess(weight, MOST_BYTES)


if __name__ == "__main__":
    unittest.main()
