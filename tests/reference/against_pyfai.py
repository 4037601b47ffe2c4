"""`sqd replay` with compat: pyfai against pyFAI itself, in one run: random geometries, options, masks and images, every bin of every sum,
and every cell of some cakes.

A failure prints the draw's pair (seed, number), which `against_pyfai.py --draw SEED NUMBER` makes again.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import unittest

# One thread, so that pyFAI's sums have one order and two draws share two cores.
os.environ["OMP_NUM_THREADS"] = "1"

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import h5py  # noqa: E402
import numpy as np  # noqa: E402

from sqd_testing import BINARY, SMALL, skip, temporary  # noqa: E402

try:
    import pyFAI
    from pyFAI.azimuthalIntegrator import AzimuthalIntegrator
    from pyFAI.detectors import Detector, detector_factory
    from pyFAI.units import to_unit
except ImportError as error:
    skip(f"no pyFAI ({error})")
if not pathlib.Path(BINARY).exists():
    skip(f"{BINARY} is not there")
if not pyFAI.version.startswith("0.21."):
    skip(f"pyFAI {pyFAI.version}: its 0.21 is what compat: pyfai equals, later ones have other variances")

SEEDS = pathlib.Path(__file__).with_name("seeds.txt")
SPLITS = {"none": "no", "bbox": "bbox", "full": "full"}
UNITS = ("q_A^-1", "q_nm^-1", "2th_deg", "2th_rad", "r_mm")
COLUMNS = ("radial", "I", "sigma", "signal", "norm", "count")
EPS32 = 1 + 2.0**-23  # pyFAI moves the upper end of every range by this factor

RADIAL = 1e-7  # of the last one
SUMS = 2e-7  # pyFAI's columns are single precision (6e-8); the pixels that they sum are, too
DIGITS = 1e-9  # of our text
ULPS = 2  # of single precision: how near to an edge pixels may fall on either side of it
SHOWN = 12  # differences of a draw, and draws that differ
MEDIAN = 1e-6  # of I without compat
CAKE_EVERY = 4  # draws of the small detector that are also resolved in azimuth


def groups():
    """(detector, seed, number of draws) of every line of the file."""
    lines = (line.split() for line in SEEDS.read_text().splitlines() if not line.startswith("#"))
    return [(name, int(seed), int(draws)) for name, seed, draws in lines]


def simulated_detector():
    """Simulated256, which pyFAI does not know: two by two modules of 124 x 124 pixels, 8 pixels apart."""
    detector = Detector(75e-6, 75e-6, max_shape=(256, 256))
    gap = np.arange(256) % 132 >= 124
    detector.mask = (gap[:, None] | gap[None, :]).astype(np.int8)
    return detector, f'Detector: Detector\nDetector_config: {{"pixel1": 7.5e-05, "pixel2": 7.5e-05, "max_shape": [256, 256]}}'


def known_detector(name):
    return detector_factory(name), f"Detector: {name}\nDetector_config: {{}}"


class Draw:
    """One random integration: what pyFAI is told and the files that say the same to sqd."""

    def __init__(self, name, seed, number):
        self.name, self.pair = name, (seed, number)
        self.random = random = np.random.default_rng(self.pair)
        self.detector, described = simulated_detector() if name == "Simulated256" else known_detector(name)
        self.shape = self.detector.shape
        pixels = self.shape[0] * self.shape[1]
        size = np.array(self.shape) * self.detector.pixel1

        dist = size[0] * 10 ** random.uniform(-0.3, 1.0)
        poni1, poni2 = size * random.uniform(-0.3, 1.3, 2)
        rot1, rot2 = random.uniform(-0.5, 0.5, 2) * random.choice([0, 1], p=[0.1, 0.9])
        rot3 = random.uniform(-0.5, 0.5)
        wavelength = random.uniform(0.12e-10, 1.5e-10)
        keys = ("Distance", "Poni1", "Poni2", "Rot1", "Rot2", "Rot3", "Wavelength")
        values = [float(f"{v:.12g}") for v in (dist, poni1, poni2, rot1, rot2, rot3, wavelength)]
        self.poni = f"poni_version: 2\n{described}\n" + "".join(f"{key}: {value!r}\n" for key, value in zip(keys, values))
        self.ai = AzimuthalIntegrator(*values[:6], detector=self.detector, wavelength=values[6])

        self.file_mask = self.random_mask(pixels)
        self.mask = ((self.detector.mask != 0) | (self.file_mask != 0)).astype(np.int8)
        self.unit = str(random.choice(UNITS))
        self.split = str(random.choice(list(SPLITS)))
        self.npt = int(random.integers(20, 600) if name == "Simulated256" else random.integers(1000, 3000))
        self.polarization = None if random.random() < 0.3 else round(random.uniform(-1, 1), 3)
        self.solid_angle = bool(random.random() < 0.7)
        self.error_model = str(random.choice(["poisson", "azimuthal"]))

        self.centre = self.ai.array_from_unit(self.shape, "center", to_unit(self.unit), scale=False)
        self.chi = self.ai.chiArray(self.shape)
        self.radial_range = self.quantiles(self.centre * to_unit(self.unit).scale) if random.random() < 0.6 else None
        # Between quantiles of chi in ]-180, 180], so never across 180 degrees, which pyFAI's sectors cannot cross.
        self.azimuth_range = self.quantiles(np.degrees(self.chi)) if random.random() < 0.3 else None
        q = self.ai.qArray(self.shape)
        rate = np.exp(-3 * q / q.max()) * 10 ** random.uniform(0, 4)
        self.image = random.poisson(rate).astype(str(random.choice(["int32", "uint32"])))
        self.order = int(random.choice([3, 1, 2, 4], p=[0.7, 0.1, 0.1, 0.1]))
        self.offset_deg = round(random.uniform(-90, 90), 2) if random.random() < 0.4 else 0
        self.dark = random.poisson(rate.mean() * random.uniform(0, 2), self.shape).astype(np.int32) if random.random() < 0.4 else None
        self.flat = self.random_flat() if random.random() < 0.4 else None

    def random_flat(self):
        """A response about 1, of some pixels none: pyFAI leaves those out, but of azimuthal errors it then makes NaN."""
        flat = self.random.uniform(0.7, 1.3, self.shape).astype(np.float32)
        if self.error_model == "poisson":
            flat[self.random.random(self.shape) < 0.01] = 0
        return flat

    def random_mask(self, pixels):
        """Single pixels and a disc, as a beamstop."""
        random = self.random
        mask = np.zeros(self.shape, np.uint8)
        mask.ravel()[random.choice(pixels, int(pixels * random.uniform(0, 0.05)), replace=False)] = 1
        rows, cols = np.indices(self.shape, sparse=True)
        row, col = random.uniform(0, 1, 2) * self.shape
        return mask | (np.hypot(rows - row, cols - col) < random.uniform(0, 0.2) * self.shape[0])

    def quantiles(self, values):
        """A range well inside those of the unmasked pixels."""
        low, high = np.quantile(values[self.mask == 0], [self.random.uniform(0.02, 0.4), self.random.uniform(0.6, 0.98)])
        return float(f"{low:.6g}"), float(f"{high:.6g}")

    def cake(self):
        """Number of azimuthal bins and range in degrees, None = automatic, from a generator of their own."""
        random = np.random.default_rng((*self.pair, 2))
        npt_azim = int(random.integers(1, 200))
        chi = np.degrees(self.chi[self.mask == 0])
        low, high = (float(f"{v:.6g}") for v in np.quantile(chi, [random.uniform(0, 0.4), random.uniform(0.6, 1)]))
        return npt_azim, None if random.random() < 0.5 else (low, high)

    def config(self, compat, cake=None):
        def pair(values, otherwise):
            return otherwise if values is None else f"[{values[0]!r}, {values[1]!r}]"

        return f"""source: {{kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}}
