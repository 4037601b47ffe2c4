#!/usr/bin/python3
# The virtual glass against formulas written anew: S(q) from its g(r), and the mean counts of single pixels.
"""Runs `sqd simulate --expected-only` for three stations and recomputes, with numpy, xraylib and its own reading of the
Waasmaier-Kirfel table, what truth.json says must be in the images. Differences above 1e-4 fail.

Sums, by the notes' numbers: self-absorption of a plate 1.10, fluorescence 1.12, Compton 1.13 (exact polarised Klein-Nishina),
anomalous scattering 1.14; polarisation after Kahn et al. 1982; Faber-Ziman S(q).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIP = 77
try:
    import numpy as np
    import xraylib
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(SKIP)

SOURCE = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
DATA = pathlib.Path(os.environ.get("SQD_TEST_DATA", SOURCE.parent / "shared" / "data"))
TABLE = DATA / "total_scattering" / "WaasmaierKirfel1995.txt"
HC_KEV_A, ELECTRON_KEV, RADIUS_A, AVOGADRO_PER_A3 = 12.398419843320026, 510.99895, 2.8179403262e-5, 0.602214076
TOLERANCE = 1e-4


def read_table():
    """{Z: (c, a[5], b[5])} of the neutral atoms; numbers in the file may run together."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        match = re.match(r"\s*(\d+)\s+([A-Z][a-z]?)\s+(.*)", line)
        if not match:
            continue
        values = [float(v) for v in re.findall(r"[-+]?\d*\.\d+", match.group(3))]
        if len(values) == 11:
            rows.setdefault(int(match.group(1)), (values[0], np.array(values[1:6]), np.array(values[6:])))
    return rows


WK = None


def f0(z, q):
    c, a, b = WK[z]
    s = np.asarray(q) / (4 * np.pi)
    return c + np.sum(a * np.exp(-b * s[..., None] ** 2), axis=-1)


def compton(z, q):
    """Hubbell's S(x, Z); as q^2 where the table has not begun."""
    floor = 0.1
    out = [xraylib.SF_Compt(z, max(x, floor) / (4 * np.pi)) * (x / max(x, floor)) ** 2 for x in np.ravel(q)]
    return np.reshape(out, np.shape(q))


def s_of_q(g_of_r, density, q):
    r, g = g_of_r.T
    q = np.ravel(q)
    integrand = r * (g - 1)
    step = r[1] - r[0]
    return 1 + 4 * np.pi * density / q * np.array([np.sum(integrand * np.sin(x * r)) * step for x in q])


def escape(inward, outward):
    return np.where(np.abs(outward - inward) < 1e-9, np.exp(-inward),
                    (np.exp(-inward) - np.exp(-outward)) / np.where(outward == inward, 1, outward - inward))


