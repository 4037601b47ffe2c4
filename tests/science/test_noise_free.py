"""Without noise the reduction gives back the glass that the simulator drew: q1 as the same fit finds it on the ideal S(q), shells of G(r)."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("SQD_BINARY", str(ROOT / "build/release/sqd"))


def run(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def array(message, name):
    return np.array([np.nan if x is None else x for x in message["arrays"][name]], float)


def fit_of_ideal(station, folder, reduced):
    """The same fit, with the same weights, on the ideal S(q) at the same q."""
    ideal = np.loadtxt(folder / "truth/ideal.txt")
    q, sigma = array(reduced["sq"], "q"), array(reduced["sq"], "S_sigma")
    assert np.max(np.diff(ideal[:, 0])) < 0.02
    from scipy.interpolate import CubicSpline
    np.savetxt(folder / "ideal.xye", np.c_[q, CubicSpline(ideal[:, 0], ideal[:, 1])(q), sigma], fmt="%.12g")
    text = (ROOT / "config" / f"{station}.yaml").read_text()
    text = re.sub(r"poni: (\w+\.poni)", rf"poni: {ROOT}/config/\1", text)
    for key, value in (("structure_factor", "none"), ("pair_distribution", "none"), ("background", "{use: none}")):
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.M)
    (folder / "fit.yaml").write_text(text.replace("on: sq", "on: pattern"))
    return json.loads(run("reduce", folder / "ideal.xye", "-c", folder / "fit.yaml", "--json"))["fsdp"]["values"]


def shells_of_ideal(folder, q_min, q_max, r_step, first):
    """Maxima of G(r) of the ideal S(q), cut at q_max, Lorch window, S constant below q_min: (2/pi) sum q (S - 1) M sin(qr) dq."""
    ideal = np.loadtxt(folder / "truth/ideal.txt")
    step = 0.002
    q = np.arange(step, q_max + step / 2, step)
    s = np.interp(np.maximum(q, q_min), ideal[:, 0], ideal[:, 1])
    window = np.sinc(q / q_max)
    r = np.arange(r_step, 6, r_step)
    g = 2 / np.pi * (np.sin(np.outer(r, q)) @ (q * (s - 1) * window)) * step
    peaks = [i for i in range(1, len(r) - 1) if g[i - 1] < g[i] >= g[i + 1] and r[i] > first and g[i] > 0.1 * g.max()]
    out = []
    for i in peaks[:2]:
        a, b, c = g[i - 1:i + 2]
        out.append(r[i] + 0.5 * (a - c) / (a - 2 * b + c) * r_step)
    return out


class NoiseFree(unittest.TestCase):
    def reduce(self, station, folder, exposure, frames, background_frames):
        config = ROOT / "config" / f"{station}.yaml"
        run("simulate", "-c", config, "--expected-only", "--truth", folder / "truth", "--scans", "background:10,sample:10", "--exposure", exposure)
        return json.loads(run("reduce", folder / "truth/expected_sample.npy", "--background", folder / "truth/expected_background.npy", "-c", config, "--json",
                              "--frames", frames, "--background-frames", background_frames, "--exposure", exposure))

    def test_id13_q1(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as name:
            folder = pathlib.Path(name)
            reduced = self.reduce("id13", folder, 0.02, 1468, 400)
            ideal = fit_of_ideal("id13", folder, reduced)
            difference = reduced["fsdp"]["values"]["q1"] - ideal["q1"]
            print(f"ID13: q1 {reduced['fsdp']['values']['q1']:.6f}, on the ideal S(q) {ideal['q1']:.6f}, difference {difference:.1e} 1/A")
            self.assertLess(abs(difference), 2e-5)

    def test_id15a_q1_and_shells(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as name:
            folder = pathlib.Path(name)
            reduced = self.reduce("id15a", folder, 0.1, 600, 200)
            ideal = fit_of_ideal("id15a", folder, reduced)
            difference = reduced["fsdp"]["values"]["q1"] - ideal["q1"]
            print(f"ID15A: q1 {reduced['fsdp']['values']['q1']:.6f}, on the ideal S(q) {ideal['q1']:.6f}, difference {difference:.1e} 1/A")
            self.assertLess(abs(difference), 7e-4)  # bins of 0.01 1/A, a pixel is 0.041 1/A
            values = reduced["gr"]["values"]
            truth = shells_of_ideal(folder, reduced["sq"]["values"]["q_min"], values["q_max"], 0.01, 2.2)
            self.assertEqual(len(truth), 2)
            for number, r in enumerate(truth, 1):
                print(f"ID15A: shell {number} at {values[f'shell{number}_r']:.4f} A, of the truth {r:.4f} A")
                self.assertLess(abs(values[f"shell{number}_r"] - r), 0.02)


if __name__ == "__main__":
    unittest.main()
