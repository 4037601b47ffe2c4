"""Without noise the reduction gives back the glass that the simulator drew: S(q), q1 as the same fit finds it on the ideal S(q) averaged over the
pixels of each bin, shells of G(r)."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import numpy as np
from scipy.interpolate import CubicSpline

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("SQD_BINARY", str(ROOT / "build/release/sqd"))
SHAPES = {"id13": (2167, 2070, 75e-6), "id15a": (1679, 1475, 172e-6)}


def run(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def array(message, name):
    return np.array([np.nan if x is None else x for x in message["arrays"][name]], float)


def poni(station):
    text = (ROOT / "config" / f"{station}.poni").read_text()
    value = {m[1]: float(m[2]) for m in re.finditer(r"^(Distance|Poni1|Poni2|Rot1|Rot2|Rot3|Wavelength): *(\S+)", text, re.M)}
    assert value["Rot1"] == value["Rot2"] == value["Rot3"] == 0  # the formula below is of a detector square to the beam
    return value


def pixel_integrated(station, folder, q, step):
    """S(q) per bin as the mean of <f>^2 (S - 1) over the area of the bin's pixels (5 x 5 points each), over <f>^2 at the bin's centre."""
    ideal = np.loadtxt(folder / "truth/ideal.txt")
    signal = CubicSpline(ideal[:, 0], ideal[:, 3] * (ideal[:, 1] - 1))
    rows, cols, pixel = SHAPES[station]
    p = poni(station)
    masked = np.isnan(np.load(folder / "truth/expected_sample.npy"))

    def q_at(row, col):
        radius = np.hypot((row + 0.5) * pixel - p["Poni1"], (col + 0.5) * pixel - p["Poni2"])
        return 4e-10 * np.pi / p["Wavelength"] * np.sin(np.arctan2(radius, p["Distance"]) / 2)

    row, col = np.mgrid[0:rows, 0:cols]
    centre = q_at(row, col)
    low = q[0] - step / 2
    seen = ~masked & (centre >= low) & (centre < q[-1] + step / 2)
    row, col, bins = row[seen], col[seen], ((centre[seen] - low) / step).astype(int)
    total = np.zeros(len(row))
    for dy in (-0.4, -0.2, 0, 0.2, 0.4):
        for dx in (-0.4, -0.2, 0, 0.2, 0.4):
            total += signal(q_at(row + dy, col + dx)) / 25
    count = np.bincount(bins, minlength=len(q))
    assert count.min() > 0
    f_mean2 = CubicSpline(ideal[:, 0], ideal[:, 3])
    return 1 + np.bincount(bins, total, len(q)) / count / f_mean2(q)


def fit_of_truth(station, folder, reduced):
    """The same fit, with the same weights, on the true S(q) of the same bins."""
    q, sigma = array(reduced["sq"], "q"), array(reduced["sq"], "S_sigma")
    window = (q > 1.9) & (q < 3.4)
    truth = pixel_integrated(station, folder, q[window], q[1] - q[0])
    np.savetxt(folder / "truth.xye", np.c_[q[window], truth, sigma[window]], fmt="%.12g")
    text = (ROOT / "config" / f"{station}.yaml").read_text()
    text = re.sub(r"poni: (\w+\.poni)", rf"poni: {ROOT}/config/\1", text)
    for key, value in (("structure_factor", "none"), ("pair_distribution", "none"), ("background", "{use: none}"), ("ad_hoc", "none")):
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.M)
    (folder / "fit.yaml").write_text(text.replace("on: sq", "on: pattern"))
    return json.loads(run("reduce", folder / "truth.xye", "-c", folder / "fit.yaml", "--json"))["fsdp"]["values"]


def shells_of_ideal(folder, q_min, q_max, r_step, first):
    """Maxima of G(r) of the ideal S(q), cut at q_max, Lorch window, S constant below q_min: (2/pi) sum q (S - 1) M sin(qr) dq."""
    ideal = np.loadtxt(folder / "truth/ideal.txt")
    step = 0.002
    q = np.arange(step, q_max + step / 2, step)
    s = np.interp(np.maximum(q, q_min), ideal[:, 0], ideal[:, 1])
    window = np.sinc(q / q_max)
    r = np.arange(r_step, 7, r_step)
    g = 2 / np.pi * (np.sin(np.outer(r, q)) @ (q * (s - 1) * window)) * step
    peaks = [i for i in range(1, len(r) - 1) if g[i - 1] < g[i] >= g[i + 1] and r[i] > first and g[i] > 0.1 * g.max()]
    out = []
    for i in peaks[:3]:
        a, b, c = g[i - 1:i + 2]
        out.append(r[i] + 0.5 * (a - c) / (a - 2 * b + c) * r_step)
    return out


class NoiseFree(unittest.TestCase):
    def reduce(self, station, folder, exposure, frames, background_frames):
        config = ROOT / "config" / f"{station}.yaml"
        run("simulate", "-c", config, "--expected-only", "--truth", folder / "truth", "--scans", "background:10,sample:10", "--exposure", exposure)
        return json.loads(run("reduce", folder / "truth/expected_sample.npy", "--background", folder / "truth/expected_background.npy", "-c", config, "--json",
                              "--frames", frames, "--background-frames", background_frames, "--exposure", exposure))

    def check_peak(self, station, folder, reduced, bound):
        found, truth = reduced["fsdp"]["values"], fit_of_truth(station, folder, reduced)
        difference, height = found["q1"] - truth["q1"], found["height"] / truth["height"] - 1
        print(f"{station}: q1 {found['q1']:.6f}, of the true S(q) over the pixels {truth['q1']:.6f}, difference {difference:.1e} 1/A; "
              f"fwhm {found['fwhm']:.5f} and {truth['fwhm']:.5f} 1/A; height {100 * height:+.3f} %")
        self.assertLess(abs(difference), bound)
        return height

    def test_id13_q1(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as name:
            folder = pathlib.Path(name)
            self.check_peak("id13", folder, self.reduce("id13", folder, 0.02, 1468, 400), 2e-5)

    def test_id15a(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as name:
            folder = pathlib.Path(name)
            reduced = self.reduce("id15a", folder, 0.1, 600, 200)
            height = self.check_peak("id15a", folder, reduced, 5e-5)
            self.assertLess(abs(height), 0.005)

            q, s = array(reduced["sq"], "q"), array(reduced["sq"], "S")
            ideal = np.loadtxt(folder / "truth/ideal.txt")
            inside = (q >= 1) & (q <= 25)
            off = (s - CubicSpline(ideal[:, 0], ideal[:, 1])(q))[inside]
            print(f"id15a: S(q) less the ideal one over 1 to 25 1/A: rms {np.sqrt(np.mean(off**2)):.5f}, at worst {np.abs(off).max():.4f}")
            self.assertLess(np.sqrt(np.mean(off**2)), 0.005)
            self.assertLess(np.abs(off).max(), 0.02)  # on the flank of the peak: a pixel is 0.041 1/A wide

            values = reduced["gr"]["values"]
            truth = shells_of_ideal(folder, reduced["sq"]["values"]["q_min"], values["q_max"], 0.01, 2.2)
            self.assertEqual(len(truth), 3)
            for number, r in enumerate(truth, 1):
                print(f"id15a: shell {number} at {values[f'shell{number}_r']:.4f} A, of the truth {r:.4f} A")
                self.assertLess(abs(values[f"shell{number}_r"] - r), 0.005)


if __name__ == "__main__":
    unittest.main()