class Model:
    """Expected counts per pixel from truth.json and g_of_r.txt alone."""

    def __init__(self, truth, g_of_r):
        self.t, self.g_of_r = truth, g_of_r
        sample = truth["sample"]
        self.z = [e["z"] for e in sample["elements"]]
        self.c = np.array([e["fraction"] for e in sample["elements"]])
        self.mass = np.array([xraylib.AtomicWeight(z) for z in self.z])
        self.energy = truth["energy_keV"]
        self.density = AVOGADRO_PER_A3 * sample["density_g_cm3"] / np.sum(self.c * self.mass)
        self.thickness_cm = sample["thickness_um"] * 1e-4
        self.atoms = self.density * sample["thickness_um"] * 1e4
        self.depth = self.mu(self.energy) * self.thickness_cm
        self.transmission = np.exp(-self.depth)

    def mu(self, energy):
        cross = np.array([xraylib.CS_Total(z, energy) for z in self.z])
        return self.t["sample"]["density_g_cm3"] * np.sum(self.c * self.mass * cross) / np.sum(self.c * self.mass)

    def eta(self, energies, cosine):
        sensor = self.t["sensor"]
        if not sensor["material"]:
            return np.ones_like(cosine)
        rho = {"Si": 2.33, "CdTe": 5.85, "GaAs": 5.32}[sensor["material"]]
        mu = np.reshape([xraylib.CS_Total_CP(sensor["material"], e) for e in np.ravel(energies)], np.shape(energies)) * rho
        return 1 - np.exp(-mu * sensor["thickness_um"] * 1e-4 / cosine)

    def rays(self, row, col):
        """Unit-free geometry of points of the detector (in pixels): laboratory vector, cos of incidence, distance [m]."""
        g = self.t["geometry"]
        if g["orientation"] in (1, 2):
            row = g["rows"] - row
        if g["orientation"] in (1, 4):
            col = g["cols"] - col
        p = np.stack([row * g["pixel1_m"] - g["poni1_m"], col * g["pixel2_m"] - g["poni2_m"], np.full_like(row, g["distance_m"])])
        c1, s1, c2, s2, c3, s3 = (f(g[k]) for k in ("rot1_rad", "rot2_rad", "rot3_rad") for f in (np.cos, np.sin))
        r1 = np.array([[1, 0, 0], [0, c1, s1], [0, -s1, c1]])
        r2 = np.array([[c2, 0, -s2], [0, 1, 0], [s2, 0, c2]])
        r3 = np.array([[c3, -s3, 0], [s3, c3, 0], [0, 0, 1]])
        distance = np.sqrt(np.sum(p * p, axis=0))
        return np.tensordot(r3 @ r2 @ r1, p, axes=1), g["distance_m"] / distance, distance

    def images(self, rows, cols):
        """Mean counts of one frame on and off the sample for the given pixels; 5 x 5 Gauss-Legendre points per pixel."""
        x, w = np.polynomial.legendre.leggauss(5)
        x, w = 0.5 + x / 2, w / 2
        row = (rows[:, None, None] + x[None, :, None]) * np.ones((1, 1, x.size))
        col = (cols[:, None, None] + x[None, None, :]) * np.ones((1, x.size, 1))
        weight = w[:, None] * w[None, :]
        lab, cos_incidence, distance = self.rays(row, col)
        two_theta = np.arctan2(np.hypot(lab[0], lab[1]), lab[2])
        chi = np.arctan2(lab[0], lab[1])
        on, off = self.per_steradian(two_theta, chi, cos_incidence)
        g = self.t["geometry"]
        solid_angle = g["pixel1_m"] * g["pixel2_m"] * cos_incidence / distance**2
        scale = self.t["flux_per_s"] * self.t["exposure_s"]
        return tuple(scale * np.sum(weight * solid_angle * v, axis=(1, 2)) for v in (on, off))

    def per_steradian(self, two_theta, chi, cos_incidence):
        t, energy = self.t, self.energy
        q = 4 * np.pi * energy / HC_KEV_A * np.sin(two_theta / 2)
        cosine = np.cos(two_theta)
        f = t["polarization_factor"]
        thomson = 0.5 * (1 + cosine**2 - f * np.cos(2 * chi) * np.sin(two_theta) ** 2)
        ratio = 1 / (1 + energy / ELECTRON_KEV * (1 - cosine))
        # horizontal and vertical polarisation apart: ratio^2 (ratio + 1/ratio - 2 sin^2 cos^2 phi) / 2
        horizontal, vertical = (ratio**2 * (ratio + 1 / ratio - 2 * np.sin(two_theta) ** 2 * trig(chi) ** 2) / 2 for trig in (np.cos, np.sin))
        klein_nishina = (1 + f) / 2 * horizontal + (1 - f) / 2 * vertical

        form = [f0(z, q) + xraylib.Fi(z, energy) - 1j * xraylib.Fii(z, energy) for z in self.z]
        mean_square = sum(c * np.abs(v) ** 2 for c, v in zip(self.c, form))
        square_mean = np.abs(sum(c * v for c, v in zip(self.c, form))) ** 2
        structure = np.reshape(s_of_q(self.g_of_r, self.density, q), q.shape)
        coherent = (square_mean * (structure - 1) + mean_square) * escape(self.depth, self.depth / cosine)
        exit_mu = np.reshape([self.mu(e) for e in np.ravel(energy * ratio)], q.shape)
        incoherent = sum(c * compton(z, q) for c, z in zip(self.c, self.z)) * escape(self.depth, exit_mu * self.thickness_cm / cosine)

        eta, eta_compton = self.eta(np.full_like(q, energy), cos_incidence), self.eta(energy * ratio, cos_incidence)
        air = self.air(q, thomson * eta, klein_nishina * eta_compton)
        glass = self.atoms * RADIUS_A**2 * (thomson * eta * coherent + klein_nishina * eta_compton * incoherent)
        upstream = t["air"]["upstream_fraction"]
        return glass + self.lines(cosine, cos_incidence) + (upstream + (1 - upstream) * self.transmission) * air, air

    def air(self, q, elastic, inelastic):
        """Free molecules of N2, O2 and Ar (Debye); dry air of 1.205e-3 g/cm^3."""
        molecules = AVOGADRO_PER_A3 * 1.205e-3 / 28.96 * self.t["air"]["path_mm"] * 1e7
        total = 0
        for z, fraction, bond in ((7, 0.781, 1.098), (8, 0.210, 1.208), (18, 0.009, 0)):
            pair = 2 * (1 + np.sinc(q * bond / np.pi)) if bond else 1
            total = total + fraction * (elastic * f0(z, q) ** 2 * pair + inelastic * compton(z, q) * (2 if bond else 1))
        return molecules * RADIUS_A**2 * total

    def lines(self, cosine, cos_incidence):
        """Fluorescence above the threshold; K and L lines by name."""
        total = np.zeros_like(cosine)
        names = [n for n in dir(xraylib) if re.fullmatch(r"[KL]\d?[LMNOP]\d?_LINE", n)]
        for c, mass, z in zip(self.c, self.mass, self.z):
            for code in sorted({getattr(xraylib, n) for n in names if getattr(xraylib, n) < 0}):
                try:
                    line_energy, cross = xraylib.LineEnergy(z, code), xraylib.CS_FluorLine(z, code, self.energy)
                except ValueError:
                    continue
                if line_energy <= self.t["threshold_keV"] or cross <= 0:
                    continue
                sigma = c * mass * cross / AVOGADRO_PER_A3 * 1e-8
                leave = escape(self.depth, self.mu(line_energy) * self.thickness_cm / cosine)
                total = total + self.atoms * sigma / (4 * np.pi) * leave * self.eta(np.full_like(cosine, line_energy), cos_incidence)
        return total


