"""The examples do what they say: the window, the notebook, Bluesky, BLISS, Sardana. The last three meet stand-ins of the frameworks' interfaces, no more."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import types
import unittest

import numpy as np

from beamline import CLIENT, PATIENCE, Beamline, run_python, sqd_client, wait_until

EXAMPLES = CLIENT / "examples"
BEAM_PIXEL = 0.004 / 75e-6 - 0.5  # of config/simulated.poni, in both directions
B0_GPA, B1 = 102.0, 3.6  # the equation of state that the played series obeys, D = 3


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stretch_under(pressure):
    """q1 / q1_0 at a pressure [GPa], by the equation of state."""
    x = np.linspace(1, 1.05, 100001)
    return float(np.interp(pressure, 1.5 * B0_GPA * (x**7 - x**5) * (1 + 0.75 * (B1 - 4) * (x**2 - 1)), x))


def setUpModule():
    """A beamline that all examples share."""
    global BEAMLINE, SQD
    BEAMLINE = Beamline()
    unittest.addModuleCleanup(BEAMLINE.close)
    BEAMLINE.play(role="background", name="air", frames=8)
    SQD = BEAMLINE.client()
    unittest.addModuleCleanup(SQD.close)
    assert next(result for result in SQD.results(PATIENCE) if result.is_final).id == "air"


class Station(unittest.TestCase):
    @property
    def beamline(self):
        return BEAMLINE

    @property
    def sqd(self):
        return SQD

    def stretched(self, factor):
        """The glass with all its distances shorter: the pattern about the beam is larger. By its mean over rings, a quarter of a pixel wide."""
        image = self.beamline.images["sample"] - self.beamline.images["background"]
        row, col = np.indices(image.shape) - BEAM_PIXEL
        radius, seen = np.hypot(row, col), self.beamline.images["sample"] > 0  # not the gaps between modules
        ring = (4 * radius[seen]).astype(int)
        number = np.bincount(ring)
        place, mean = (np.bincount(ring, values)[number > 0] / number[number > 0] for values in (radius[seen], image[seen]))
        return np.interp(radius / factor, place, mean) + self.beamline.images["background"]

    def measure(self, frames=4):
        """What a detector does while a scan of the control system runs."""
        before = self.sqd.status().get("frames", {}).get("received", 0)
        self.beamline.start(frames)
        self.beamline.frames(range(frames), self.beamline.images["sample"])
        wait_until(lambda: self.sqd.status().get("frames", {}).get("received", 0) == before + frames, "all frames")


class Window(Station):
    def test_it_plots_and_ends(self):
        picture = self.beamline.folder / "window.png"
        with subprocess.Popen([sys.executable, EXAMPLES / "live_plot.py", "--results", self.beamline.daemon.results_endpoint, "--control",
                               self.beamline.daemon.control_endpoint, "--save", picture, "--finals", "2"], stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(CLIENT), "DISPLAY": "", "WAYLAND_DISPLAY": ""}) as window:
            self.beamline.play(name="glass1")
            self.beamline.play(name="glass2")
            while window.poll() is None:  # one that it joined late, and those that it sees
                self.beamline.play(name="more")
                wait_until(lambda: window.poll() is not None or self.sqd.next_result(0.1) is not None, "a result")
            self.assertEqual(window.returncode, 0, window.stderr.read())
        import matplotlib.image
        shown = matplotlib.image.imread(picture)[..., :3]
        blue = np.array([0x00, 0x72, 0xB2]) / 255
        self.assertGreater((np.abs(shown - blue).max(axis=2) < 0.02).sum(), 300)  # a curve was drawn


class Notebook(Station):
    def test_two_samples_and_a_series(self):
        before = len(self.beamline.archives())  # of other tests, each of which has a peak and no parameters that count here
        play = self.beamline.play
        play(frames=12, name="as_cast", mount="m0")
        for pressure in (2.0, 5.0):
            for temperature in (298.0, 473.0, 643.0):
                play(name=f"P{pressure:.0f}_T{temperature:.0f}", image=self.stretched(1 + 0.002 * pressure * temperature / 600), parameters={"P_comp": pressure, "T_comp": temperature})
        for pressure in (0.0, 2.0, 4.0, 6.0, 8.0, 10.0):
            play(frames=24, name=f"cell{pressure:.0f}", image=self.stretched(stretch_under(pressure)), parameters={"P": pressure})
        wait_until(lambda: len(self.beamline.archives()) >= before + 13, "the archives")
        figures = pathlib.Path(os.environ.get("SQD_FIGURES") or self.beamline.folder / "figures")
        figures.mkdir(exist_ok=True)
        text = self.execute({"SQD_ARCHIVE": str(self.beamline.folder / "archive"), "SQD_FIGURES": str(figures), "MPLBACKEND": "Agg", "PYTHONPATH": str(CLIENT)})
        self.assertIn("\n6 compressed samples, ", text)
        told = next(line.split() for line in text.splitlines() if line.startswith("D = 3:"))
        bulk_modulus, sigma = float(told[5]), float(told[7])
        self.assertLess(sigma, 0.2 * B0_GPA)
        self.assertLess(abs(bulk_modulus - B0_GPA), 4 * sigma + 0.03 * B0_GPA, text)  # + what resampling the image does to a peak
        self.assertEqual(len(list(figures.glob("*.png"))), 3)

    def execute(self, environment):
        """By nbclient, as Jupyter does; without it the cells one after another. Returns what was printed."""
        path = EXAMPLES / "archives.ipynb"
        cells = json.loads(path.read_text())["cells"]
        self.assertEqual([cell for cell in cells if cell.get("outputs")], [], "the notebook is stored without outputs")
        try:
            import nbclient
            import nbformat
            import ipykernel  # noqa: F401
        except ImportError:
            print("no nbclient: the cells are executed one after another")
            source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
            done = run_python("-c", source, **environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        nbformat.validate(notebook := nbformat.read(path, 4))
        os.environ.update(environment)
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        os.environ["JUPYTER_RUNTIME_DIR"] = str(self.beamline.folder)
        nbclient.NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
        return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))


class Bluesky(Station):
    """A RunEngine in a few lines: what it calls on a callback, on a readable and on a flyer, in its order."""

    def wait(self, status):
        done = []
        status.add_callback(done.append)
        self.assertEqual((done, status.done), ([status], True))
        if status.exception() is not None:
            raise status.exception()
        self.assertTrue(status.success)

    def test_runs_are_scans(self):
        runs = load("bluesky_sqd").SqdRuns(self.sqd, PATIENCE, parameters={"I0": 3.0})
        runs("start", {"uid": "u", "scan_id": 7, "plan_name": "count", "num_points": 4})
        self.measure()
        runs("descriptor", {})
        runs("event", {})
        runs("stop", {"exit_status": "success"})
        (final,) = runs.finals
        self.assertEqual((final.id, final.used, final.parameters), ("count_7", 4, {"I0": 3.0}))
        runs("start", {"uid": "u", "scan_id": 8, "plan_name": "count"})
        runs("stop", {"exit_status": "abort"})
        self.assertEqual((len(runs.finals), "open_scan" in self.sqd.status()), (1, False))

    def test_a_flyer_gives_the_final_as_an_event(self):
        flyer = load("bluesky_sqd").SqdFlyer(self.sqd, "sqd", measure=self.measure, timeout=PATIENCE)
        with self.assertRaisesRegex(RuntimeError, "before kickoff"):
            self.wait(flyer.complete())
        self.wait(flyer.kickoff())
        self.wait(flyer.complete())
        described = flyer.describe_collect()["sqd"]
        (event,) = flyer.collect()
        self.assertEqual(event["data"].keys(), described.keys())
        self.assertEqual(event["timestamps"].keys(), described.keys())
        self.assertEqual(event["data"]["sqd_q1"], flyer.final.q1)
        self.assertEqual(flyer.final.used, 4)
        flyer.measure = lambda: 1 / 0
        self.wait(flyer.kickoff())
        with self.assertRaises(ZeroDivisionError):  # where the plan waits
            self.wait(flyer.complete())
        self.sqd.abort()

    def test_q1_is_a_reading(self):
        with self.beamline.client() as sqd:
            reading = load("bluesky_sqd").SqdReading(sqd)
            self.beamline.play(name="point")
            wait_until(lambda: (self.wait(reading.trigger()), reading.result is not None and reading.result.is_final and reading.result.id == "point")[1], "the point")
            read = reading.read()
            self.assertEqual(read.keys(), reading.describe().keys())
            self.assertEqual(read["sqd_q1"]["value"], reading.result.q1)
            self.assertEqual({each["dtype"] for each in reading.describe().values()}, {"number"})


def stand_in(test, modules):
    """Modules of a framework that is not installed, for one test."""
    for name, content in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        sys.modules[name] = module
        test.addCleanup(sys.modules.pop, name)


class Bliss(Station):
    def test_a_preset_and_counters(self):
        class ScanPreset:
            pass

        class SamplingCounter:
            def __init__(self, name, controller, unit=None):
                self.name, self.controller, self.unit = name, controller, unit

        class SamplingCounterController:
            def __init__(self, name):
                self.name, self.counters = name, []

            def create_counter(self, kind, name, unit=None):
                self.counters.append(kind(name, self, unit=unit))

        stand_in(self, {"bliss": {}, "bliss.common": {}, "bliss.common.counter": {"SamplingCounter": SamplingCounter}, "bliss.controllers": {},
                        "bliss.controllers.counter": {"SamplingCounterController": SamplingCounterController}, "bliss.scanning": {},
                        "bliss.scanning.scan": {"ScanPreset": ScanPreset}})
        module = load("bliss_sqd")
        preset = module.SqdPreset(self.sqd, mount="m1")
        with self.assertRaisesRegex(RuntimeError, "no scan has run"):
            preset.final()
        scan = types.SimpleNamespace(name="loopscan")
        preset.prepare(scan)
        self.measure()
        preset.stop(scan)
        final = preset.final(PATIENCE)
        self.assertEqual((final.id, final.mount, final.used), ("loopscan", "m1", 4))
        with self.beamline.client() as sqd:
            counters = module.SqdCounters("sqd", sqd)
            self.assertEqual([(c.name, c.unit) for c in counters.counters], [(name, "1/angstrom") for name in ("q1", "q1_sigma", "fwhm", "fwhm_sigma")])
            self.assertEqual(counters.read_all(*counters.counters), [final.q1, final.q1_sigma, final.fwhm, final.fwhm_sigma])
            self.assertEqual(counters.read_all(counters.counters[2]), [final.fwhm])


class Sardana(Station):
    def test_macros_and_channels(self):
        class Macro:
            def __init__(self):
                self.said = []

            def output(self, text, *arguments):
                self.said.append(text % arguments)

        class ZeroDController:
            def __init__(self, inst, props):
                self.__dict__.update(props)

        words = types.SimpleNamespace(String="String", Integer="Integer", Float="Float")
        stand_in(self, {"sardana": {"State": types.SimpleNamespace(On="On", Fault="Fault")}, "sardana.macroserver": {},
                        "sardana.macroserver.macro": {"Macro": Macro, "Type": words}, "sardana.pool": {},
                        "sardana.pool.controller": {"ZeroDController": ZeroDController, "Type": "type", "Description": "description", "DefaultValue": "default"}})
        module = load("sardana_sqd")
        module.RESULTS, module.CONTROL = self.beamline.daemon.results_endpoint, self.beamline.daemon.control_endpoint
        begin, end = module.sqd_begin(), module.sqd_end()
        begin.run("ribbon", "sample", 4)
        self.measure()
        end.run(PATIENCE)
        final = next(result for result in self.sqd.results(PATIENCE) if result.is_final and result.id == "ribbon")
        self.assertIn("ribbon begun", begin.said[0])
        self.assertEqual(end.said, [f"sqd: ribbon q1 = {final.q1:.5f} +- {final.q1_sigma:.5f} 1/A, 4 frames"])
        controller = module.SqdZeroDController("sqd", {"Results": module.RESULTS, "Control": module.CONTROL})
        self.addCleanup(controller.client.close)
        for axis in (1, 2, 3, 4):
            controller.AddDevice(axis)
        self.assertEqual(controller.StateOne(1)[0], "On")
        controller.PreReadAll()
        self.assertEqual([controller.ReadOne(axis) for axis in (1, 2, 3, 4)], [final.q1, final.q1_sigma, final.fwhm, final.fwhm_sigma])


class Types(unittest.TestCase):
    def test_mypy_has_nothing_to_say(self):
        if importlib.util.find_spec("mypy") is None:
            self.skipTest("mypy is not installed")
        done = run_python("-m", "mypy", "--config-file", CLIENT / "pyproject.toml", "--cache-dir", os.devnull, CLIENT / "sqd_client.py", *EXAMPLES.glob("*.py"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
