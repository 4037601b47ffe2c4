"""What integration tests share: the real binary on loopback with ports of the system's choice, a control client, a subscriber, V1 messages."""

import hashlib
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import zmq

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("SQD_BINARY", str(ROOT / "build/release/sqd"))
DATA = pathlib.Path(os.environ.get("SQD_TEST_DATA", ROOT / "../shared/data"))
SMALL = os.environ.get("SQD_SMALL") == "1"
sys.path.insert(0, str(ROOT / "clients/python"))
from sqd_client import parse_message, show_keys  # noqa: E402  (what clients use)

PATIENCE = 60 if not SMALL else 300  # seconds; sanitizers are slow, and other builds run beside them


def skip(why):
    print("SKIPPED:", why)
    sys.exit(77)


def station(name, directory, **changes):
    """A copy of a shipped configuration for a test: endpoints at port 0, no web part, archive in `directory`, further text replacements."""
    text = (ROOT / "config" / f"{name}.yaml").read_text()
    text = text.replace("tcp://127.0.0.1:5560", "tcp://127.0.0.1:0").replace("tcp://127.0.0.1:5561", "tcp://127.0.0.1:0")
    text = re.sub(r"archive: \{directory: [^}]*\}", f"archive: {{directory: {directory}/archive}}", text)
    text = re.sub(r"poni: (\w+\.poni)", lambda m: f"poni: {ROOT}/config/{m.group(1)}", text)
    text += "web: {listen: none}\n"
    for old, new in changes.get("replace", {}).items():
        assert old in text, f"{old!r} is not in {name}.yaml"
        text = text.replace(old, new)
    path = pathlib.Path(directory) / f"{name}.yaml"
    path.write_text(text)
    return path


def set_source(path, endpoint):
    path.write_text(re.sub(r"connect: \S+", f"connect: {endpoint}", path.read_text()))


def expected_images(config, folder):
    """Counts per frame that the virtual glass and the air beside it give, from the simulator's own model."""
    subprocess.run([BINARY, "simulate", "-c", str(config), "--expected-only", "--truth", str(folder), "--exposure", "1"], check=True,
                   capture_output=True)
    return {role: np.load(folder / f"expected_{role}.npy") for role in ("sample", "background")}


class Process:
    """A program whose standard output is read line by line."""

    def __init__(self, *arguments, inside=()):
        """`inside`: a command that runs the program, a namespace for example."""
        self.process = subprocess.Popen([*inside, BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors = [], []
        self.news = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(self.process.stdout, self.lines), daemon=True),
                        threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, into):
        for line in stream:
            with self.news:
                into.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def wait_line(self, prefix, timeout=PATIENCE):
        """The rest of the first output line that starts with `prefix`."""
        deadline = time.monotonic() + timeout
        with self.news:
            while True:
                for line in self.lines:
                    if line.startswith(prefix):
                        return line[len(prefix):].strip()
                if self.process.poll() is not None and not any(r.is_alive() for r in self.readers):
                    raise AssertionError(f"ended with {self.process.returncode} before saying {prefix!r}: {self.errors[-5:]}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no line {prefix!r} in {timeout} s; said {self.lines[-5:]} {self.errors[-5:]}")
                self.news.wait(min(left, 0.2))

    def finish(self, timeout=PATIENCE):
        code = self.process.wait(timeout)
        for reader in self.readers:
            reader.join(timeout)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