def check(name, config, count):
    binary = os.environ["SQD_BINARY"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([binary, "simulate", "-c", str(config), "--scans", "background:2,sample:2", "--truth", str(folder), "--expected-only"],
                       check=True)
        truth = json.loads((folder / "truth.json").read_text())
        g_of_r = np.loadtxt(folder / "g_of_r.txt")
        ideal = np.loadtxt(folder / "ideal.txt")
        images = [np.load(folder / f"expected_{kind}.npy") for kind in ("sample", "background")]
    model = Model(truth, g_of_r)

    worst = abs(model.transmission - truth["sample"]["transmission"]) / model.transmission
    print(f"{name}: transmission {truth['sample']['transmission']:.5f}, relative difference {worst:.1e}")
    failures = [f"{name}: transmission"] if worst > TOLERANCE else []

    q = ideal[5::25, 0]
    difference = np.max(np.abs(s_of_q(g_of_r, model.density, q) - ideal[5::25, 1]))
    print(f"{name}: S(q) of g(r), largest difference {difference:.1e}; smallest S {ideal[:, 1].min():.4f}")
    if not difference < 1e-5:
        failures.append(f"{name}: S(q)")
    if not ideal[:, 1].min() > 0:
        failures.append(f"{name}: S(q) is negative somewhere")

    random = np.random.default_rng(20240517)
    good = np.flatnonzero(np.isfinite(images[0]).ravel())
    rows, cols = np.divmod(random.choice(good, count, replace=False), images[0].shape[1])
    for kind, image, expected in zip(("sample", "background"), images, model.images(rows.astype(float), cols.astype(float))):
        relative = np.max(np.abs(image[rows, cols] / expected - 1))
        print(f"{name}: {kind}, {count} pixels, mean {np.nanmean(image):.4f}, largest relative difference {relative:.1e}")
        if not relative < TOLERANCE:
            failures.append(f"{name}: {kind} image")
    masked = np.isnan(images[0])
    if not all(masked[r, c] for r, c in truth["hot_pixels"]) or len(truth["hot_pixels"]) != 5:
        failures.append(f"{name}: hot pixels")
    return failures


def check_odd_station():
    """Fluorescence of Cu and Ni above the threshold, air before the sample, a turned detector read from another corner."""
    text = (SOURCE / "config" / "id13.yaml").read_text()
    for old, new in (("threshold_keV: 9.0", "threshold_keV: 6.5"), ("upstream_fraction: 0}", "upstream_fraction: 0.3}"),
                     ("poni: id13.poni", "poni: odd.poni")):
        assert old in text
        text = text.replace(old, new)
    poni = ('poni_version: 2.1\nDetector: Eiger4M\nDetector_config: {"orientation": 2}\nDistance: 0.0816\nPoni1: 0.03\n'
            "Poni2: 0.06\nRot1: 0.12\nRot2: -0.07\nRot3: 0.4\n")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "odd.poni").write_text(poni + f"Wavelength: {HC_KEV_A / 13.0 * 1e-10}\n")
        (folder / "odd.yaml").write_text(text)
        return check("odd station", folder / "odd.yaml", 100)


def main():
    global WK
    if not TABLE.exists():
        print(f"SKIPPED: {TABLE} is not there (set SQD_TEST_DATA to the folder of recordings)")
        return SKIP
    WK = read_table()
    failures = []
    for station in ("id13", "id15a", "p10"):
        failures += check(station, SOURCE / "config" / f"{station}.yaml", 200)
    failures += check_odd_station()
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
