"""A reference that is set while the service runs: what later results say of it, on the wire, in the archive and by `sqd compare`."""

import json
import pathlib
import re
import subprocess
import unittest

import h5py
import numpy as np

from sqd_testing import BINARY, ROOT, Daemon, Sender, expected_images, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
DETECTOR = {"photon_energy": 68500.0, "threshold_energy": 20000.0}
FRAMES = 10
SEED = 20261203
DISTANCE, THICKNESS = 0.078, 30e-6  # of config/simulated.poni and .yaml, m


def glass_at(distance, directory):
    """Mean counts of the sample at another distance from the detector than the station believes."""
    folder = pathlib.Path(directory) / f"at_{distance}"
    folder.mkdir()
    poni = (ROOT / "config" / "simulated.poni").read_text()
    (folder / "moved.poni").write_text(re.sub(r"Distance: \S+", f"Distance: {distance}", poni))
    config = station("simulated", folder)
    config.write_text(re.sub(r"poni: \S+\.poni", f"poni: {folder}/moved.poni", config.read_text()))
    return np.nan_to_num(expected_images(config, folder / "truth")["sample"])


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("seed", SEED)
        cls.directory = temporary()
        cls.sender = Sender()
        config = station("simulated", cls.directory.name)
        set_source(config, cls.sender.endpoint)
        expected = expected_images(config, pathlib.Path(cls.directory.name) / "truth")
        cls.air, cls.glass = (np.nan_to_num(expected[role]) for role in ("background", "sample"))
        cls.random = np.random.default_rng(SEED)
        cls.daemon = Daemon(config)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.sender.close()
        cls.directory.cleanup()

    def play(self, series, mean, **said):
        self.assertTrue(self.daemon.ask("announce", **said)["ok"])
        self.sender.send(v1_header(series, SHAPE, **DETECTOR, nimages=FRAMES))
        for number in range(FRAMES):
            self.sender.send(v1_image(series, number, self.random.poisson(mean).astype(np.uint32)))
        self.sender.send(v1_end(series))
        return self.daemon.wait_final("pattern", series)

    def archive(self, uid):
        def files():
            return list(pathlib.Path(self.directory.name, "archive").glob(f"*{uid}.nxs"))
        self.daemon.wait_status(lambda _: files(), f"the archive of {uid}")
        return files()[0]

    def compare(self, a, b, *options):
        done = subprocess.run([BINARY, "compare", str(a), str(b), *options], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_1_without_a_reference_nothing_is_compared(self):
        self.assertIn("reference", {c["command"] for c in self.daemon.ask("describe")["commands"]})
        self.assertIsNone(self.daemon.ask("status")["reference"])
        self.play(1, self.air, role="background", name="air")
        self.play(2, self.glass, role="sample", name="first", mount="m1")
        peak, _ = self.daemon.wait_final("fsdp", 2)
        self.assertNotIn("comparison", peak)
        self.assertFalse(self.daemon.ask("reference", scan="air")["ok"])  # no sample

    def test_2_the_same_sample_again_has_not_changed_another_has(self):
        first, _ = self.daemon.wait_final("sq", 2)
        chosen = self.daemon.ask("reference", scan="first")
        self.assertEqual(chosen["reference"], {"uid": first["scan"]["uid"], "id": "first"})
        self.assertEqual(self.daemon.ask("status")["reference"], chosen["reference"])

        self.play(3, self.glass, role="sample", name="again", mount="m1")
        again, arrays = self.daemon.wait_final("sq", 3)
        said = again["comparison"]
        self.assertEqual(said["reference"], chosen["reference"])
        self.assertTrue(said["one_mount"] and said["one_background"])
        # Chances of one in a thousand: 3.3 sigma, and so small a p-value.
        self.assertLess(said["numbers"]["q1"]["significance"], 3.3)
        self.assertGreater(said["S"]["p_value"], 1e-3)
        self.assertGreater(said["G"]["p_value"], 1e-3)
        _, before = self.daemon.wait_final("sq", 2)
        np.testing.assert_array_equal(arrays["S_difference"], arrays["S"] - before["S"])
        self.assertTrue((arrays["S_difference_sigma"] < np.hypot(arrays["S_sigma"], before["S_sigma"])).all())  # the air's part cancels
        _, g_before = self.daemon.wait_final("gr", 2)
        _, g_again = self.daemon.wait_final("gr", 3)
        np.testing.assert_array_equal(g_again["G_difference"], g_again["G"] - g_before["G"])

        self.play(4, glass_at(1.01 * DISTANCE, self.directory.name), role="sample", name="other", mount="m1")
        other, _ = self.daemon.wait_final("fsdp", 4)
        said = other["comparison"]
        self.assertEqual(said["change"], "sample")
        before, _ = self.daemon.wait_final("fsdp", 2)
        self.assertEqual(said["numbers"]["q1"]["difference"], other["values"]["q1"] - before["values"]["q1"])
        self.assertIn("in one mount: the sample", said["sentence"])
        self.assertLess(said["S"]["p_value"], 1e-9)

    def test_3_what_a_mount_may_do_is_not_put_on_the_sample(self):
        self.play(5, glass_at(DISTANCE + THICKNESS, self.directory.name), role="sample", name="remounted", mount="m2")
        remounted, _ = self.daemon.wait_final("fsdp", 5)
        said = remounted["comparison"]
        self.assertFalse(said["one_mount"])
        q1 = said["numbers"]["q1"]
        self.assertGreater(q1["geometry_sigma"], 0.0005)
        self.assertLess(q1["significance_with_geometry"], q1["significance"])
        self.assertIn(said["change"], ("none", "perhaps_mount"))
        self.assertLess(said["S"]["p_value"], 1e-6)
        self.assertGreater(said["S"]["p_value_with_geometry"], 1e-3)

    def test_4_the_archive_holds_the_comparison_and_sqd_compare_finds_the_same(self):
        first, _ = self.daemon.wait_final("fsdp", 2)
        other, _ = self.daemon.wait_final("fsdp", 4)
        a, b = (self.archive(header["scan"]["uid"]) for header in (first, other))
        said = other["comparison"]
        with h5py.File(b) as file:
            group = file["entry/comparison"]
            self.assertEqual(group["reference_uid"].asstr()[()], first["scan"]["uid"])
            self.assertEqual(group["sentence"].asstr()[()], said["sentence"])
            for name, number in said["numbers"].items():
                self.assertEqual(group[f"numbers/{name}/difference"][()], number["difference"])
            q, difference, errors = (group[f"S/{key}"][:] for key in ("q", "difference", "difference_errors"))
            np.testing.assert_array_equal(difference, file["entry/structure_factor/data/S"][:] - h5py.File(a)["entry/structure_factor/data/S"][:])
        code, text, _ = self.compare(a, b)
        self.assertEqual(code, 0)
        self.assertIn(said["sentence"], text)
        self.assertLess(len(text.splitlines()), 32)  # a screen
        code, text, _ = self.compare(a, b, "--json")
        self.assertEqual(code, 0)
        found = json.loads(text)
        for key in ("change", "sentence", "numbers", "S", "G", "one_mount", "one_background"):
            self.assertEqual(found[key], said[key], key)
        np.testing.assert_array_equal(found["arrays"]["S"]["difference"], difference)
        np.testing.assert_array_equal(found["arrays"]["S"]["sigma"], errors)
        np.testing.assert_array_equal(found["arrays"]["S"]["q"], q)

    def test_5_what_cannot_be_compared_is_refused_in_words(self):
        air, _ = self.daemon.wait_final("pattern", 1)
        first, _ = self.daemon.wait_final("pattern", 2)
        a, b = (self.archive(header["scan"]["uid"]) for header in (first, air))
        code, text, _ = self.compare(a, b)
        self.assertEqual(code, 65)
        self.assertIn("nothing that both have", text)
        code, text, _ = self.compare(a, b, "--json")
        self.assertEqual(code, 65)
        self.assertIn("nothing that both have", json.loads(text)["refused"])
        code, _, errors = self.compare(a, pathlib.Path(self.directory.name, "absent.nxs"))
        self.assertEqual(code, 66)
        self.assertIn("absent.nxs", errors)
        foreign = pathlib.Path(self.directory.name, "foreign.nxs")
        with h5py.File(foreign, "w") as file:
            file["entry/data"] = 1
        code, _, errors = self.compare(a, foreign)
        self.assertEqual(code, 65)
        self.assertRegex(errors, r"^sqd: \S*/foreign.nxs: no archive of sqd")

    def test_6_a_file_of_the_archive_serves_as_reference_and_none_beside_it(self):
        first, _ = self.daemon.wait_final("pattern", 2)
        path = self.archive(first["scan"]["uid"])
        outside = pathlib.Path(self.directory.name, "outside.nxs")
        outside.write_bytes(path.read_bytes())
        self.assertTrue(self.daemon.ask("reference", clear=True)["ok"])
        for name in ("../outside.nxs", str(outside), "absent.nxs", ""):
            refused = self.daemon.ask("reference", archive=name)
            self.assertEqual(refused["error"]["code"], "bad_value", name)
        self.assertIsNone(self.daemon.ask("reference")["reference"])
        chosen = self.daemon.ask("reference", archive=path.name)
        self.assertEqual(chosen["reference"]["uid"], first["scan"]["uid"])
        self.play(6, self.glass, role="sample", name="against a file", mount="m1")
        said = self.daemon.wait_final("fsdp", 6)[0]["comparison"]
        self.assertEqual(said["reference"]["id"], "first")
        self.assertTrue(said["one_background"])
        self.assertGreater(said["S"]["p_value"], 1e-3)
        self.assertTrue(self.daemon.ask("reference", clear=True)["ok"])
        self.play(7, self.glass, role="sample", name="alone", mount="m1")
        self.assertNotIn("comparison", self.daemon.wait_final("fsdp", 7)[0])


if __name__ == "__main__":
    unittest.main()
