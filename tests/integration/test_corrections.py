"""corrections: of the configuration, from files through `sqd check` and `sqd replay` to what the archive says was done."""

import json
import pathlib
import subprocess
import unittest

import fabio
import h5py
import numpy as np

from sqd_testing import BINARY, Daemon, Sender, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
LIGHT, DARK = 50, 20  # counts per frame and pixel
FRAMES = 4


def write_hdf5(path, image):
    with h5py.File(path, "w") as file:
        file["entry/flat"] = image
        file["entry/mask"] = np.zeros(SHAPE, np.uint8)


WRITERS = {
    "flat.npy": np.save,
    "flat.edf": lambda path, image: fabio.edfimage.EdfImage(data=image).write(str(path)),
    "flat.tif": lambda path, image: fabio.tifimage.TifImage(data=image).write(str(path)),
    "flat.h5::/entry/flat": lambda path, image: write_hdf5(str(path).split("::")[0], image),
    "flat.cbf": lambda path, image: fabio.cbfimage.CbfImage(data=image).write(str(path)),
}


def run(verb, *arguments, code=0):
    done = subprocess.run([BINARY, verb, "--json", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()] if verb == "replay" else json.loads(done.stdout)


def intensity(result):
    return np.array([np.nan if v is None else v for v in result["pattern"]["arrays"]["I"]])


def steps(result):
    with h5py.File(result["archive"]) as file:
        return [name.decode() for name in file["entry/provenance/corrections"][()]]


class Corrections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = temporary()
        cls.folder = pathlib.Path(cls.directory.name)
        random = np.random.default_rng(20261203)
        cls.response = random.integers(1, 4, SHAPE)  # whole numbers: CBF has no others
        cls.response[10, 20] = cls.response[30, 40] = 0
        cls.images = random.poisson(LIGHT * cls.response + DARK, (FRAMES, *SHAPE)).astype(np.uint32)
        cls.images[:, 10, 20] = cls.images[:, 30, 40] = 60000
        np.save(cls.folder / "images.npy", cls.images)
        np.save(cls.folder / "dark.npy", random.poisson(DARK, (FRAMES, *SHAPE)).astype(np.uint32))

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def config(self, corrections):
        path = station("simulated", self.folder, replace={"polarization_factor: 0.97": "polarization_factor: none"})
        text = path.read_text()
        self.assertNotIn("solid_angle", text)
        text = text.replace("integration:\n", "integration:\n  solid_angle: false\n  sensor_efficiency: false\n")
        self.assertIn("solid_angle: false", text)
        path.write_text(f"{text}corrections: {{{corrections}}}\n")
        return path

    def replay(self, config, *more):
        return run("replay", "-c", config, self.folder / "images.npy", "-o", self.folder / "out", "--exposure", 0.5, *more)

    def test_a_flat_field_in_every_format_and_a_dark_leave_the_light(self):
        expected = None
        for name, write in WRITERS.items():
            with self.subTest(name):
                write(self.folder / name, self.response.astype(np.int32 if name.endswith("cbf") else np.float32))
                config = self.config(f'flat: "{name}", dark: latest')
                checked = run("check", "-c", config)
                self.assertEqual(checked["excluded_by_flat"]["pixels"], 2)
                self.assertEqual(checked["corrections"][0], "dark latest")
                dark, sample = self.replay(config, "--dark", self.folder / "dark.npy")
                self.assertEqual((dark["scan"]["role"], sample["scan"]["role"]), ("dark", "sample"))
                self.assertNotIn("no_dark", sample["flags"])
                named = steps(sample)
                self.assertEqual(named[0], "dark " + dark["scan"]["uid"])
                self.assertRegex(named[1], f"^flat {name} sha256 [0-9a-f]{{64}}$")
                self.assertEqual(named[1], checked["corrections"][1])
                values, sigma = intensity(sample), np.array(sample["pattern"]["arrays"]["I_sigma"], float)
                seen = np.isfinite(values)
                pulls = (values[seen] - LIGHT / 0.5) / sigma[seen]
                # chi^2 of n bins beyond 3.3 standard deviations: 1 in 1000
                self.assertLess(abs(np.mean(pulls**2) - 1), 3.3 * np.sqrt(2 / seen.sum()))
                expected = values if expected is None else expected
                np.testing.assert_array_equal(values, expected)

    def test_every_correction_is_named_with_its_parameters_and_none_by_default(self):
        config = self.config("air: {length_mm: 60, pressure_hPa: 955, temperature_C: 24}, dead_time_ns: 120, "
                             "absorber: {material: C22H10N2O5, density_g_cm3: 1.42, thickness_um: 75, facing: beam}")
        config.write_text(config.read_text().replace("solid_angle: false", "solid_angle: true\n  solid_angle_order: 2.5")
                          .replace("polarization_factor: none", "polarization_factor: 0.97, polarization_offset_deg: 15"))
        done = ["solid_angle order 2.5", "polarization 0.97 offset 15 deg", "air 0.06 m 955 hPa 24 C",
                "absorber C22H10N2O5 1.42 g/cm^3 75 um beam"]
        self.assertEqual(run("check", "-c", config)["corrections"], ["dead_time 120 ns, unless the detector corrects it", *done])
        (result,) = self.replay(config)
        self.assertEqual(steps(result), ["dead_time 120 ns (the detector says nothing of its own)", *done])
        (plain,) = self.replay(self.config(""))
        self.assertEqual(steps(plain), [])

    def test_without_a_dark_the_service_goes_on_and_says_so(self):
        with Sender() as sender:
            config = self.config("dark: latest")
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                for series, role in ((1, "sample"), (2, "dark"), (3, "sample")):
                    header = {"photon_energy": 68500.0, "threshold_energy": 20000.0, "count_time": 0.5, "frame_time": 0.5, "nimages": 1}
                    daemon.ask("announce", role=role)
                    sender.send(v1_header(series, SHAPE, **header))
                    sender.send(v1_image(series, 0, self.images[0]))
                    sender.send(v1_end(series))
                    result, _ = daemon.wait_final("pattern", series)
                    self.assertEqual("no_dark" in result["flags"], series == 1)
                    alarms = [alarm["name"] for alarm in daemon.ask("status")["alarms"] if alarm["active"]]
                    self.assertEqual("no_dark" in alarms, series != 3)


if __name__ == "__main__":
    unittest.main()
