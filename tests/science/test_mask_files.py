"""Masks as other programs write them: fabio (EDF, CBF, FIT2D), NumPy, h5py and Pillow. Each file is combined with a NumPy mask of the same pixels:
where the union has as many pixels as either, all of them are at the same places."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from sqd_testing import BINARY, skip, station, temporary  # noqa: E402

import numpy as np  # noqa: E402

try:
    import fabio
    import h5py
    from PIL import Image
except ImportError as error:
    skip(f"{error}: no peer to write masks")

SIDE = 256


def saved_as_dioptas_does(mask, path):
    """int8, deflated TIFF under any name."""
    Image.fromarray(np.int8(mask)).save(path, "tiff", compression="tiff_deflate")


def saved_in_hdf5(mask, path, dtype, **how):
    with h5py.File(path, "w") as file:
        file.create_dataset("entry/mask", data=mask.astype(dtype), **how)
        file["entry/other"] = np.ones((SIDE, SIDE))


WRITERS = {
    "bool.npy": lambda mask, path: np.save(path, mask),
    "int64.npy": lambda mask, path: np.save(path, mask.astype(np.int64) * 7),
    "fortran.npy": lambda mask, path: np.save(path, np.asfortranarray(mask)),
    "nan.npy": lambda mask, path: np.save(path, np.where(mask, np.nan, 0)),
    "byte.edf": lambda mask, path: fabio.edfimage.EdfImage(mask.astype(np.uint8)).write(path),
    "real.edf": lambda mask, path: fabio.edfimage.EdfImage(mask.astype(np.float32)).write(path),
    "packed.edf.gz": lambda mask, path: fabio.edfimage.EdfImage(mask.astype(np.uint16)).write(path),
    "packed.edf.bz2": lambda mask, path: fabio.edfimage.EdfImage(mask.astype(np.uint16)).write(path),
    "int.cbf": lambda mask, path: fabio.cbfimage.CbfImage(data=np.where(mask, -2, 0).astype(np.int32)).write(path),
    "byte.tif": lambda mask, path: Image.fromarray(mask.astype(np.uint8) * 255).save(path),
    "bits.tif": lambda mask, path: Image.fromarray(mask).save(path),
    "packbits.tiff": lambda mask, path: Image.fromarray(mask.astype(np.int32)).save(path, compression="packbits"),
    "fit2d.msk": lambda mask, path: fabio.fit2dmaskimage.Fit2dMaskImage(data=mask.astype(np.uint8)).write(path),
    "dioptas.mask": saved_as_dioptas_does,
    "bool.h5::/entry/mask": lambda mask, path: saved_in_hdf5(mask, path, bool),
    "int64.h5::/entry/mask": lambda mask, path: saved_in_hdf5(mask, path, np.int64, compression="gzip", shuffle=True),
    "byte.nxs::entry/mask": lambda mask, path: saved_in_hdf5(mask, path, np.uint8, chunks=(64, 64)),
}


class MaskFiles(unittest.TestCase):
    def check(self, directory, files, name="simulated"):
        said = f"mask: {{files: {json.dumps(files)}}}"
        replace = {"mask: {files: [], stream: true}": said} if name == "id13" else {"scan:": f"{said}\nscan:"}
        config = station(name, directory, replace=replace)
        done = subprocess.run([BINARY, "check", "--json", str(config)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_program_s_masks_are_the_same_pixels(self):
        generator = np.random.default_rng(1)
        mask = generator.random((SIDE, SIDE)) < 0.1
        mask[3:9, 40:200] = True  # no symmetry: rows turned over or columns for rows would show
        with temporary() as directory:
            np.save(f"{directory}/truth.npy", mask.astype(np.uint8))
            for name, write in WRITERS.items():
                with self.subTest(name):
                    write(mask, f"{directory}/{name.split('::')[0]}")
                    said = self.check(directory, ["truth.npy", name])["masked_by_files"]
                    self.assertEqual([f["pixels"] for f in said["files"]], [int(mask.sum())] * 2)
                    self.assertEqual(said["pixels"], int(mask.sum()))

    def test_rows_of_a_fit2d_mask_that_end_inside_a_word(self):
        rows, cols = 2167, 2070  # Eiger 4M: 64 words and 22 bits
        mask = np.random.default_rng(2).random((rows, cols)) < 0.3
        with temporary() as directory:
            fabio.fit2dmaskimage.Fit2dMaskImage(data=mask.astype(np.uint8)).write(f"{directory}/a.msk")
            np.save(f"{directory}/a.npy", mask)
            said = self.check(directory, ["a.msk", "a.npy"], "id13")["masked_by_files"]
            self.assertEqual([f["pixels"] for f in said["files"]] + [said["pixels"]], [int(mask.sum())] * 3)


if __name__ == "__main__":
    unittest.main()
