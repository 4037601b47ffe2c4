"""An archive opens as what was published: every array to the bit, every number, word and unit."""

import pathlib
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
