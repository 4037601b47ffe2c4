"""An archive opens as what was published: every array to the bit, every number, word and unit."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

from beamline import PATIENCE, Beamline, same, sqd_client
from sqd_client import NotComputed, SqdError, open_archive
from sqd_testing import BINARY, ROOT

EVERYTHING = """uncertainty: {point_peaks: true}
ad_hoc: {q_max_inst_invA: 8.5, q_max_invA: 8.5}
"""


class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        replace = {"unit: q_A^-1": "unit: 2th_deg", "radial_range: [0.3, 9.0]": "radial_range: [0.5, 14.5]\n  split: bbox\n  cake: {npt_azim: 8}",
                   "q_max_invA: 8.9}": "q_max_invA: 8.5}", "pair_distribution: {q_max_invA: 8.9": "pair_distribution: {q_max_invA: 8.5"}
        cls.beamline = Beamline(replace=replace, extra=EVERYTHING)
        cls.addClassCleanup(cls.beamline.close)
        with cls.beamline.client() as sqd:
            results = sqd.results(PATIENCE)
            cls.beamline.play(role="background", name="air")
            cls.air = next(r for r in results if r.is_final)
            cls.beamline.play(frames=12, name="ribbon", mount="m1", grid=[3, 4], snake=True, parameters={"T_comp": 643.0, "P_comp": 5.0})
            cls.first = next(r for r in results if r.is_final)
            sqd.reference(cls.first.uid)
            cls.beamline.play(frames=12, name="again", grid=[3, 4])
            cls.second = next(r for r in results if r.is_final)

    def test_it_equals_what_was_published(self):
        for live, kinds in ((self.air, ("pattern", "adhoc", "cake")), (self.first, sqd_client.KINDS), (self.second, sqd_client.KINDS)):
            with self.subTest(live.id):
                self.assertEqual(live.kinds, kinds)
                opened = open_archive(self.beamline.archive_of(live.uid))
                comparison = opened.messages["fsdp"].header.get("comparison", {}) if "fsdp" in opened else {}
                for kind in ("sq", "fsdp") if comparison else ():  # the words are the same; the file nests a curve's numbers beside its arrays
                    published = live[kind].header["comparison"]
                    for key in ("reference", "sentence", "change", "one_mount", "one_background"):
                        self.assertEqual(opened[kind].header["comparison"][key], published[key], key)
                    for name, numbers in published["numbers"].items():
                        for key, value in numbers.items():
                            self.assertEqual(opened[kind].header["comparison"]["numbers"][name][key], value, (name, key))
                    opened[kind].header["comparison"] = published
                if live.role != "sample":  # no sample was in the beam: the file has no transmission of it
                    for name in ("transmission", "transmission_sigma"):
                        del live["pattern"].header["values"][name]
                same(live, opened)
                self.assertEqual([e["unit"] for k in kinds for e in live[k].header["arrays"]],
                                 [opened_unit(opened[k], e["name"]) for k in kinds for e in live[k].header["arrays"]])

    def test_points_are_those_of_the_file(self):
        path = self.beamline.archive_of(self.first.uid)
        points = open_archive(path).points
        self.assertEqual(points.number.tolist(), list(range(12)))
        self.assertEqual(len(points.reason), 12)
        with h5py.File(path) as file:
            np.testing.assert_array_equal(points.bin_counts, file["entry/frames/points/bin_counts"][()])
        # A map that snakes: its second line runs backwards.
        counts = points.bin_counts.sum(axis=1)
        np.testing.assert_array_equal(self.first.maps["counts"][1], counts[7:3:-1])
        self.assertIsNone(self.first.points)

    def test_an_aborted_scan_of_a_file_with_little_in_it(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            config = pathlib.Path(folder) / "p.yaml"
            config.write_text((ROOT / "config/simulated.yaml").read_text().replace("simulated.poni", f"{ROOT}/config/simulated.poni"))
            image = pathlib.Path(folder) / "flat.npy"
            np.save(image, np.full((256, 256), 7, np.int32))
            subprocess.run([BINARY, "replay", "-c", config, image, "-o", folder], check=True, capture_output=True)
            opened = open_archive(next(pathlib.Path(folder).glob("*.nxs")))
            self.assertEqual(opened.kinds, ("pattern",))
            self.assertEqual(opened.grid, None)
            with self.assertRaisesRegex(NotComputed, "S: not in this final sample; it has pattern; flags: .*background"):
                opened.S

    def test_a_fit_that_failed_and_a_background_say_what_they_lack(self):
        """Counts without a peak: a flat field with the fit on the pattern, whose window has nothing above its line."""
        background = open_archive(self.beamline.archive_of(self.air.uid))
        self.assertEqual((background.role, "S" in background, "q1" in background, background.advice, background.comparison), ("background", False, False, {}, {}))
        self.assertEqual(len(background.I.x), len(self.air.I.x))
        with self.assertRaisesRegex(NotComputed, "q1: not in this final background"):
            background.q1
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            text = (ROOT / "config/simulated.yaml").read_text().replace("simulated.poni", f"{ROOT}/config/simulated.poni")
            config = pathlib.Path(folder) / "p.yaml"
            config.write_text(re.sub(r"(?ms)^(structure_factor|fsdp|pair_distribution):.*?^(?=\w)", "", text) + "structure_factor: none\nfsdp: {on: pattern}\n")
            image = pathlib.Path(folder) / "empty.npy"
            np.save(image, np.zeros((256, 256), np.int32))
            done = subprocess.run([BINARY, "replay", "-c", config, image, "-o", folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            opened = open_archive(next(pathlib.Path(folder).glob("*.nxs")))
            self.assertNotIn("q1", opened)
            with self.assertRaisesRegex(NotComputed, "q1: not in this final sample; it has pattern.*; flags: .+"):
                opened.q1

    def test_points_of_many_frames_are_laid_out_frame_by_frame(self):
        """As an archive of a scan beyond 20 000 frames has them: here pairs of the twelve."""
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            path = shutil.copy(self.beamline.archive_of(self.second.uid), folder)
            with h5py.File(path, "a") as file:
                points = file["entry/frames/points"]
                columns = {name: points[name][()] for name in ("number", "reason", "exposure", "monitor", "bin_counts")}
                pairs = {"number": columns["number"][::2], "reason": columns["reason"][::2], "monitor": columns["monitor"][::2],
                         "exposure": columns["exposure"].reshape(6, 2).sum(axis=1), "bin_counts": columns["bin_counts"].reshape(6, 2, -1).sum(axis=1),
                         "frames": np.full(6, 2, np.uint64), "frame_numbers": columns["number"]}
                for name, values in pairs.items():
                    if name in points:
                        del points[name]
                    points[name] = values
                file["entry/frames/per_point"] = np.uint64(2)
            opened = open_archive(path)
        each = columns["bin_counts"].sum(axis=1).reshape(6, 2)
        np.testing.assert_array_equal(opened.maps["counts"].ravel(), np.repeat(each.sum(axis=1) / 2, 2))
        self.assertEqual((opened.frames["per_point"], opened.points.frames.tolist()), (2, [2] * 6))

    def test_layouts_of_other_versions_are_told_from_damage(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            path = shutil.copy(self.beamline.archive_of(self.second.uid), folder)

            def with_schema(schema):
                with h5py.File(path, "a") as file:
                    file.attrs["schema"] = schema
                return path

            with h5py.File(path) as file:
                self.assertEqual(file.attrs["schema"], "sqd.archive/1.0")
            self.assertEqual(open_archive(with_schema("sqd.archive/1.7")).uid, self.second.uid)
            with self.assertRaisesRegex(SqdError, r"its layout 'sqd.archive/2.0' is not known to sqd_client [\d.]+: use the client of sqd [\d.]+"):
                open_archive(with_schema("sqd.archive/2.0"))
            with h5py.File(path, "a") as file:
                del file.attrs["schema"]  # as it was before it was stated
            self.assertEqual(open_archive(path).uid, self.second.uid)
            with h5py.File(path, "a") as file:
                del file["entry/provenance/state"]
            with self.assertRaisesRegex(SqdError, "not what sqd [0-9.]+ says it wrote .*state"):
                open_archive(path)
            pathlib.Path(path).write_bytes(pathlib.Path(path).read_bytes()[:5000])
            with self.assertRaisesRegex(SqdError, "no archive of sqd, or damaged"):
                open_archive(path)

    def test_what_is_no_archive_is_told(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            with self.assertRaisesRegex(SqdError, "none.nxs: no archive of sqd"):
                open_archive(f"{folder}/none.nxs")
            with h5py.File(f"{folder}/other.nxs", "w") as file:
                file["entry/data"] = 1
            with self.assertRaisesRegex(SqdError, "other.nxs: no archive of sqd"):
                open_archive(f"{folder}/other.nxs")


def opened_unit(message, array):
    return next(entry["unit"] for entry in message.header["arrays"] if entry["name"] == array)


if __name__ == "__main__":
    unittest.main()
