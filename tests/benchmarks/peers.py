#!/usr/bin/python3
"""The same work by Debian's own programs, on the same frames: pyFAI, bitshuffle, hdf5plugin, fabio, numpy, scipy, lmfit.

    bench_hot_path --write-frames DIR; peers.py DIR --json FILE [--seconds 2]

Every figure is the best of many repetitions, as ours are. Each group is a process of its own, so that threads (OMP_NUM_THREADS) and
peak memory are its own; what is not installed is said and left out. Rows: {name: {seconds, per, threads, what}}, seconds per item.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

SHAPE, BINS, BLOCK, HEADER = (2167, 2070), 2000, 2048, 12
LEVELS = ("0.05", "1", "1.4", "1.4hot", "6", "50")
Q_POINTS, R_POINTS, FIT_POINTS = 3000, 2000, 300


def best(action, seconds, items=1):
    """Least seconds per item of as many calls as fit into the time, at least three; the first call is not counted."""
    action()
    least, end, calls = float("inf"), time.perf_counter() + seconds, 0
    while calls < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        least = min(least, time.perf_counter() - start)
        calls += 1
    return least / items


def payloads(folder, level):
    import numpy as np
    return [np.frombuffer(path.read_bytes(), np.uint8, offset=HEADER) for path in sorted((folder / level).glob("*.bslz4"))]


def decoded(folder, level, count):
    import bitshuffle
    import numpy as np
    images = [bitshuffle.decompress_lz4(p, SHAPE, np.dtype("uint32"), BLOCK) for p in payloads(folder, level)[:count]]
    mask = np.fromfile(folder / "mask.u8", np.uint8).reshape(SHAPE) != 0
    for image in images:
        assert (image[mask] == 2**32 - 1).all() and (image[~mask] < 2**31).all(), "the frames are not those of the mask"
    return images, mask


def group_bitshuffle(folder, seconds):
    import bitshuffle
    import numpy as np
    for level in LEVELS:
        packed = payloads(folder, level)

        def decode_all():
            for payload in packed:
                bitshuffle.decompress_lz4(payload, SHAPE, np.dtype("uint32"), BLOCK)

        yield f"bitshuffle/{level}", best(decode_all, seconds, len(packed)), "frame", "python3-bitshuffle, decompress_lz4"


def group_hdf5plugin(folder, seconds):
    import io

    import h5py
    import hdf5plugin  # noqa: F401, registers its filters
    import numpy as np
    packed = [path.read_bytes() for path in sorted((folder / "1.4").glob("*.bslz4"))]
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        stack = file.create_dataset("data", (len(packed), *SHAPE), "uint32", chunks=(1, *SHAPE), compression=32008, compression_opts=(0, 2))
        for i, payload in enumerate(packed):
            stack.id.write_direct_chunk((i, 0, 0), payload)
    image = np.empty(SHAPE, "uint32")
    with h5py.File(memory, "r") as file:
        def read_all():
            for i in range(len(packed)):
                file["data"].read_direct(image, np.s_[i])

        yield "hdf5plugin/1.4", best(read_all, seconds, len(packed)), "frame", "python3-h5py with python3-hdf5plugin, file in memory"


def integrations(mask, methods):
    """(name, function of an image) for each method that pyFAI really has here; it would silently take another one."""
    from pyFAI.azimuthalIntegrator import AzimuthalIntegrator
    from pyFAI.detectors import Detector
    detector = Detector(75e-6, 75e-6, max_shape=SHAPE)
    detector.mask = mask
    ai = AzimuthalIntegrator(0.0816, 0.0045, 0.0776, 0, 0, 0, detector=detector, wavelength=0.9537246033e-10)
    for algorithm, implementation in methods:
        def integrate(image, method=("no", algorithm, implementation)):
            return ai.integrate1d_ng(image, BINS, unit="q_A^-1", radial_range=(0.1, 7.0), method=method, mask=mask, correctSolidAngle=True, polarization_factor=0.97)

        name = f"{algorithm}_{implementation}"
        taken = integrate((~mask).astype("uint32")).method
        if (taken.split_lower, taken.algo_lower, taken.impl_lower) == ("no", algorithm, implementation):
            yield name, integrate
        else:
            print(f"peers: pyFAI has no {name} here", file=sys.stderr)


CPU_METHODS = (("csr", "cython"), ("histogram", "cython"), ("lut", "cython"), ("csr", "python"))
OPENCL_METHODS = (("csr", "opencl"), ("histogram", "opencl"), ("lut", "opencl"))


def pyfai(folder, seconds, methods):
    """Integrating decoded frames; then decoding and integrating, one after the other, as a pipeline of these would."""
    import bitshuffle
    import numpy as np
    packed = payloads(folder, "1.4")[:8]
    images, mask = decoded(folder, "1.4", len(packed))
    for name, integrate in integrations(mask, methods):
        yield f"pyfai/{name}/1.4", best(lambda: [integrate(image) for image in images], seconds, len(images)), "frame", "python3-pyfai integrate1d_ng, no split, of decoded frames"
        yield (f"decode_and_pyfai/{name}/1.4",
               best(lambda: [integrate(bitshuffle.decompress_lz4(p, SHAPE, np.dtype("uint32"), BLOCK)) for p in packed], seconds, len(packed)), "frame",
               "python3-bitshuffle, then python3-pyfai")


def group_pyfai_cpu(folder, seconds):
    yield from pyfai(folder, seconds, CPU_METHODS)


def group_pyfai_opencl(folder, seconds):
    yield from pyfai(folder, seconds, OPENCL_METHODS)


def group_fabio(folder, seconds):
    import fabio
    files = [str(path) for path in sorted((folder / "cbf").glob("*.cbf"))]

    def read_all():
        for path in files:
            fabio.open(path).data

    yield "fabio/cbf/1.4", best(read_all, seconds, len(files)), "frame", "python3-fabio, fabio.open(path).data from the page cache"


def group_curves(_, seconds):
    import numpy as np
    q, r = np.linspace(0.5, 28, Q_POINTS), np.arange(1, R_POINTS + 1) * 0.01
    f = np.sin(2.6 * q) * np.exp(-q / 8)
    yield (f"numpy/sine_transform/{Q_POINTS}x{R_POINTS}", best(lambda: 2 / np.pi * np.trapz(f[:, None] * np.sin(np.outer(q, r)), q, axis=0), seconds), "curve",
           "python3-numpy, trapezoid, sines made each time")
    sines = np.sin(np.outer(q, r)).T.copy()
    weights = np.gradient(q)
    weights[[0, -1]] /= 2
    yield (f"numpy/sine_transform_stored/{Q_POINTS}x{R_POINTS}", best(lambda: 2 / np.pi * sines @ (f * weights), seconds), "curve",
           "python3-numpy, trapezoid by a stored matrix of sines (48 MB)")
    x = np.linspace(2.2, 3.1, FIT_POINTS)
    truth = dict(height=2.6, centre=2.624, left=0.17, right=0.21, mix=0.4, offset=0.4, slope=0.1)
    y = split_pseudo_voigt(x, **truth) + np.random.default_rng(1).normal(0, 0.01, x.size)
    start = dict(truth, height=2.3, centre=2.65, left=0.2, right=0.2, mix=0.5)
    from scipy.optimize import curve_fit
    found, _ = curve_fit(split_pseudo_voigt, x, y, list(start.values()), np.full(x.size, 0.01), True)
    assert abs(found[1] - truth["centre"]) < 0.01, found
    yield (f"scipy/split_pseudo_voigt/{FIT_POINTS}", best(lambda: curve_fit(split_pseudo_voigt, x, y, list(start.values()), np.full(x.size, 0.01), True), seconds), "fit",
           "python3-scipy curve_fit, 7 parameters")
    import lmfit
    model = lmfit.Model(split_pseudo_voigt)
    parameters = model.make_params(**start)
    parameters["mix"].set(min=0, max=1)
    yield (f"lmfit/split_pseudo_voigt/{FIT_POINTS}", best(lambda: model.fit(y, parameters, x=x, weights=np.full(x.size, 100.0)), seconds), "fit",
           "python3-lmfit Model.fit, 7 parameters")


def split_pseudo_voigt(x, height, centre, left, right, mix, offset, slope):
    """Two half widths, one mixing, on a line."""
    import numpy as np
    t = (x - centre) / np.where(x < centre, left, right)
    return height * (mix / (1 + t * t) + (1 - mix) * np.exp(-np.log(2) * t * t)) + offset + slope * (x - centre)


GROUPS = {name.removeprefix("group_"): function for name, function in globals().items() if name.startswith("group_")}


def run_group(name, folder, seconds):
    rows = {}
    for row, least, per, what in GROUPS[name](folder, seconds):
        rows[row] = {"seconds": least, "per": per, "threads": int(os.environ["OMP_NUM_THREADS"]), "what": what,
                     "peak_memory_MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}
        print(f"{row:44} {rows[row]['threads']} threads {least * 1e3:9.3f} ms/{per}", file=sys.stderr)
    print(json.dumps(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("frames", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--group", choices=GROUPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.group:
        return run_group(options.group, options.frames, options.seconds)
    cores = os.cpu_count()
    rows = []
    for group in GROUPS:
        for threads in sorted({1, cores}) if group in ("bitshuffle", "hdf5plugin") else [cores]:
            environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
            environment.pop("PYFAI_OPENCL", None)
            done = subprocess.run([sys.executable, __file__, str(options.frames), "--group", group, "--seconds", str(options.seconds)], stdout=subprocess.PIPE, text=True,
                                  env=environment)
            if done.returncode != 0:
                print(f"peers: {group} is left out (see above)", file=sys.stderr)
                continue
            rows += [{"name": name, **row} for name, row in json.loads(done.stdout.splitlines()[-1]).items()]  # drivers talk, too
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
