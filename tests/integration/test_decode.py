"""`sqd decode`: every recorded image to its known pixels, and files that other programs wrote to what those programs read."""

import bz2
import csv
import gzip
import hashlib
import json
import pathlib
import re
import subprocess
import unittest

import fabio
import h5py
import numpy as np

from sqd_testing import BINARY, DATA, SMALL, bslz4, temporary

STREAMS = DATA / "streams"
rng = np.random.default_rng(20261124)


def decode(*arguments):
    """(exit code, images by the name of their file and channel, lines on standard error)"""
    done = subprocess.run([BINARY, "decode", "--json", *map(str, arguments)], capture_output=True, text=True, timeout=600)
    images = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, images, done.stderr.splitlines()


def image(rows=61, cols=83, dtype=np.uint16):
    """Counts with sentinels or negative pixels, and a side that no block size divides."""
    pixels = rng.poisson(3, (rows, cols)).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        return (pixels + dtype(0.25)).astype(dtype)
    pixels[3, :5] = np.iinfo(dtype).max if np.issubdtype(dtype, np.unsignedinteger) else -1
    pixels[10, 7] = 120
    return pixels


def summary(pixels):
    """What the program says of pixels, computed by NumPy."""
    if np.issubdtype(pixels.dtype, np.floating):
        sentinel = ~np.isfinite(pixels)
    else:
        sentinel = pixels < 0 if pixels.dtype.kind == "i" else pixels == np.iinfo(pixels.dtype).max
    rest = pixels[~sentinel].astype(np.float64 if pixels.dtype.kind == "f" else np.int64)
    little = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("<")))
    return {"shape": list(pixels.shape), "dtype": pixels.dtype.name, "sentinels": int(sentinel.sum()), "max": rest.max().item() if rest.size else 0,
            "sha256": hashlib.sha256(little.tobytes()).hexdigest()} | ({} if pixels.dtype.kind == "f" else {"sum": int(rest.sum())})


class Recordings(unittest.TestCase):
    """Rows are read from the recordings' table, files are found by scanning: new ones are tested as they come."""

    @classmethod
    def setUpClass(cls):
        if not (STREAMS / "expected.tsv").exists():
            raise unittest.SkipTest("recordings not found (set SQD_TEST_DATA to their folder)")
        with open(STREAMS / "expected.tsv") as table:
            cls.rows = {row["item"]: row for row in csv.DictReader(table, delimiter="\t")}
        cls.found, cls.codes = {}, {}
        for folder in sorted({path.parent for path in STREAMS.rglob("*") if path.is_file() and path.parent != STREAMS}):
            parts = any(folder.glob("m*_p*.bin"))
            for target in [folder] if parts else sorted(path for path in folder.iterdir() if path.is_file()):
                code, images, _ = decode(target)
                cls.codes[str(target.relative_to(STREAMS))] = code
                for one in images:
                    name = str(pathlib.Path(one["file"]).relative_to(STREAMS))
                    cls.found[name + ("#" + one["channel"] if one["channel"] else "")] = one

    def test_every_image_of_the_table_is_found(self):
        self.assertGreater(len(self.rows), 0)
        self.assertEqual(sorted(set(self.rows) - set(self.found)), [])

    def test_every_image_of_the_table_has_the_pixels_it_says(self):
        for item, row in self.rows.items():
            if item not in self.found:
                continue
            got = self.found[item]
            with self.subTest(item=item):
                for key in ("series", "frame"):
                    if row[key]:
                        self.assertEqual(got[key], int(row[key]), key)
                self.assertEqual("x".join(map(str, got["shape"])), row["rows_x_cols"])
                self.assertEqual(got["dtype"], row["dtype"])
                each = re.findall(r"n\(-\d+\)=(\d+)", row["n_max_sentinel"])  # negative pixels, by value
                self.assertEqual(got["sentinels"], sum(map(int, each)) if each else int(row["n_max_sentinel"]))
                self.assertEqual(got["sum"], int(row["sum_of_rest"].split()[0]))
                if row["max_of_rest"]:
                    self.assertEqual(got["max"], int(row["max_of_rest"]))
                sha = row["sha256_of_little_endian_pixels"].replace("see sha24 ", "")
                self.assertEqual(got["sha256"][:len(sha)], sha)

    def test_whole_recordings_decode_without_complaint(self):
        folders = {item.rsplit("/", 1)[0] for item in self.rows}
        bad = {name: code for name, code in self.codes.items() if code != 0 and (name in folders or name.rsplit("/", 1)[0] in folders)}
        self.assertEqual(bad, {})


