"""Archives of a small series as files for other programs: read the way that diffpy, numpy, pandas-like readers and silx read them, and equal
to the archive; nothing is ever replaced; the announced parameter is in messages, archive, names and the series."""

import csv
import json
import pathlib
import re
import shutil
import subprocess
import unittest

import h5py
import numpy as np

from sqd_testing import BINARY, PATIENCE, Daemon, Sender, expected_images, set_source, station, temporary, v1_end, v1_header, v1_image

FRAMES, SHARE = 6, 0.02
TEMPERATURES = (643, 298, 400)


def export(*arguments, **how):
    return subprocess.run([BINARY, "export", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, **how)


def read_as_diffpy(text):
    """What diffpy's PDFParser takes from a .gr: metadata by `key = number` above the data, columns r, G, dr, dG where all are positive."""
    start = re.search(r"^#+ start data\s*(?:#.*\s+)*", text, re.M).end()
    head, number = text[:start], r"([-+]?(?:\d+(?:\.\d*)?|\d*\.\d+)(?:[eE][-+]?\d+)?)"
    meta = {}
    for key, pattern in (("qmin", r"\bqmin *= *"), ("qmax", r"\bqmax *= *"), ("qdamp", r"\b(?:qdamp|qsig) *= *"), ("scale", r"\bdscale *= *"),
                         ("temperature", r"\b(?:temp|temperature|T)\ *=\ *"), ("doping", r"\b(?:x|doping)\ *=\ *")):
        found = re.search(pattern + number, head)
        if found:
            meta[key] = float(found.group(1))
    meta["stype"] = "X" if re.search("(x-?ray|PDFgetX)", head, re.I) else "N"
    rows = np.array([line.split() for line in text[start:].strip().split("\n")], float)
    errors = [rows[:, i] if rows.shape[1] > i and (rows[:, i] > 0).all() else None for i in (2, 3)]
    return meta, rows[:, 0], rows[:, 1], *errors


def table(path):
    """Rows of a .csv without its comments."""
    return list(csv.reader(line for line in pathlib.Path(path).read_text().splitlines() if not line.startswith("#")))


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One background and three samples at temperatures that do not ascend."""
        cls.holder = temporary()
        cls.directory = pathlib.Path(cls.holder.name)
        config = station("simulated", cls.directory)
        expected = {role: np.nan_to_num(image) * SHARE for role, image in expected_images(config, cls.directory).items()}
        random = np.random.default_rng(20261126)
        print("seed 20261126")
        with Sender() as sender:
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                def scan(series, role, **say):
                    assert daemon.ask("announce", role=role, **say)["ok"]
                    sender.send(v1_header(series, (256, 256), nimages=FRAMES))
                    for frame in range(FRAMES):
                        sender.send(v1_image(series, frame, random.poisson(expected[role]).astype(np.uint16)))
                    sender.send(v1_end(series))
                    return daemon.wait_final("pattern", series)[0]
                scan(1, "background", name="air")
                cls.headers = [scan(2 + i, "sample", name=f"vit4_{t}K", mount="m1", grid=[2, 3], parameters={"T_comp": t, "P/GPa": 1.5})
                               for i, t in enumerate(TEMPERATURES)]
                daemon.stop()
        cls.archive = cls.directory / "archive"
        cls.files = {t: next(cls.archive.glob(f"vit4_{t}K_*.nxs")) for t in TEMPERATURES}

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def test_gr_is_read_as_diffpy_reads_it_with_errors_and_no_invented_metadata(self):
        done = export(self.files[643], "--format", "gr", "-o", self.directory / "gr")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = pathlib.Path(done.stdout.strip()).read_text()
        self.assertEqual(text.count("\n#### start data\n"), 1)
        meta, r, g, dr, dg = read_as_diffpy(text)
        with h5py.File(self.files[643]) as f:
            data = f["entry/pair_distribution/data"]
            for read, name in ((r, "r"), (g, "G"), (dg, "G_errors")):
                np.testing.assert_allclose(read, data[name][()], rtol=2e-9, atol=0)
            self.assertEqual(meta, {"qmax": f["entry/pair_distribution/parameters/q_max"][()], "stype": "X"})
        self.assertIsNone(dr)

    def test_patterns_and_s_of_q_are_read_by_numpy(self):
        done = export(self.files[643], "--format", "dat,xy,chi,sq,fq", "-o", self.directory / "text")
        self.assertEqual(done.returncode, 0, done.stderr)
        out = self.directory / "text"
        with h5py.File(self.files[643]) as f:
            data, net, sq = (f[f"entry/{name}/data"] for name in ("azimuthal_integration", "background_subtraction", "structure_factor"))
            columns = np.loadtxt(out / "vit4_643K.dat").T
            for read, name in zip(columns, ("radial_axis", "I", "I_errors", None, "norm", "pixels")):
                if name:
                    np.testing.assert_allclose(read, data[name][()], rtol=2e-9)
            np.testing.assert_allclose(columns[3], columns[1] * columns[4], rtol=1e-8)
            np.testing.assert_allclose(columns[3].sum(), f["entry/frames/points/bin_counts"][()].sum(), rtol=1e-9)
            np.testing.assert_allclose(np.loadtxt(out / "vit4_643K_net.xy").T[1], net["I"][()], rtol=2e-9)
            np.testing.assert_allclose(np.loadtxt(out / "vit4_643K.chi", skiprows=4).T[1], data["I"][()], rtol=2e-9)
            body = (out / "vit4_643K.sq").read_text().split("#### start data", 1)[1].splitlines()
            np.testing.assert_allclose(np.loadtxt(body).T, [sq[n][()] for n in ("q", "S", "S_errors")], rtol=2e-9)

    def test_tables_equal_the_archive_to_the_last_bit(self):
        done = export(self.files[298], "--format", "csv,points", "--json", "-o", self.directory / "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        paths = {file["kind"]: file["path"] for file in told["scans"][0]["files"]}
        self.assertEqual(set(paths), {"pattern", "sq", "fsdp", "gr", "points"})
        tables = {kind: table(path) for kind, path in paths.items()}
        with h5py.File(self.files[298]) as f:
            for kind, label, field in (("sq", "S", "structure_factor/data/S"), ("sq", "S_sigma", "structure_factor/data/S_errors"),
                                       ("gr", "G [1/angstrom^2]", "pair_distribution/data/G"), ("gr", "g", "pair_distribution/pair/g"),
                                       ("fsdp", "fit", "fsdp/data/fit"), ("pattern", "net", "background_subtraction/data/I")):
                column = tables[kind][0].index(label)
                np.testing.assert_array_equal([float(row[column]) for row in tables[kind][1:]], f[f"entry/{field}"][()])
            points = {label: [row[i] for row in tables["points"][1:]] for i, label in enumerate(tables["points"][0])}
            np.testing.assert_array_equal(np.array(points["counts"], float), f["entry/frames/points/bin_counts"][()].sum(axis=1))
            np.testing.assert_array_equal(np.array(points["q1 [1/angstrom]"], float), f["entry/fsdp/map/q1"][()].ravel())

    def test_an_announced_parameter_is_in_messages_archive_names_and_series(self):
        for header, temperature in zip(self.headers, TEMPERATURES):
            self.assertEqual(header["scan"]["parameters"], {"T_comp": temperature, "P/GPa": 1.5})
            with h5py.File(self.files[temperature]) as f:
                group = f["entry/sample/parameters"]
                self.assertEqual(dict(zip(group["name"].asstr()[()], group["value"][()])), {"T_comp": temperature, "P/GPa": 1.5})
        out = self.directory / "series"
        done = export("--series", "T_comp", self.archive, "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("air_background", done.stderr)
        labels, *rows = table(out / "series_T_comp.csv")
        rows = [dict(zip(labels, row)) for row in rows]
        self.assertEqual([float(row["T_comp"]) for row in rows], sorted(TEMPERATURES))
        for row in rows:
            with h5py.File(self.files[int(float(row["T_comp"]))]) as f:
                for label in ("q1", "q1_sigma", "fwhm", "fwhm_sigma"):
                    self.assertEqual(float(row[f"{label} [1/angstrom]"]), f[f"entry/fsdp/parameters/{label}"][()])
        self.assertTrue((out / "series_T_comp.png").read_bytes().startswith(b"\x89PNG"))
        done = export("--series", "pressure", self.archive, "-o", out)
        self.assertEqual(done.returncode, 65)
        self.assertIn("T_comp", done.stderr)

    def test_nothing_is_replaced_and_the_same_is_not_written_twice(self):
        out = self.directory / "again"
        first = export(self.archive, "--format", "sq,report", "-o", out, "--name", "{role}")
        self.assertEqual(first.returncode, 0, first.stderr)  # the background has no S(q), as it should
        names = sorted(path.name for path in out.iterdir())
        self.assertEqual(names, ["background_report.png", "sample.sq", "sample_1.sq", "sample_1_report.png", "sample_2.sq", "sample_2_report.png", "sample_report.png"])
        times = {path: path.stat().st_mtime_ns for path in out.iterdir()}
        second = export(self.archive, "--format", "sq,report", "-o", out, "--name", "{role}")
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(times, {path: path.stat().st_mtime_ns for path in out.iterdir()})

    def test_what_cannot_be_exported_is_told_and_the_rest_goes_on(self):
        broken = self.directory / "broken.nxs"
        broken.write_bytes(self.files[643].read_bytes()[:4000])
        out = self.directory / "rest"
        done = export(broken, self.files[298], "--format", "sq", "-o", out)
        self.assertEqual((done.returncode, [p.name for p in out.iterdir()]), (65, ["vit4_298K.sq"]))
        self.assertRegex(done.stderr, r"^sqd: \S*/broken.nxs: no HDF5 file, or a damaged one")
        self.assertEqual(export(self.directory / "absent.nxs", "-o", out).returncode, 66)
        done = export(self.files[298], "--name", "{nonsense}", "-o", out)
        self.assertEqual(done.returncode, 65)
        self.assertIn("{T_comp}", done.stderr)
        self.assertEqual(export(self.files[298], "--format", "gp").returncode, 64)

    def test_files_of_a_later_layout_are_told_and_those_of_before_it_was_stated_are_read(self):
        other = self.directory / "other.nxs"
        shutil.copy(self.files[298], other)
        with h5py.File(other, "a") as f:
            f.attrs["schema"] = "sqd.archive/2.0"
        done = export(other, "--format", "sq", "-o", self.directory / "other")
        self.assertEqual(done.returncode, 65)
        self.assertRegex(done.stderr, r"^sqd: \S*/other.nxs: its layout 'sqd.archive/2.0' is not known to sqd [\d.]+ \(it was written by sqd [\d.]+\)")
        with h5py.File(other, "a") as f:
            del f.attrs["schema"]
        done = export(other, "--format", "sq", "-o", self.directory / "other")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_silx_plots_a_background_at_once(self):
        """Nothing but I(q): that is shown, and what stands behind it is a plot of its own."""
        try:
            from silx.io import nxdata
        except ImportError:
            self.skipTest("no silx")
        with h5py.File(next(self.archive.glob("air_background_*.nxs"))) as f:
            shown = nxdata.get_default(f)
            self.assertTrue(shown.is_valid and shown.is_curve)
            self.assertEqual((shown.signal_dataset_name, shown.axes_dataset_names), ("I", ["radial_axis"]))
            np.testing.assert_array_equal(shown.errors, f["entry/azimuthal_integration/data/I_errors"])
        with h5py.File(self.files[400]) as f:
            plots = []
            f.visititems(lambda name, item: plots.append(name) if item.attrs.get("NX_class") == "NXdata" else None)
            self.assertGreater(len(plots), 8)
            for name in plots:
                self.assertTrue(nxdata.NXdata(f[name]).is_valid, f"{name}: {nxdata.NXdata(f[name]).issues}")

    def test_silx_plots_the_archive_at_once(self):
        try:
            from silx.io import nxdata
        except ImportError:
            self.skipTest("no silx")
        with h5py.File(self.files[400]) as f:
            shown = nxdata.get_default(f)
            self.assertTrue(shown.is_valid and shown.is_curve)
            self.assertEqual((shown.signal_dataset_name, shown.axes_dataset_names), ("S", ["q"]))
            np.testing.assert_array_equal(shown.errors, f["entry/structure_factor/data/S_errors"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
