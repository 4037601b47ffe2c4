"""Links from the archive to the detector's own files: relative, and no harm where there is nothing at their end."""

import json
import pathlib
import unittest

import h5py
import numpy as np

from sqd_testing import Daemon, Sender, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
PATTERN = "../eiger/{name}_{series}_master.h5"


class DetectorFiles(unittest.TestCase):
    def test_the_detectors_file_is_linked_and_may_be_missing(self):
        with temporary() as folder, Sender() as sender:
            config = station("simulated", folder, replace={"archive: {": f'archive: {{detector_files: "{PATTERN}", '})
            set_source(config, sender.endpoint)
            eiger = pathlib.Path(folder) / "eiger"
            eiger.mkdir()
            with h5py.File(eiger / "_.._.._etc_glass_1_master.h5", "w") as file:
                file["entry/data/data_000001"] = np.arange(6).reshape(1, 2, 3)
            with Daemon(config) as daemon:
                for series in (1, 2):
                    parts = v1_header(series, SHAPE, nimages=2, photon_energy=68500.0, threshold_energy=20000.0)
                    sender.send(parts + [json.dumps({"name": "../../etc/glass"}).encode()])
                    for number in range(2):
                        sender.send(v1_image(series, number, np.full(SHAPE, 3, np.uint32)))
                    sender.send(v1_end(series))
                uids = [daemon.wait_final("pattern", series)[0]["scan"]["uid"] for series in (1, 2)]
                self.assertEqual(daemon.stop(), 0)
            for series, uid in zip((1, 2), uids):
                (path,) = (pathlib.Path(folder) / "archive").glob(f"*{uid}*.nxs")
                with self.subTest(series), h5py.File(path, "r") as file:
                    wanted = f"../eiger/_.._.._etc_glass_{series}_master.h5"
                    link = file["entry/detector_file"].get("entry", getlink=True)
                    self.assertIsInstance(link, h5py.ExternalLink)
                    self.assertEqual((link.filename, link.path), (wanted, "/entry"))
                    self.assertEqual(file["entry/detector_file/path"].asstr()[()], wanted)
                    fields = []
                    file.visititems(lambda name, item: fields.append(name) if isinstance(item, h5py.Dataset) else None)
                    self.assertIn("entry/provenance/config", fields)
                    self.assertTrue(all(file[name].shape is not None and file[name][()] is not None for name in fields))
                    for name, item in file["entry/detector_file"].items():
                        self.assertEqual(item is None, name == "entry" and series == 2)
                    if series == 1:
                        self.assertEqual(file["entry/detector_file/entry/data/data_000001"][()].tolist(), [[[0, 1, 2], [3, 4, 5]]])
                    self.assertEqual(file["entry/frames/used"][()], 2)


if __name__ == "__main__":
    unittest.main()
