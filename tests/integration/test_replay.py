"""`sqd replay`: files of every format through the path of live frames; the results of the same frames are the same, bit for bit."""

import json
import pathlib
import signal
import subprocess
import unittest

import fabio
import h5py
import numpy as np

from sqd_testing import (BINARY, Daemon, Process, Sender, expected_images, set_source, station, temporary, v1_end, v1_header,
                         v1_image)

SHAPE = (256, 256)
EXPOSURE = 0.1
FRAMES, AIR_FRAMES = 12, 5
DETECTOR = {"photon_energy": 68500.0, "threshold_energy": 20000.0, "count_time": EXPOSURE, "frame_time": EXPOSURE}


def pictures(expected, n, seed):
    images = np.random.default_rng(seed).poisson(np.nan_to_num(expected), (n, *SHAPE)).astype(np.uint32)
    images[0, 200, 200] = 70000  # beyond 16 bit
    return images


def messages(series, images):
    yield v1_header(series, SHAPE, **{**DETECTOR, "nimages": len(images)})
    for number, image in enumerate(images):
        yield v1_image(series, number, image)
    yield v1_end(series)


def save_recording(folder, series, images):
    folder.mkdir()
    for number, parts in enumerate(messages(series, images)):
        for k, part in enumerate(parts):
            (folder / f"m{number:04d}_p{k}.bin").write_bytes(part)
    return [folder]


def save_npy(folder, series, images):
    path = folder.with_suffix(".npy")
    np.save(path, images)
    return [path]


def save_each(writer, ending):
    def save(folder, series, images):
        folder.mkdir()
        for number, image in enumerate(images):
            writer(image).write(str(folder / f"scan_{number:05d}.{ending}"))
        return [folder]
    return save


def save_hdf5(dataset_options, blocks=1):
    """A DECTRIS pair: a master file with links to data files."""
    def save(folder, series, images):
        folder.mkdir()
        parts = np.array_split(images, blocks)
        master = folder / "scan_master.h5"
        with h5py.File(master, "w") as file:
            data = file.create_group("entry/data")
            for number, part in enumerate(parts, 1):
                name = f"scan_data_{number:06d}.h5"
                with h5py.File(folder / name, "w") as target:
                    target.create_dataset("entry/data/data", data=part, chunks=(1, *SHAPE), **dataset_options)
                data[f"data_{number:06d}"] = h5py.ExternalLink(name, "/entry/data/data")
            detector = file.create_group("entry/instrument/detector")
            detector["count_time"] = EXPOSURE
            detector["frame_time"] = EXPOSURE
            detector["detectorSpecific/nimages"] = len(images)
            detector["threshold_energy"] = 20000.0
        return [master]
    return save


def int32(image):
    return image.astype(np.int32)


FORMATS = {
    "recorded messages": save_recording,
    "npy": save_npy,
    "cbf": save_each(lambda i: fabio.cbfimage.CbfImage(data=int32(i)), "cbf"),
    "edf": save_each(lambda i: fabio.edfimage.EdfImage(data=i), "edf"),
    "tif": save_each(lambda i: fabio.tifimage.TifImage(data=i), "tif"),
    "hdf5 bslz4": save_hdf5({"compression": 32008, "compression_opts": (0, 2)}, blocks=3),
    "hdf5 lz4": save_hdf5({"compression": 32004}),
    "hdf5 gzip": save_hdf5({"compression": "gzip"}),
}


