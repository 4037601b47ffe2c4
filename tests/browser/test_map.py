#!/usr/bin/env python3
"""The map while it is measured: peaks of its points, and the curve of the one that is clicked on, against what was published, what
/api/v1/points says and what the archive has."""

import json
import re
import sys
import unittest
import urllib.error
import urllib.request

import h5py
import numpy as np

from test_page import PICTURES, Shift, temporary  # says what is not installed

ROWS, COLS = 4, 6
ABOVE, LEFT, RIGHT, BELOW = 8, 52, 84, 34  # of the map in its panel (heatmap.js)


class Map(unittest.TestCase):
    def rest(self, uid, row, col):
        """The curve as programs get it: header and arrays."""
        with urllib.request.urlopen(f"{self.shift.url}api/v1/points/{uid}/{row * COLS + col}") as reply:
            body = reply.read()
        length = int.from_bytes(body[:4], "little")
        header = json.loads(body[4:4 + length])
        values = np.frombuffer(body, "<f4", offset=4 + length)
        arrays = {}
        for entry in header["arrays"]:
            arrays[entry["name"]], values = values[:entry["shape"][0]], values[entry["shape"][0]:]
        return header, arrays

    def published(self, state, frames):
        return self.shift.daemon.wait(lambda m: m[0]["schema"].startswith("sqd.map/") and m[0]["state"] == state and m[0]["frames"]["received"] == frames
                                      and m[0]["scan"]["series_id"] == self.shift.series, f"the {state} map of {frames} frames")

    def wait_shown(self, header):
        self.browser.wait(f"document.querySelector('#panel-map .of').textContent.startsWith('{header['state']} {header['result']},')", "the map on the page")

    def click_point(self, row, col):
        x, y, w, h = self.browser.run("(() => { const h = document.querySelector('#panel-map canvas.heat').parentElement, b = h.querySelector('canvas').getBoundingClientRect();"
                                      " return [b.left, b.top, h.clientWidth, h.clientHeight]; })()")
        cell = min((w - LEFT - RIGHT) / COLS, (h - ABOVE - BELOW) / ROWS)
        self.browser.click_at(x + LEFT + (col + 0.5) * cell, y + ABOVE + (row + 0.5) * cell)
        self.browser.wait(f"document.querySelector('#panel-map .readout').textContent.includes('its curve is in I(q)')", "the curve")
        self.assertTrue(self.browser.text("#panel-map .readout").startswith(f"row {row}, column {col}:"), self.browser.text("#panel-map .readout"))

    def check_peaks(self, arrays, points):
        """What the page says of points is what was published."""
        self.browser.run("document.querySelector('#panel-map canvas.heat').focus()")
        at = [0, 0]
        for row, col in points:
            for _ in range(row - at[0]):
                self.browser.key("ArrowDown")
            for _ in range(abs(col - at[1])):
                self.browser.key("ArrowRight" if col > at[1] else "ArrowLeft")
            at = [row, col]
            text = self.browser.text("#panel-map .readout")
            self.assertTrue(text.startswith(f"row {row}, column {col}:"), text)
            for name, words in (("q1", "q₁"), ("fwhm", "FWHM")):
                shown = float(re.search(words + r" ([\d.]+) ±", text)[1])
                self.assertLess(abs(shown - arrays[name][row, col]), 0.06 * arrays[name + "_sigma"][row, col], text)

    def check_curve(self, uid, row, col):
        """Under the pointer the page reads the numbers that REST gives."""
        _, curve = self.rest(uid, row, col)
        left, top, width, height = self.browser.run("(() => { const b = document.querySelector('#panel-sq .plot .u-over').getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()")
        for part in (0.3, 0.5, 0.7):
            self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=left + part * width, y=top + height / 2)
            text = self.browser.wait(f"(() => {{ const t = document.querySelector('#panel-sq .readout').textContent; return t.includes('row {row}, column {col}') && t; }})()", "the reading")
            q = float(re.search(r"q ([\d.]+) ", text)[1])
            value = float(re.search(rf"row {row}, column {col} (-?[\d.]+(?:e[-+]?\d+)?)", text)[1])
            i = int(np.argmin(np.abs(curve["q"] - q)))
            self.assertLess(abs(value - curve["net"][i]), 0.06 * curve["net_sigma"][i] + 1e-6 * abs(value), text)

    def check_archive(self, uid, file):
        """The curves are the archived counts over their norm, whose mean is the archived pattern; less the background, so is net."""
        with h5py.File(file) as archive:
            points = archive["entry/frames/points"]
            counts, reason = points["bin_counts"][()].astype(float), [text.decode() for text in points["reason"][()]]
            weight = points["exposure"][()] * points["monitor"][()]
        curves = [self.rest(uid, *divmod(number, COLS))[1] for number in range(ROWS * COLS)]
        used = [i for i, why in enumerate(reason) if not why]
        self.assertEqual(len(used), ROWS * COLS - 2)
        _, pattern = self.shift.daemon.wait_final("pattern", self.shift.series)
        total = weight[used].sum()
        norm = counts[used].sum(axis=0) / (pattern["I"] * total)  # of a bin
        for i, curve in enumerate(curves):
            truth = counts[i] / (norm * weight[i])
            np.testing.assert_allclose(curve["I"], truth, rtol=3e-7)
            np.testing.assert_allclose(curve["I"] - curve["net"], pattern["I"] - pattern["net"], atol=3e-7 * np.max(truth))

    def test_a_running_map_and_its_points(self):
        PICTURES.mkdir(parents=True, exist_ok=True)
        with temporary() as directory:
            self.shift = Shift(directory)
            self.browser = self.shift.browser
            try:
                self.measure()
            except BaseException:
                self.browser.picture(PICTURES / "failed-map.png")
                raise
            finally:
                self.shift.close()

    def measure(self):
        shift, browser = self.shift, self.browser
        browser.go(shift.url)
        shift.begin("background", 20, name="air")
        shift.frames(range(20))
        shift.end()
        shift.daemon.wait_final("pattern", shift.series)

        shift.begin("sample", ROWS * COLS, name="ribbon", grid=[ROWS, COLS])
        shift.frames(range(ROWS * COLS // 2), off_sample=(0, 7))
        header, arrays = self.published("partial", ROWS * COLS // 2)
        self.wait_shown(header)
        used = arrays["used"] == 1
        self.assertEqual(np.count_nonzero(used), ROWS * COLS // 2 - 2)
        for name in ("q1", "q1_sigma", "fwhm", "fwhm_sigma", "chi2_reduced"):
            self.assertTrue(np.all(np.isfinite(arrays[name][used])) and np.all(np.isnan(arrays[name][~used])), name)
        self.assertIn("12 points, 2 left out", browser.text("#panel-map .readout"))
        self.check_peaks(arrays, [(0, 1), (0, 4), (1, 2)])

        uid = header["scan"]["uid"]
        self.click_point(1, 3)
        self.assertEqual(browser.text("#title-sq"), "I(q)")
        self.assertIn("row 1, column 3", browser.text("#panel-sq .legend"))
        self.check_curve(uid, 1, 3)
        browser.picture(PICTURES / "map-running.png")
        with self.assertRaises(urllib.error.HTTPError) as missing:  # has not been measured
            self.rest(uid, ROWS - 1, 0)
        self.assertEqual(missing.exception.code, 404)

        shift.frames(range(ROWS * COLS // 2, ROWS * COLS))
        shift.end()
        header, arrays = self.published("final", ROWS * COLS)
        self.wait_shown(header)
        self.assertIn("row 1, column 3", browser.text("#panel-sq .legend"))
        self.check_curve(uid, 1, 3)
        browser.key("Escape")
        browser.wait("!document.querySelector('#panel-sq .legend').textContent.includes('row 1') && document.querySelector('#title-sq').textContent === 'S(q)'", "S(q) again")
        browser.run("document.querySelector('#panel-map canvas.heat').focus()")
        for key in ("ArrowDown", "ArrowRight", "Enter"):
            browser.key(key)
        browser.wait("document.querySelector('#panel-sq .legend').textContent.includes('row 2, column 4')", "another point, by keys")
        self.check_curve(uid, 2, 4)
        browser.picture(PICTURES / "map-final.png")
        self.check_archive(uid, next((shift.directory / "archive").glob("ribbon*.nxs")))
        self.assertEqual(browser.complaints, [])


if __name__ == "__main__":
    sys.exit(unittest.main())