class MadeFiles(unittest.TestCase):
    def setUp(self):
        self.directory = temporary()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)

    def check(self, target, wanted, names=None):
        code, images, errors = decode(target)
        self.assertEqual((code, errors), (0, []), target)
        self.assertEqual(len(images), len(wanted), target)
        for number, (one, pixels) in enumerate(zip(images, wanted)):
            with self.subTest(target=str(target), image=number):
                self.assertEqual(one["frame"], number)
                want = summary(pixels)
                self.assertEqual({key: one[key] for key in want}, want)
        if names:
            self.assertEqual([pathlib.Path(one["file"]).name for one in images], names)

    def check_refused(self, target, *words, code=65):
        got, images, errors = decode(target)
        self.assertEqual(got, code, (target, errors))
        text = "\n".join(errors)
        self.assertIn(str(pathlib.Path(str(target).split("::")[0]).name), text)
        for word in words:
            self.assertIn(word, text)
        return images

    def check_damage(self, path, cuts=(0, 1, 10, 0.3, 0.7, 0.99), flips=8):
        """Cut and damaged copies: never a crash; a cut one is always found out."""
        whole = path.read_bytes()
        damaged = path.with_name("damaged_" + path.name)
        for cut in cuts:
            damaged.write_bytes(whole[:int(cut if cut >= 1 else cut * len(whole))])
            self.check_refused(damaged)
        for at in np.linspace(0, len(whole) - 1, flips).astype(int):
            damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1:])
            code, _, errors = decode(damaged)
            self.assertIn(code, (0, 65), (path.name, at, errors))
            self.assertEqual(code == 65, bool(errors), (path.name, at))

    # HDF5

    def stack(self, dtype, n=3):
        return np.stack([image(dtype=dtype) for _ in range(n)])

    def write_h5(self, name, data, **how):
        path = self.path / name
        with h5py.File(path, "w") as file:
            file.create_dataset("entry/data/data", data=data, **how)
        return path

    def test_hdf5_of_every_filter_and_shape_of_chunk(self):
        one = (1, 61, 83)
        for dtype in (np.uint16, np.int32) if SMALL else (np.uint8, np.uint16, np.uint32, np.int16, np.int32, np.int8):
            data = self.stack(dtype)
            for name, how in {"plain": {"chunks": one}, "contiguous": {}, "gzip": {"chunks": one, "compression": "gzip"},
                              "shuffle_gzip": {"chunks": one, "compression": "gzip", "shuffle": True},
                              "odd": {"chunks": (2, 20, 30), "compression": "gzip"}, "deep": {"chunks": (3, 61, 83), "compression": "lzf"},
                              "bslz4": {"chunks": one, "compression": 32008, "compression_opts": (0, 2)},
                              "bslz4_small": {"chunks": one, "compression": 32008, "compression_opts": (64, 2)},
                              "bslz4_odd": {"chunks": (2, 61, 40), "compression": 32008, "compression_opts": (0, 2)},
                              "bitshuffle": {"chunks": one, "compression": 32008, "compression_opts": (0, 0)},
                              "lz4": {"chunks": one, "compression": 32004}, "lz4_small": {"chunks": one, "compression": 32004, "compression_opts": (512,)}}.items():
                path = self.write_h5(f"{name}_{np.dtype(dtype).name}.h5", data, **how)
                self.check(path, data, [f"{path.name}#{i}" for i in range(len(data))])

    def test_hdf5_of_the_other_byte_order_and_of_floating_point(self):
        for dtype in (">u2", ">u4", ">i4"):
            data = self.stack(np.dtype(dtype).newbyteorder("=").type).astype(dtype)
            self.check(self.write_h5(f"big{dtype[1:]}.h5", data, chunks=(1, 61, 83)), data.astype(dtype[1:]))
        for dtype in (np.float32, np.float64):
            data = self.stack(dtype)
            data[0, 5, 5] = np.nan
            self.check(self.write_h5(f"float_{np.dtype(dtype).name}.h5", data, chunks=(1, 61, 83), compression="gzip"), data)

    def test_hdf5_chunk_whose_filter_was_skipped_is_raw(self):
        data = self.stack(np.uint16, 2)
        path = self.path / "skipped.h5"
        with h5py.File(path, "w") as file:
            dataset = file.create_dataset("entry/data/data", data.shape, data.dtype, chunks=(1, 61, 83), compression=32008, compression_opts=(0, 2))
            dataset.id.write_direct_chunk((0, 0, 0), bslz4(data[0]))
            dataset.id.write_direct_chunk((1, 0, 0), data[1].tobytes(), filter_mask=1)
        self.check(path, data)

    def test_hdf5_image_that_was_never_written_is_no_image_of_zeros(self):
        data = self.stack(np.uint16, 3)
        path = self.path / "hole.h5"
        with h5py.File(path, "w") as file:
            dataset = file.create_dataset("entry/data/data", data.shape, data.dtype, chunks=(1, 61, 83), compression=32008, compression_opts=(0, 2))
            dataset[0], dataset[2] = data[0], data[2]
        images = self.check_refused(path, "hole.h5#1", "never written")
        self.assertEqual([one["frame"] for one in images], [0, 2])

    def write_master(self, name, files, missing=()):
        """As DECTRIS' file writer makes them: a master with external links, images counted from 1."""
        master = self.path / f"{name}_master.h5"
        with h5py.File(master, "w") as file:
            low = 1
            for number, data in enumerate(files, 1):
                target = f"{name}_data_{number:06d}.h5"
                file[f"entry/data/data_{number:06d}"] = h5py.ExternalLink(target, "entry/data/data")
                if number not in missing:
                    with h5py.File(self.path / target, "w") as part:
                        dataset = part.create_dataset("entry/data/data", data=data, chunks=(1, *data.shape[1:]), compression=32008, compression_opts=(0, 2))
                        dataset.attrs["image_nr_low"], dataset.attrs["image_nr_high"] = low, low + len(data) - 1
                low += len(data)
            detector = file.create_group("entry/instrument/detector")
            detector["count_time"], detector["frame_time"], detector["description"] = 0.1, 0.11, "Dectris EIGER2 Si 4M"
            specific = detector.create_group("detectorSpecific")
            specific["nimages"], specific["ntrigger"], specific["photon_energy"] = 5, 1, 13000.0
            specific["pixel_mask"] = np.zeros((61, 83), np.uint32)
        return master

    def test_hdf5_master_file_leads_through_its_links(self):
        files = [self.stack(np.uint32, 2), self.stack(np.uint32, 2), self.stack(np.uint32, 1)]
        master = self.write_master("run", files)
        names = [f"run_data_{n:06d}.h5#{i}" for n, i in ((1, 0), (1, 1), (2, 0), (2, 1), (3, 0))]
        self.check(master, np.concatenate(files), names)
        self.check(self.path, np.concatenate(files), names)  # the folder: data files are not named twice
        self.check(self.path / "run_data_000002.h5", files[1])

    def test_hdf5_master_file_names_the_data_file_that_is_not_there(self):
        files = [self.stack(np.uint16, 2), self.stack(np.uint16, 2), self.stack(np.uint16, 1)]
        master = self.write_master("torn", files, missing=(2,))
        code, images, errors = decode(master)
        self.assertEqual(code, 65)
        self.assertEqual(len(errors), 1)
        self.assertIn("torn_data_000002.h5", errors[0])
        self.assertIn("not there", errors[0])
        self.assertEqual([one["frame"] for one in images], [0, 1, 4])

    def test_hdf5_images_elsewhere_are_found_or_named(self):
        data = self.stack(np.uint16, 2)
        path = self.path / "lima.h5"
        with h5py.File(path, "w") as file:
            file["entry_0000/measurement/data"] = data
            file["entry_0000/flat"] = data[0]
        self.check(path, data)
        self.check(f"{path}::/entry_0000/flat", data[:1])
        with h5py.File(path, "a") as file:
            file["other"] = data + np.uint16(1)
        self.check_refused(path, "/other", "/entry_0000/measurement/data", "::")
        self.check(f"{path}::/other", data + np.uint16(1))
        self.check_refused(f"{path}::/nothing", "nothing")
        with h5py.File(path, "a") as file:
            file.attrs["default"] = "entry_0000"
            file["entry_0000"].attrs["default"] = "measurement"
            file["entry_0000/measurement"].attrs["signal"] = "data"
        self.check(path, data)

    def test_hdf5_virtual_dataset_whose_source_is_gone_is_not_read_as_zeros(self):
        data = self.stack(np.uint16, 2)
        self.write_h5("source.h5", data)
        layout = h5py.VirtualLayout(data.shape, data.dtype)
        layout[:] = h5py.VirtualSource("source.h5", "entry/data/data", data.shape)
        path = self.path / "virtual.h5"
        with h5py.File(path, "w") as file:
            file.create_virtual_dataset("entry/data/data", layout)
        self.check(path, data)
        (self.path / "source.h5").unlink()
        self.check_refused(path, "source.h5", "not there")

    def test_hdf5_types_that_are_no_counts_are_refused_by_name(self):
        for dtype in (np.uint64, np.int64):
            self.check_refused(self.write_h5("wide.h5", self.stack(np.uint32).astype(dtype)), np.dtype(dtype).name)
        self.check_refused(self.write_h5("half.h5", self.stack(np.float32).astype(np.float16)), "16 bits")
        self.check_refused(self.write_h5("line.h5", np.arange(5)), "dimensions")
        with h5py.File(self.path / "huge.h5", "w") as file:
            file.create_dataset("entry/data/data", (1, 1 << 20, 1 << 20), np.uint32, chunks=(1, 1, 1 << 20))
        self.check_refused(self.path / "huge.h5", "1048576 x 1048576")

    def test_damaged_hdf5(self):
        for opts in ({"compression": 32008, "compression_opts": (0, 2)}, {"compression": 32004}, {"compression": "gzip"}):
            path = self.write_h5("hurt.h5", self.stack(np.uint32, 2), chunks=(1, 61, 83), **opts)
            self.check_damage(path)
            whole = path.read_bytes()
            with h5py.File(path) as file:
                info = file["entry/data/data"].id.get_chunk_info(1)
            path.write_bytes(whole[:info.byte_offset] + b"\xff" * 20 + whole[info.byte_offset + 20:])
            images = self.check_refused(path, "hurt.h5#1")
            self.assertEqual([one["frame"] for one in images], [0])

    # CBF, EDF, TIFF

    def test_cbf_written_by_fabio_plain_and_packed(self):
        pixels = image(dtype=np.int32)
        path = self.path / "a.cbf"
        fabio.cbfimage.CbfImage(data=pixels).write(str(path))
        self.check(path, [pixels])
        for ending, pack in ((".gz", gzip.compress), (".bz2", bz2.compress)):
            packed = self.path / f"a.cbf{ending}"
            packed.write_bytes(pack(path.read_bytes()))
            self.check(packed, [pixels])
            self.check_damage(packed)
            packed.write_bytes(pack(bytes(258 << 20), 1))
            self.check_refused(packed, "holds more than")
        whole = path.read_bytes()
        for cut in (0, 10, 200, len(whole) // 2):
            path.write_bytes(whole[:cut])
            self.check_refused(path)

    def test_edf_written_by_fabio(self):
        for dtype in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.float32, np.float64):
            pixels = image(dtype=dtype)
            path = self.path / f"{np.dtype(dtype).name}.edf"
            fabio.edfimage.EdfImage(data=pixels).write(str(path))
            self.check(path, [pixels])
        frames = [image(dtype=np.uint16) for _ in range(3)]
        many = fabio.edfimage.EdfImage(data=frames[0])
        for frame in frames[1:]:
            many.append_frame(data=frame)
        path = self.path / "many.edf"
        many.write(str(path))
        self.check(path, frames, ["many.edf#0", "many.edf#1", "many.edf#2"])
        packed = self.path / "many.edf.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        self.check(packed, frames)
        path.write_bytes(path.read_bytes()[:-10])
        images = self.check_refused(path, "many.edf#2")
        self.assertEqual(len(images), 2)
        for dtype in (np.uint64, np.int64):
            path = self.path / "wide.edf"
            fabio.edfimage.EdfImage(data=image(dtype=np.int32).astype(dtype)).write(str(path))
            self.check_refused(path, np.dtype(dtype).name)

    def test_edf_as_lima_writes_it(self):
        pixels = image(dtype=np.int32)
        for order, dtype in (("LowByteFirst", "<i4"), ("HighByteFirst", ">i4")):
            header = (f"{{\nEDF_DataBlockID = 0.Image.Psd ;\nEDF_BinarySize = {pixels.nbytes} ;\nEDF_HeaderSize = 1024 ;\nByteOrder = {order} ;\n"
                      f"DataType = SignedInteger ;\nDim_1 = {pixels.shape[1]} ;\nDim_2 = {pixels.shape[0]} ;\nacq_expo_time = 0.1 ;\n")
            path = self.path / "lima.edf"
            path.write_bytes(header.ljust(1022).encode() + b"}\n" + pixels.astype(dtype).tobytes())
            self.check(path, [pixels])
            self.assertTrue((fabio.open(str(path)).data == pixels).all())
        self.check_damage(path)

    def test_tiff_written_by_fabio(self):
        for dtype in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.float32):
            pixels = image(dtype=dtype)
            path = self.path / f"{np.dtype(dtype).name}.tif"
            fabio.tifimage.TifImage(data=pixels).write(str(path))
            self.check(path, [pixels])
        self.check_damage(path)

    def test_tiff_of_libtiffs_own_tools(self):
        pages = [image(dtype=np.int32) for _ in range(3)]
        single = []
        for number, pixels in enumerate(pages):
            single.append(self.path / f"page{number}.tif")
            fabio.tifimage.TifImage(data=pixels).write(str(single[-1]))
        for name, options in {"lzw": ["-c", "lzw"], "zip": ["-c", "zip", "-r", "7"], "packbits": ["-c", "packbits"], "tiles": ["-t", "-w", "32", "-l", "16"],
                              "zip_tiles": ["-c", "zip", "-t", "-w", "64", "-l", "64"], "big_endian": ["-B"], "bigtiff": ["-8"]}.items():
            path = self.path / f"{name}.tif"
            subprocess.run(["tiffcp", *options, *single, path], check=True, timeout=60, stderr=subprocess.DEVNULL)
            self.check(path, pages, [f"{name}.tif#{i}" for i in range(3)])
            if name.startswith("zip"):
                self.check_damage(path, cuts=(0, 1, 10, 0.3))
        colour = self.path / "colour.tif"
        (self.path / "colour.ppm").write_bytes(b"P6 4 4 255\n" + bytes(48))
        subprocess.run(["ppm2tiff", self.path / "colour.ppm", colour], check=True, timeout=60)
        self.check_refused(colour, "3 numbers per pixel")

    # NumPy

    def test_npy_of_images_and_stacks(self):
        for dtype in ("|u1", "|i1", "<u2", ">u2", "<i2", "<u4", ">u4", "<i4", "<f4", ">f4", "<f8"):
            pixels = self.stack(np.dtype(dtype).newbyteorder("=").type, 2)
            for name, saved in (("image", pixels[0]), ("stack", pixels)):
                path = self.path / f"{name}.npy"
                np.save(path, saved.astype(dtype))
                self.check(path, saved.reshape(-1, 61, 83))
        packed = self.path / "stack.npy.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        self.check(packed, pixels)
        self.check_damage(path)

    def test_npy_of_numpys_default_integer_is_refused_with_a_way_out(self):
        path = self.path / "default.npy"
        np.save(path, np.zeros((4, 5), int))
        self.check_refused(path, "int64", ".astype('uint32')")
        np.save(path, np.asfortranarray(image()))
        self.check_refused(path, "Fortran")
        np.save(path, np.zeros((2, 2, 2, 2), np.uint8))
        self.check_refused(path, "4 dimensions")
        np.save(path, np.zeros((2, 2), bool))
        self.check_refused(path, "bool")

    # Paths

    def test_folders_are_read_in_the_order_people_count(self):
        images = {number: image() for number in (1, 2, 10)}
        for number, pixels in images.items():
            np.save(self.path / f"scan_{number}.npy", pixels)
        (self.path / "notes.txt").write_text("not an image")
        self.check(self.path, list(images.values()), [f"scan_{number}.npy" for number in images])

    def test_what_cannot_be_read_is_told_and_the_rest_goes_on(self):
        for number in range(3):
            np.save(self.path / f"s_{number}.npy", image())
        (self.path / "s_1.npy").write_bytes(b"\x93NUMPY rubbish")
        images = self.check_refused(self.path / "s_1.npy", "NumPy")
        self.assertEqual(images, [])
        code, images, errors = decode(self.path)
        self.assertEqual(code, 65)
        self.assertEqual([one["frame"] for one in images], [0, 2])
        self.assertEqual(len(errors), 1)
        self.assertRegex(errors[0], r"s_1\.npy: .+ \(.+\)")
        code, images, errors = decode(self.path / "absent.npy", self.path / "s_0.npy")
        self.assertEqual((code, len(images)), (66, 1))
        self.assertIn("absent.npy", errors[0])

    def test_paths_that_are_no_input_are_refused(self):
        self.check_refused(self.path / "no.cbf", "no such file", code=66)
        self.check_refused(self.path, "nothing to read")
        (self.path / "a.xyz").write_text("?")
        self.check_refused(self.path / "a.xyz", "no kind of input")

    def test_a_folder_may_hold_several_kinds(self):
        np.save(self.path / "a.npy", image())
        (self.path / "b.tif").write_bytes(b"")
        code, images, errors = decode(self.path)
        self.assertEqual((code, len(images), len(errors)), (65, 1, 1))
        self.assertIn("b.tif", errors[0])

    def test_incomplete_recorded_message_is_told(self):
        (self.path / "m0000_p0.bin").write_text('{"htype":"dheader-1.0","header_detail":"none","series":4}')
        (self.path / "m0001_p0.bin").write_text('{"htype":"dimage-1.0","frame":0,"series":4}')
        (self.path / "m0001_p2.bin").write_text("pixels")
        (self.path / "m0002_p0.bin").write_text('{"htype":"dseries_end-1.0","series":4}')
        code, images, errors = decode(self.path)
        self.assertEqual((code, images, len(errors)), (65, [], 1))
        self.assertIn("m0001", errors[0])
        self.assertIn("part 1 is missing", errors[0])

    def test_table_for_scripts_has_a_header_and_tabs(self):
        pixels = image()
        np.save(self.path / "a.npy", pixels)
        done = subprocess.run([BINARY, "decode", self.path / "a.npy"], capture_output=True, text=True, timeout=60, check=True)
        rows = list(csv.DictReader(done.stdout.splitlines(), delimiter="\t"))
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["sha256"], summary(pixels)["sha256"])
        self.assertEqual(rows[0]["shape"], "61x83")


if __name__ == "__main__":
    unittest.main()