def replay(*arguments, code=0):
    run = subprocess.run([BINARY, "replay", "--json", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert run.returncode == code, (run.returncode, run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def curves(result):
    """Every array of a replayed result, by kind and name; null reads NaN."""
    return {(kind, name): np.array([np.nan if v is None else v for v in values])
            for kind in ("pattern", "sq", "fsdp", "gr") if kind in result for name, values in result[kind]["arrays"].items()}


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = temporary()
        cls.folder = pathlib.Path(cls.directory.name)
        cls.config = station("simulated", cls.folder)
        expected = expected_images(cls.config, cls.folder / "truth")
        cls.air, cls.glass = pictures(expected["background"], AIR_FRAMES, 1), pictures(expected["sample"], FRAMES, 2)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def live(self):
        """The arrays that the service publishes of these frames."""
        with Sender() as sender:
            set_source(self.config, sender.endpoint)
            with Daemon(self.config) as daemon:
                for series, role, images in ((1, "background", self.air), (2, "sample", self.glass)):
                    self.assertTrue(daemon.ask("announce", role=role, name=role)["ok"])
                    for message in messages(series, images):
                        sender.send(message)
                    header, _ = daemon.wait_final("pattern", series)
                    self.assertEqual(header["frames"]["used"], len(images))
                out = {}
                for kind in ("pattern", "sq", "fsdp", "gr"):
                    _, arrays = daemon.wait_final(kind, 2)
                    out.update({(kind, name): values for name, values in arrays.items()})
                self.assertEqual(daemon.stop(), 0)
        return out

    def test_live_and_replayed_finals_are_identical_whatever_the_format(self):
        live = self.live()
        self.assertIn(("sq", "S"), live)
        self.assertIn(("fsdp", "fit"), live)
        for format, save in FORMATS.items():
            with self.subTest(format):
                base = self.folder / format.replace(" ", "_")
                base.mkdir()
                air, glass = save(base / "air", 1, self.air), save(base / "glass", 2, self.glass)
                exposure = [] if "hdf5" in format or "messages" in format else ["--exposure", EXPOSURE]
                results, _ = replay("-c", self.config, *glass, "--background", *air, "-o", base / "archive", *exposure)
                self.assertEqual([r["scan"]["role"] for r in results], ["background", "sample"])
                self.assertTrue(all(r["state"] == "final" and r["durable"] for r in results))
                self.assertEqual(results[1]["frames"]["used"], FRAMES)
                replayed = curves(results[1])
                self.assertEqual(set(replayed), set(live))
                for key, values in live.items():
                    np.testing.assert_array_equal(replayed[key], values, str(key))
                with h5py.File(results[1]["archive"]) as file:
                    self.assertIn("entry", file)

    def test_floating_point_images_are_summed_in_double(self):
        whole, floating = self.folder / "whole.npy", self.folder / "floating.npy"
        np.save(whole, self.glass)
        np.save(floating, self.glass.astype(np.float64) * 0.5)
        unwatched = self.folder / "unwatched.yaml"  # a pixel of floating-point images is never hot
        unwatched.write_text(self.config.read_text() + "\nwatch: {hot_pixels: false, odd_points: false}\n")
        (integer,), _ = replay("-c", unwatched, whole, "-o", self.folder / "w", "--exposure", 1)
        (real,), _ = replay("-c", unwatched, floating, "-o", self.folder / "f", "--exposure", 1)
        self.assertIn("float_images", real["flags"])
        self.assertEqual(real["frames"]["used"], FRAMES)
        np.testing.assert_allclose(curves(real)[("pattern", "I")], 0.5 * curves(integer)[("pattern", "I")], rtol=1e-12)

    def test_patterns_are_exported_as_text(self):
        """With pixel splitting and outliers, whose finals are made of the sum of all images."""
        image, out = self.folder / "text.npy", self.folder / "text"
        np.save(image, self.glass)
        text = self.config.read_text()
        self.assertEqual(text.count("\nintegration:\n"), 1)
        rings = "  split: full\n  error_model: hybrid\n  outliers: {method: sigma_clip}\n"
        split = self.folder / "split.yaml"
        split.write_text(text.replace("\nintegration:\n", f"\nintegration:\n{rings}"))
        (result,), _ = replay("-c", split, image, "-o", out, "--exposure", 0.5, "--export", "dat,xy,chi")
        whole, sigma = curves(result)[("pattern", "I")], curves(result)[("pattern", "I_sigma")]
        radial, intensity, error, signal, norm, count = np.loadtxt(out / "text.dat", unpack=True)
        np.testing.assert_allclose(intensity, whole, rtol=1e-9)
        np.testing.assert_allclose(error, sigma, rtol=1e-9)
        filled = count > 0
        np.testing.assert_allclose(signal[filled] / norm[filled], intensity[filled], rtol=1e-8)
        self.assertTrue((count[filled] % 1 != 0).any(), "no pixel was shared")
        np.testing.assert_array_equal(np.loadtxt(out / "text.xy")[:, :2], np.c_[radial, intensity])
        lines = (out / "text.chi").read_text().splitlines()
        self.assertEqual(lines[1:3], ["q (Inverse Angstroms)", "Intensity"])
        self.assertEqual(int(lines[3]), np.isfinite(intensity).sum())
        np.testing.assert_array_equal(np.loadtxt(lines[4:]), np.c_[radial, intensity][np.isfinite(intensity)])
        with h5py.File(result["archive"]) as file:
            steps = [name.decode() for name in file["entry/provenance/corrections"][()]]
        self.assertTrue({"split full", "error_model hybrid", "sigma_clip 5 max_iter 5"} <= set(steps), steps)
        # what is there is not replaced unasked, and the result is not lost for it
        (again,), errors = replay("-c", split, image, "-o", out, "--exposure", 0.5, "--export", "dat", code=1)
        self.assertTrue(again["durable"])
        self.assertIn("exists already", errors)
        replay("-c", split, image, "-o", out, "--exposure", 0.5, "--export", "dat", "--overwrite")

    def test_a_cake_is_published_archived_and_printed_the_same(self):
        image, out, config = self.folder / "cake.npy", self.folder / "cake", self.folder / "cake.yaml"
        np.save(image, self.glass)
        config.write_text(self.config.read_text().replace("\nintegration:\n", "\nintegration:\n  cake: {npt_azim: 72}\n"))
        (result,), _ = replay("-c", config, image, "-o", out, "--exposure", EXPOSURE, "--export", "dat")
        printed = result["cake"]["arrays"]
        names = {"I": "I", "I_sigma": "I_errors", "count": "pixels", "radial": "radial_axis", "chi": "azimuthal_axis"}
        with h5py.File(result["archive"]) as file:
            group = file  # what a viewer does
            while "default" in group.attrs:
                group = group[group.attrs["default"]]
            self.assertEqual(group.attrs["NX_class"], "NXdata")
            azint = file["entry/azint2d"]
            self.assertEqual(azint["definition"][()], b"NXazint2d")
            data = azint[azint.attrs["default"]]
            self.assertEqual([len(data[axis]) for axis in data.attrs["axes"]], list(data[data.attrs["signal"]].shape))
            self.assertEqual(len(data["azimuthal_axis_edges"]), 73)
            archived = {name: data[field][()] for name, field in names.items()}
            pattern, norm = file["entry/azint1d/data"], data["norm"][()]
            np.testing.assert_array_equal(archived["count"].sum(axis=0), pattern["pixels"][()])
            np.testing.assert_allclose(norm.sum(axis=0), pattern["norm"][()], rtol=1e-12)
            np.testing.assert_allclose(np.nansum(archived["I"] * norm, axis=0), pattern["I"][()] * pattern["norm"][()], rtol=1e-12)
        for name, values in archived.items():
            np.testing.assert_array_equal(np.array(printed[name], float), values)
        header = [line[2:] for line in (out / "cake.dat").read_text().splitlines() if line.startswith("# ")]
        said = dict(line.split(": ", 1) for line in header if ": " in line)
        self.assertAlmostEqual(float(said["Normalization factor"]), FRAMES * EXPOSURE)
        self.assertEqual(said["Distance"], repr(float(said["Distance"])))
        self.assertTrue(said["Mask applied"].startswith("gaps of the detector"))
        with Sender() as sender:
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                self.assertTrue(daemon.ask("announce", role="sample", name="glass")["ok"])
                for message in messages(1, self.glass):
                    sender.send(message)
                _, live = daemon.wait_final("cake", 1)
                self.assertEqual(daemon.stop(), 0)
        for name, values in archived.items():
            np.testing.assert_array_equal(live[name], values)

    def test_without_a_background_s_is_withheld_as_in_the_service(self):
        path = self.folder / "alone.npy"
        np.save(path, self.glass)
        (result,), _ = replay("-c", self.config, path, "-o", self.folder / "alone", "--exposure", 1, "--name", "vit4", "--grid", "3x4")
        self.assertIn("no_background", result["flags"])
        self.assertNotIn("sq", result)
        self.assertEqual(result["scan"]["id"], "vit4")
        self.assertEqual(result["scan"]["grid"], [3, 4])

    def test_a_damaged_file_costs_itself_alone_and_is_named(self):
        folder = self.folder / "damaged"
        folder.mkdir()
        for number, image in enumerate(self.glass[:4]):
            fabio.cbfimage.CbfImage(data=int32(image)).write(str(folder / f"t_{number:05d}.cbf"))
        broken = folder / "t_00002.cbf"
        broken.write_bytes(broken.read_bytes()[:-9000])
        (result,), errors = replay("-c", self.config, folder, "-o", self.folder / "d", "--exposure", 1, code=65)
        self.assertEqual(result["frames"]["used"], 3)
        self.assertIn("t_00002.cbf", errors)

    def test_each_path_may_be_a_series(self):
        paths = []
        for n in (1, 2):
            paths.append(self.folder / f"series{n}.npy")
            np.save(paths[-1], self.glass[: 3 * n])
        results, _ = replay("-c", self.config, *paths, "--each", "-o", self.folder / "each", "--exposure", 1)
        self.assertEqual([(r["scan"]["id"], r["frames"]["used"]) for r in results], [("series1", 3), ("series2", 6)])

    def test_what_is_not_there_is_said(self):
        _, errors = replay("-c", self.config, self.folder / "nothing.h5", "-o", self.folder / "n", code=66)
        self.assertIn("nothing.h5", errors)

    def test_an_image_of_another_detector_is_refused_with_both_shapes(self):
        path = self.folder / "other.npy"
        np.save(path, np.ones((2, 1065, 1030), np.uint32))
        results, errors = replay("-c", self.config, path, "-o", self.folder / "o", "--exposure", 1, code=65)
        self.assertIn("1065 x 1030", errors)
        self.assertIn("256 x 256", errors)
        self.assertIn("Eiger1M", errors)
        self.assertEqual(results[0]["frames"]["used"], 0)

    def test_an_interrupt_saves_what_came(self):
        path = self.folder / "long.npy"
        np.save(path, self.glass)
        with Process("replay", "-c", self.config, path, "-o", self.folder / "long", "--exposure", 1, "--rate", 0.5, "-v") as run:
            with run.news:
                self.assertTrue(run.news.wait_for(lambda: any("started" in line for line in run.errors), 60))
            run.process.send_signal(signal.SIGINT)
            self.assertEqual(run.finish(), 130)
            self.assertIn("aborted", "\n".join(run.lines))
        self.assertEqual(len(list((self.folder / "long").glob("*.nxs"))), 1)


if __name__ == "__main__":
    unittest.main()
