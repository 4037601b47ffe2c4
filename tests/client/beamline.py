"""What client tests share: a daemon with a detector that they play, a wire that loses what it is told to lose, the client itself."""

import functools
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy as np
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from sqd_testing import PATIENCE, ROOT, Daemon, Sender, expected_images, set_source, station, temporary, v1_end, v1_header, v1_image  # noqa: E402

CLIENT = ROOT / "clients/python"
import sqd_client  # noqa: E402  (sqd_testing knows where it is)


def wait_until(true, what, timeout=PATIENCE):
    deadline = time.monotonic() + timeout
    while not (found := true()):
        assert time.monotonic() < deadline, f"{what}: not in {timeout} s"
        time.sleep(0.01)
    return found


class Beamline:
    """The small simulated station: `play` sends a series of Poisson frames of the virtual glass, or of the air beside it."""

    def __init__(self, replace=None, extra="", daemon=Daemon, **keys):
        self.directory = temporary()
        self.folder = pathlib.Path(self.directory.name)
        self.sender = Sender()
        self.config = station("simulated", self.folder, replace=replace or {})
        set_source(self.config, self.sender.endpoint)
        self.config.write_text(self.config.read_text() + extra)
        self.random = np.random.default_rng(20261126)
        self.series = 0
        self.daemon = daemon(self.config, **keys)

    @functools.cached_property
    def images(self):
        """Counts per frame that are expected, by role."""
        return {role: np.nan_to_num(image) for role, image in expected_images(self.config, self.folder).items()}

    def client(self, **options):
        return sqd_client.Client(**{"results": self.daemon.results_endpoint, "control": self.daemon.control_endpoint, "timeout": PATIENCE, **options})

    def start(self, frames, **announced):
        """A series begins; what is announced goes with its header."""
        self.series += 1
        self.sender.send(v1_header(self.series, (256, 256), nimages=frames, photon_energy=68500.0, threshold_energy=20000.0) +
                         ([json.dumps(announced).encode()] if announced else []))

    def frames(self, numbers, image):
        for number in numbers:
            self.sender.send(v1_image(self.series, number, self.random.poisson(image).astype(np.uint32)))

    def play(self, frames=4, role="sample", image=None, **announced):
        self.start(frames, role=role, **announced)
        self.frames(range(frames), self.images[role] if image is None else image)
        self.sender.send(v1_end(self.series))

    def feed_until(self, true, what):
        """A sample that goes on, frame by frame, until something is true; then it is ended. Returns how many frames it had."""
        self.start(9999, role="sample", name=what.replace(" ", "_"))
        sent = 0

        def another():
            nonlocal sent
            self.frames([sent], self.images["sample"])
            sent += 1
            return true()

        wait_until(another, what)
        wait_until(lambda: self.daemon.ask("status").get("frames", {}).get("received") == sent, "all frames")
        assert self.daemon.ask("end")["ok"]
        return sent

    def archives(self, role="sample"):
        return sorted((self.folder / "archive").glob(f"*_{role}_*.nxs"))

    def archive_of(self, uid):
        return wait_until(lambda: next((self.folder / "archive").glob(f"*{uid}.nxs"), None), f"the archive of {uid}")

    def again(self):
        """kill -9, and a new daemon at the same endpoints."""
        results, control = self.daemon.results_endpoint, self.daemon.control_endpoint
        self.daemon.process.kill()
        self.daemon.__exit__(None, None, None)
        text = self.config.read_text().replace('results: {bind: "tcp://127.0.0.1:0"', f'results: {{bind: "{results}"')
        self.config.write_text(text.replace('control: {bind: "tcp://127.0.0.1:0"', f'control: {{bind: "{control}"'))
        self.daemon = Daemon(self.config)

    def close(self):
        self.daemon.__exit__(None, None, None)
        self.sender.close()
        self.directory.cleanup()


class Wire:
    """Between results and a subscriber; loses what `lose(kind, header text)` is true for."""

    def __init__(self, results):
        self.lose = lambda kind, header: False
        self.lost = 0
        self.context = zmq.Context()
        self.inside, self.outside = self.context.socket(zmq.SUB), self.context.socket(zmq.PUB)
        self.inside.subscribe(b"")
        self.inside.connect(results)
        self.outside.linger = 0
        self.outside.bind("tcp://127.0.0.1:0")
        self.endpoint = self.outside.last_endpoint.decode()
        self.open = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while self.open:
            if self.inside.poll(50):
                parts = self.inside.recv_multipart()
                if self.lose(parts[0].decode().split("/")[1], parts[1].decode()):
                    self.lost += 1
                else:
                    self.outside.send_multipart(parts)

    def close(self):
        self.open = False
        self.thread.join()
        self.context.destroy(linger=0)


def same(one, other):
    """Two results are the same in every array, to the bit, and in every number and word."""
    assert one.kinds == other.kinds, (one.kinds, other.kinds)
    for kind in one.kinds:
        a, b = one[kind], other[kind]
        assert a.arrays.keys() == b.arrays.keys(), (kind, a.arrays.keys() ^ b.arrays.keys())
        for name in a.arrays:
            assert a[name].dtype == b[name].dtype and a[name].shape == b[name].shape, (kind, name)
            np.testing.assert_array_equal(a[name].view(np.uint64) if not np.isnan(a[name]).any() else a[name],
                                          b[name].view(np.uint64) if not np.isnan(b[name]).any() else b[name], f"{kind} {name}")
        for key in ("scan", "result", "state", "frames", "provenance", "values", "units", "flags", "kinds", "advice", "comparison"):
            assert a.header.get(key) == b.header.get(key), (kind, key, a.header.get(key), b.header.get(key))
    return True


def run_python(*arguments, timeout=PATIENCE, **environment):
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, env={**os.environ, **environment})