detector: {{name: {self.name}, sensor: none}}
geometry: {{poni: draw.poni}}
beam: {{polarization_factor: {"none" if self.polarization is None else self.polarization}, polarization_offset_deg: {self.offset_deg}}}
mask: {{files: [mask.npy]}}
integration:
  npt: {self.npt}
  unit: {self.unit}
  radial_range: {pair(self.radial_range, "auto")}
  azimuth_range: {pair(None if cake else self.azimuth_range, "none")}
  cake: {"none" if cake is None else "{npt_azim: %d, azimuth_range: %s}" % (cake[0], pair(cake[1], "auto"))}
  split: {self.split}
  error_model: {self.error_model}
  solid_angle: {str(self.solid_angle).lower()}
  solid_angle_order: {self.order}
  compat: {compat}
corrections:
  flat: {"none" if self.flat is None else "flat.npy"}
  dark: {"none" if self.dark is None else "latest"}
structure_factor: none
fsdp: none
background: {{use: none}}
"""

    def replayed(self, folder, compat, cake=None):
        """The columns of the .dat file, or the images of the cake."""
        folder = pathlib.Path(folder)
        (folder / "draw.poni").write_text(self.poni)
        (folder / "draw.yaml").write_text(self.config(compat, cake))
        np.save(folder / "mask.npy", self.file_mask)
        np.save(folder / "image.npy", self.image)
        command = [BINARY, "replay", folder / "image.npy", "-c", folder / "draw.yaml", "--export", "dat", "-o", folder / "out",
                   "--overwrite", "--workers", "1"]
        if self.flat is not None:
            np.save(folder / "flat.npy", self.flat)
        if self.dark is not None:
            np.save(folder / "dark.npy", self.dark)
            command += ["--dark", folder / "dark.npy"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
        if cake:
            with h5py.File(max((folder / "out").glob("*.nxs"), key=lambda path: path.stat().st_mtime_ns)) as file:
                return {name: field[()] for name, field in file["entry/azint2d/data"].items() if field.ndim > 0}
        return dict(zip(COLUMNS, np.loadtxt(folder / "out" / "image.dat", unpack=True, ndmin=2)))

    def asked(self):
        """What pyFAI is told for one dimension and for two. It takes an axis of polarisation only by way of the factors that it made last."""
        if self.polarization is not None:
            self.ai.polarization(self.shape, self.polarization, np.radians(self.offset_deg))
        return {"mask": self.mask, "unit": self.unit, "method": (SPLITS[self.split], "csr", "cython"), "dark": self.dark, "flat": self.flat,
                "correctSolidAngle": self.order if self.solid_angle and self.order != 3 else self.solid_angle,
                "polarization_factor": None if self.polarization is None else True, "radial_range": self.radial_range}

    def integrated(self):
        """The same columns by pyFAI."""
        out = self.ai.integrate1d_ng(self.image, self.npt, error_model=self.error_model, azimuth_range=self.azimuth_range, **self.asked())
        values = (out.radial, out.intensity, out.sigma, out.sum_signal, out.sum_normalization, out.count)
        return {name: np.asarray(column, float) for name, column in zip(COLUMNS, values)}

    def caked(self, npt_azim, azimuth_range, **changed):
        """integrate2d under the archive's names. In 0.21.3 one call and the next do not always agree without splitting, and some find no pixel
        at all: it is asked until two in a row do."""
        before = None
        for _ in range(8):
            self.ai.reset_engines()
            out = self.ai.integrate2d_ng(self.image, self.npt, npt_azim, error_model="poisson", azimuth_range=azimuth_range,
                                         **{**self.asked(), **changed})
            if before is not None and np.any(out.count) and np.array_equal(out.count, before.count):
                break
            before = out
        values = {"I": out.intensity, "I_errors": out.sigma, "norm": out.sum_normalization, "pixels": out.count,
                  "radial_axis": out.radial, "azimuthal_axis": out.azimuthal}
        return {name: np.asarray(image, float) for name, image in values.items()}

    def caked_in_double(self, npt_azim):
        """Pixels per cell all around, without compat and splitting."""
        rows, cols = (n.ravel().astype(float) for n in np.indices(self.shape))
        radial = self.in_double_radial(rows, cols)
        low, high = self.double_range(radial)
        at = np.floor((radial - low) / (high - low) * self.npt).astype(int)
        azimuth = np.floor((self.ai.chi(rows, cols) + np.pi) / (2 * np.pi) * npt_azim).astype(int) % npt_azim
        taken = (self.mask.ravel() == 0) & (at >= 0) & (at < self.npt)
        if self.flat is not None:
            taken &= self.flat.ravel() > 0
        return np.bincount(azimuth[taken] * self.npt + at[taken], minlength=npt_azim * self.npt).reshape(npt_azim, self.npt)

    def in_double_radial(self, rows, cols):
        ai = self.ai
        return (ai.qFunction if self.unit.startswith("q") else ai.tth if self.unit.startswith("2th") else ai.rFunction)(rows, cols)

    def double_range(self, radial):
        """Of the bins, in the coordinate that is binned."""
        if self.radial_range:
            return tuple(end / to_unit(self.unit).scale for end in self.radial_range)
        unmasked = self.mask.ravel() == 0
        return radial[unmasked].min(), radial[unmasked].max() * EPS32

    def in_double(self):
        """What is expected without compat and splitting: pyFAI's own functions of the pixels' positions, these in double precision, and a
        histogram. integrate1d gives them positions in single precision, wrong by up to 1e-8 m where a detector is 0.16 m wide: in draw
        (21622069, 1), an EIGER2 4M with bins of 3e-5 m, 969 of 2152 counts differ by that, and I by 9e-6 (median)."""
        rows, cols = (n.ravel().astype(float) for n in np.indices(self.shape))
        ai, scale = self.ai, to_unit(self.unit).scale
        radial, chi = self.in_double_radial(rows, cols), ai.chi(rows, cols)
        unmasked = self.mask.ravel() == 0
        low, high = self.double_range(radial)
        at = np.floor((radial - low) / (high - low) * self.npt)
        taken = unmasked & (at >= 0) & (at < self.npt)
        if self.azimuth_range:
            first, last = np.radians(self.azimuth_range)
            taken &= (chi >= first) & (chi < last)
        norm = ai.cos_incidence(rows, cols) ** self.order if self.solid_angle else np.ones(rows.size)
        if self.polarization is not None:
            cos2 = np.cos(ai.tth(rows, cols)) ** 2
            norm = norm * (1 + cos2 - self.polarization * np.cos(2 * (chi + np.radians(self.offset_deg))) * (1 - cos2)) / 2
        image = self.image.ravel().astype(float)
        if self.dark is not None:
            image -= self.dark.ravel()
        if self.flat is not None:
            norm = norm * self.flat.ravel()
            taken &= self.flat.ravel() > 0
        at = at[taken].astype(int)
        out = {"count": np.bincount(at, minlength=self.npt).astype(float)}
        out["signal"] = np.bincount(at, image[taken], self.npt)
        out["norm"] = np.bincount(at, norm[taken], self.npt)
        with np.errstate(invalid="ignore"):
            out["I"] = out["signal"] / out["norm"]
        out["radial"] = (low + (np.arange(self.npt) + 0.5) * (high - low) / self.npt) * scale
        return out

    def undecided(self):
        """Pixels within ULPS of the edge of a bin or of the sector: {bin: [(row, col, what, distance [ulp])]}, for centres."""
        scale = to_unit(self.unit).scale
        low, high = (self.centre[self.mask == 0].min(), self.centre[self.mask == 0].max())
        if self.radial_range:
            low, high = self.radial_range[0] / scale, self.radial_range[1] / scale
        position = (self.centre - low) / ((high * EPS32 - low) / self.npt)
        edge = np.rint(position)
        off_edge = (position - edge) * ((high * EPS32 - low) / self.npt) / np.spacing(np.abs(self.centre).astype(np.float32))
        found = {}

        def add(pixels, what, distances, bins_of):
            for row, col in np.argwhere(pixels & (self.mask == 0)):
                for b in bins_of(row, col):
                    found.setdefault(b, []).append((int(row), int(col), what, round(float(distances[row, col]), 3)))

        add(np.abs(off_edge) <= ULPS, "bin edge", off_edge, lambda row, col: (int(edge[row, col]) - 1, int(edge[row, col])))
        for end in np.radians(self.azimuth_range or []):
            off = (self.chi - end) / np.spacing(np.float32(abs(end)))
            add(np.abs(off) <= ULPS, "sector edge", off, lambda row, col: (int(position[row, col]),))
        return found


def worst(ours, theirs, tolerance):
    """The greatest relative difference, and the bins beyond the tolerance."""
    difference = np.abs(ours - theirs)
    bad = np.flatnonzero(~(difference <= tolerance * np.abs(theirs)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nanmax(np.where(difference > 0, difference / np.abs(theirs), 0), initial=0), bad


def axes_differ(ours, theirs, largest):
    """Why the bins are not the same ones, as a list of at most one."""
    if len(ours) != len(theirs):
        return [f"{len(ours)} bins, not {len(theirs)}"]
    largest["radial"] = float(np.abs(ours - theirs).max() / theirs[-1])
    if largest["radial"] <= RADIAL:
        return []
    return [f"radial goes from {ours[0]:.8g} to {ours[-1]:.8g}, expected {theirs[0]:.8g} to {theirs[-1]:.8g}"]


def columns_differ(names, ours, theirs, bins, largest):
    """The differences beyond the tolerance in some bins."""
    wrong = []
    for name in names:
        largest[name], bad = worst(ours[name][bins], theirs[name][bins], SUMS + DIGITS)
        wrong += [f"bin {b}: {name} {ours[name][b]:.10g}, expected {theirs[name][b]:.10g} (count {theirs['count'][b]:g})" for b in bins[bad]]
    return wrong


def compare(draw, ours, theirs):
    """(what fails, what is only worth to be said, worst relative differences by column)."""
    notes, largest = [], {}
    wrong = axes_differ(ours["radial"], theirs["radial"], largest)
    if wrong:
        return wrong, notes, largest

    agreed = np.ones(draw.npt, bool)  # bins whose counts are, or are to be, the same
    if draw.split == "none":
        undecided = draw.undecided()
        for b in np.flatnonzero(ours["count"] != theirs["count"]):
            agreed[b] = False
            pixels = undecided.get(b, [])
            text = f"bin {b}: count {ours['count'][b]:g}, pyFAI {theirs['count'][b]:g}, pixels on its edges: {pixels}"
            (notes if abs(ours["count"][b] - theirs["count"][b]) <= len(pixels) else wrong).append(text)

    # An empty bin has no mean here and 0 in pyFAI.
    empty = agreed & (theirs["count"] == 0)
    for name, value in (("I", np.nan), ("sigma", np.nan), ("signal", 0), ("norm", 0), ("count", 0)):
        if not np.array_equal(ours[name][empty], np.full(empty.sum(), value), equal_nan=True):
            wrong.append(f"{name} of empty bins is not {value}")
    wrong += columns_differ(COLUMNS[1:], ours, theirs, np.flatnonzero(agreed & ~empty), largest)
    return wrong, notes, largest


def compare_in_double(draw, ours, single):
    """(what fails, median relative difference of I from pyFAI's single precision, where no pixel has moved)."""
    double = draw.in_double()
    wrong = axes_differ(ours["radial"], double["radial"], {})
    if not wrong:
        wrong = columns_differ(("count", "signal", "norm", "I"), ours, double, np.flatnonzero((double["count"] > 0) | (ours["count"] > 0)), {})
    if wrong:
        return ["without compat: " + text for text in wrong], None
    settled = (ours["count"] == single["count"]) & (single["I"] != 0)
    median = float(np.median(np.abs(ours["I"][settled] / single["I"][settled] - 1)))
    if median < MEDIAN:
        return [], median
    return [f"without compat the median difference of I is {median:.2g}"], median


def compare_cakes(draw, folder):
    """What fails of the cake: with compat every cell is pyFAI's; without splitting and compat every pixel is in its cell."""
    cake, wrong = draw.cake(), []
    ours, theirs = draw.replayed(folder, "pyfai", cake), draw.caked(*cake)
    for axis in ("radial_axis", "azimuthal_axis"):
        if np.abs(ours[axis] - theirs[axis]).max() > RADIAL * np.abs(theirs[axis]).max():
            wrong.append(f"cake {cake}: {axis} goes from {ours[axis][0]:.8g} to {ours[axis][-1]:.8g}, not {theirs[axis][0]:.8g}")
    filled = theirs["pixels"] > 0
    for name in ("I", "I_errors", "norm", "pixels"):
        size = np.abs(theirs[name])
        if name == "I" and draw.dark is not None:  # rounding is that of the two that were subtracted
            bright = draw.caked(*cake, dark=None)["I"]
            size = bright + np.abs(bright - theirs["I"])
        bad = np.argwhere(filled & ~(np.abs(ours[name] - theirs[name]) <= SUMS * size))
        wrong += [f"cake {cake}: cell {row}, {col}: {name} {ours[name][row, col]:.10g}, expected {theirs[name][row, col]:.10g}"
                  for row, col in bad]
    if not np.isnan(ours["I"][~filled]).all() or ours["pixels"][~filled].any():
        wrong.append(f"cake {cake}: cells that are empty in pyFAI are not")
    if draw.split == "none":
        npt_azim = cake[0]
        pixels = draw.replayed(folder, "none", (npt_azim, (-180, 180)))["pixels"]
        bad = np.argwhere(pixels != draw.caked_in_double(npt_azim))
        wrong += [f"cake of {npt_azim} without compat: cell {row}, {col} has {pixels[row, col]:g} pixels" for row, col in bad]
    return wrong


def examine(name, seed, number):
    """Makes a draw and compares it: (pair, what fails, notes, worst differences, median of I without compat)."""
    draw, median = Draw(name, seed, number), None
    theirs = draw.integrated()
    with temporary() as folder:
        try:
            wrong, notes, largest = compare(draw, draw.replayed(folder, "pyfai"), theirs)
            if draw.split == "none":
                beyond, median = compare_in_double(draw, draw.replayed(folder, "none"), theirs)
                wrong += beyond
            if name == "Simulated256" and number % CAKE_EVERY == 0 and draw.split != "full":
                with temporary() as other:
                    wrong += compare_cakes(draw, other)
        except AssertionError as error:
            wrong, notes, largest = [str(error)], [], {}
    if len(wrong) > SHOWN:
        wrong[SHOWN:] = [f"and {len(wrong) - SHOWN} more"]
    if wrong:
        wrong.append(f"{draw.poni}{draw.config('pyfai')}")
    return (name, seed, number, draw.split), wrong, notes, largest, median


class AgainstPyfai(unittest.TestCase):
    def run_draws(self, draws):
        """All draws in two processes; a summary is printed, failures are gathered."""
        failures, largest, medians = {}, {}, []
        with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
            for which, wrong, notes, differences, median in pool.map(examine, *zip(*draws), chunksize=1):
                label = "{0} ({1}, {2}) split {3}".format(*which)
                for note in notes:
                    print(f"{label}: {note}")
                if wrong:
                    failures[label] = "\n  ".join(wrong)
                for column, value in differences.items():
                    key = (which[3], column)
                    largest[key] = max(largest.get(key, 0), value)
                if median is not None:
                    medians.append(median)
        for split in SPLITS:
            print(f"split {split}: " + ", ".join(f"{column} {value:.1e}" for (s, column), value in largest.items() if s == split))
        if medians:
            print(f"without compat, median difference of I: {max(medians):.1e} in the worst of {len(medians)} draws")
        if failures:
            shown = [f"{label}:\n  {text}" for label, text in list(failures.items())[:SHOWN]]
            self.fail(f"{len(failures)} of {len(draws)} draws differ: {', '.join(failures)}\n" + "\n".join(shown))

    def test_small_detector(self):
        self.run_draws([(name, seed, k) for name, seed, draws in groups() if name == "Simulated256" for k in range(draws)])

    @unittest.skipIf(SMALL, "full-size images")
    def test_real_detectors(self):
        self.run_draws([(name, seed, k) for name, seed, draws in groups() if name != "Simulated256" for k in range(draws)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--draw"]:
        seed, number = map(int, sys.argv[2:4])
        (name,) = (n for n, s, _ in groups() if s == seed)
        for part in examine(name, seed, number):
            print(*part if isinstance(part, list) else [part], sep="\n")
    else:
        unittest.main()