class Daemon(Process):
    """A running `sqd run` with a subscriber that keeps every message."""

    def __init__(self, config, *arguments, inside=(), keys=None):
        """`keys`: public and secret key of this client and the public one of the service, where that asks for keys."""
        super().__init__("run", "-c", config, *arguments, inside=inside)
        self.wait_line("ready")
        self.results_endpoint = self.wait_line("results ")
        self.control_endpoint = self.wait_line("control ")
        self.source_endpoint = self.wait_line("source ")
        self.context = zmq.Context()
        self.subscriber = self.context.socket(zmq.SUB)
        self.subscriber.setsockopt(zmq.SUBSCRIBE, b"")
        self.subscriber.setsockopt(zmq.RCVHWM, 0)
        show_keys(self.subscriber, keys)
        self.subscriber.connect(self.results_endpoint)
        self.client = self.context.socket(zmq.DEALER)
        show_keys(self.client, keys)
        self.client.connect(self.control_endpoint)
        self.messages = []
        self.requests = 0
        self.wait(lambda m: m[0]["schema"].startswith("sqd.status/"), "a heartbeat")

    def wait(self, wanted, what, timeout=PATIENCE):
        """The first message (header, {name: array}) for which wanted(message) holds; all messages are kept in `messages`."""
        for message in self.messages:
            if wanted(message):
                return message
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.subscriber.poll(200):
                message = self.parse(self.subscriber.recv_multipart())
                self.messages.append(message)
                if wanted(message):
                    return message
            elif self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.errors[-5:]}")
        raise AssertionError(f"{what} did not come in {timeout} s; errors {self.errors[-8:]}")

    @staticmethod
    def parse(parts):
        message = parse_message(parts)
        return {**message.header, "topic": message.topic}, message.arrays

    def wait_final(self, kind, series, timeout=PATIENCE):
        return self.wait(lambda m: m[0]["schema"].startswith(f"sqd.{kind}/") and m[0].get("state") in ("final", "aborted")
                         and m[0]["scan"]["series_id"] == series, f"the final {kind} of series {series}", timeout)

    def ask(self, command, **keys):
        self.requests += 1
        self.client.send(json.dumps({"id": self.requests, "command": command, **keys}).encode())
        if not self.client.poll(PATIENCE * 1000):
            raise AssertionError(f"no reply to {command}")
        parts = self.client.recv_multipart()
        reply = json.loads(parts[0])
        assert reply["id"] == self.requests, reply
        return reply if len(parts) == 1 else (reply, parts[1:])

    def counters(self):
        return self.ask("status")["counters"]

    def wait_status(self, wanted, what, timeout=PATIENCE):
        """A status for which wanted(status) holds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = self.ask("status")
            if wanted(status):
                return status
            self.subscriber.poll(100)
            while self.subscriber.poll(0):
                self.messages.append(self.parse(self.subscriber.recv_multipart()))
        raise AssertionError(f"{what}: not in {timeout} s; last {status}")

    def stop(self):
        """SIGTERM, the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.finish()

    def __exit__(self, *arguments):
        self.subscriber.close(0)
        self.client.close(0)
        self.context.term()
        super().__exit__(*arguments)


class Sender:
    """The detector's side of a stream: a bound socket that sends recorded or made messages."""

    def __init__(self, kind=zmq.PUSH):
        self.context = zmq.Context()
        self.socket = self.context.socket(kind)
        self.socket.setsockopt(zmq.LINGER, 5000)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.bind("tcp://127.0.0.1:0")
        self.endpoint = self.socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")

    def send(self, parts):
        self.socket.send_multipart(parts)

    def close(self):
        self.socket.close()
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def recording(folder):
    """The messages of a recording: a list of lists of parts, as stored."""
    messages = {}
    for path in sorted((DATA / "streams" / folder).glob("m*_p*.bin")):
        number, part = map(int, re.match(r"m(\d+)_p(\d+)", path.name).groups())
        messages.setdefault(number, {})[part] = path.read_bytes()
    return [[parts[i] for i in range(len(parts))] for _, parts in sorted(messages.items())]


def bslz4(image):
    """The image as a bslz4 payload with the 12-byte header, blocks of 8192 bytes (encoder of Debian's bitshuffle)."""
    import bitshuffle
    flat = np.ascontiguousarray(image).ravel()
    body = bitshuffle.compress_lz4(flat, 8192 // flat.itemsize).tobytes()
    return struct.pack(">QI", flat.nbytes, 8192) + body


def v1_header(series, shape, **config):
    """Stream V1 header, detail basic; `config` adds to or overrides the detector's keys."""
    rows, cols = shape
    body = {"x_pixels_in_detector": cols, "y_pixels_in_detector": rows, "nimages": 1, "ntrigger": 1, "count_time": 0.1, "frame_time": 0.1, "software_version": "1.8.0",
            **config}
    return [json.dumps({"header_detail": "basic", "htype": "dheader-1.0", "series": series}).encode(), json.dumps(body).encode()]


def v1_image(series, frame, image, encoding=None, payload=None, **changes):
    """Stream V1 image message; `changes` overrides keys of the second part."""
    bits = image.dtype.itemsize * 8
    blob = bslz4(image) if payload is None else payload
    second = {"encoding": encoding or f"bs{bits}-lz4<", "htype": "dimage_d-1.0", "shape": [image.shape[1], image.shape[0]], "size": len(blob), "type": image.dtype.name}
    second.update(changes)
    text = json.dumps(second).encode()
    first = {"frame": frame, "hash": hashlib.md5(text).hexdigest(), "htype": "dimage-1.0", "series": series}
    times = {"htype": "dconfig-1.0", "real_time": 100000000, "start_time": frame * 100000000, "stop_time": (frame + 1) * 100000000}
    return [json.dumps(first).encode(), text, blob, json.dumps(times).encode()]


def v1_end(series):
    return [json.dumps({"htype": "dseries_end-1.0", "series": series}).encode()]


def viewer_messages(content):
    """What the web part serves in the form of its WebSocket, one behind the other: {kind: (header, {name: float32 array})}."""
    out, at = {}, 0
    while at < len(content):
        length = struct.unpack_from("<I", content, at)[0]
        header, arrays = json.loads(content[at + 4:at + 4 + length]), {}
        at += 4 + length
        for entry in header["arrays"]:
            count = int(np.prod(entry["shape"]))
            arrays[entry["name"]] = np.frombuffer(content, "<f4", count, at).reshape(entry["shape"])
            at += 4 * count
        out[header["schema"].split("/")[0][4:]] = (header, arrays)
    assert at == len(content)
    return out


def check_header(header):
    """What every result's header promises."""
    frames = header["frames"]
    assert frames["received"] == frames["used"] + frames["rejected"] + frames["duplicate"], frames
    assert frames["expected"] == frames["used"] + frames["rejected"] + frames["missing"] + frames["pending"], frames
    for key in ("schema", "instance", "epoch", "seq", "scan", "result", "state", "durable", "time", "provenance", "values", "units", "flags", "arrays"):
        assert key in header, key


def check_durable(header):
    """A final is on disk when it goes out; a program that a sanitizer slows down may take longer than the second it waits."""
    assert header["durable"] or SMALL, header["scan"]


def kill(daemon):
    """kill -9."""
    daemon.process.kill()
    daemon.finish()


def wait_frames(daemon, count):
    daemon.wait_status(lambda s: s.get("frames", {}).get("used", 0) >= count, f"{count} frames")


def numbers_used(frames):
    missing = {n for first, last in frames["missing_ranges"] for n in range(first, last + 1)}
    return [n for n in range(frames["expected"]) if n not in missing]


def kept_final(daemon, uid):
    """The header of a final that may have gone out before this client came."""
    daemon.wait_status(lambda _: any(final["uid"] == uid for final in daemon.ask("history")["finals"]), f"the end of scan {uid}")
    _, parts = daemon.ask("history", scan=uid)
    return json.loads(parts[1])


def waited_for_cores(pid):
    """Seconds that the threads of a process were ready to run and did not."""
    return sum(int((task / "schedstat").read_text().split()[1]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def temporary():
    return tempfile.TemporaryDirectory(prefix="sqd-test-")
