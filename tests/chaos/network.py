"""The network between detector and daemon: connections reset in mid-message, the interface gone and back, the detector restarted."""

import pathlib
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "integration")]

from books import Seen, read_archive, violations  # noqa: E402
from kills import Life, Listener, configured  # noqa: E402
from sqd_testing import Process, set_source, temporary  # noqa: E402

FRAMES, SERIES = 120, 12


class Cable(threading.Thread):
    """Passes bytes on between clients and one TCP server, until it is cut."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        host, port = re.match(r"tcp://([\d.]+):(\d+)", endpoint).groups()
        self.server = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.lock, self.pairs, self.passed, self.cuts = threading.Lock(), [], 0, 0
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.server)
            except OSError:
                client.close()
                continue
            with self.lock:
                self.pairs.append((client, server))
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(a, b), daemon=True).start()

    def carry(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                self.passed += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Both ends see a reset."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
            self.cuts += 1
        for pair in pairs:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                    end.close()
                except OSError:
                    pass

    def close(self):
        self.listener.close()
        self.cut()


def simulator(config, endpoint, seed, series=SERIES, first=1):
    return Process("simulate", "-c", config, "--bind", endpoint, "--wait", 60, "--scans", ",".join([f"sample:{FRAMES}"] * series), "--rate", 200, "--prepared", 16, "--exposure", 0.005,
                   "--seed", seed, "--series-id", first)


def settle(life, listener, archive, ends):
    """Waits until the service has ended so many series, or a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end and len(list(archive.glob("*.nxs"))) < ends:
        time.sleep(0.1)
    life.process.terminate()
    code = life.finish()
    listener.stop()
    return code


def judge(archive, seen, code, what, say, extra="", numbers_repeat=False):
    wrong, told = violations(archive, seen, numbers_repeat)
    if code != 0:
        wrong.append(f"{what}: the daemon ended with {code}")
    total = [read_archive(path)["frames"] for path in sorted(archive.glob("*.nxs"))]
    for frames in total:
        if frames["used"] + frames["missing"] + frames["rejected"] != frames["expected"] or frames["used"] > FRAMES:
            wrong.append(f"{what}: {frames} of a series of {FRAMES}")
    say(f"{what:16} {told['archives']} scans, {told['finals']} final; frames used {told['frames used']}, missing {told['frames missing']}{extra}")
    return wrong


def resets(seed, say):
    dice, seen = random.Random(seed), Seen()
    with temporary() as directory:
        config = configured(directory)
        archive = pathlib.Path(directory) / "archive"
        with simulator(config, "tcp://127.0.0.1:0", seed) as detector:
            cable = Cable(detector.wait_line("endpoint "))
            set_source(config, cable.endpoint)
            with Life(config) as life:
                life.wait_line("ready")
                listener = Listener(life.wait_line("results "), seen)
                while detector.process.poll() is None:
                    time.sleep(dice.uniform(0.1, 0.6))
                    cable.cut()
                code = settle(life, listener, archive, SERIES)
            cable.close()
        return judge(archive, seen, code, "resets", say, f", {cable.cuts} cuts")


def detector_restarts(seed, say):
    """Its series are numbered from 1 again."""
    dice, seen = random.Random(seed), Seen()
    with temporary() as directory:
        config = configured(directory)
        archive = pathlib.Path(directory) / "archive"
        with simulator(config, "tcp://127.0.0.1:0", seed) as detector:
            endpoint = detector.wait_line("endpoint ")
            set_source(config, endpoint)
            with Life(config) as life:
                life.wait_line("ready")
                listener = Listener(life.wait_line("results "), seen)
                for _ in range(4):
                    time.sleep(dice.uniform(0.5, 1.5))
                    detector.process.kill()
                    detector.process.wait()
                    detector.__exit__()
                    detector = simulator(config, endpoint, seed, 3)
                    detector.wait_line("endpoint ")
                with detector:
                    detector.finish()
                code = settle(life, listener, archive, 7)
        wrong = judge(archive, seen, code, "detector restarts", say, numbers_repeat=True)
        finals = sum(read_archive(path)["state"] == "final" and read_archive(path)["frames"]["missing"] == 0 for path in archive.glob("*.nxs"))
        return wrong + ([] if finals >= 3 else [f"detector restarts: only {finals} whole series after the last restart of three"])


def interface(seed, say):
    """In a private network namespace, where lo is ours to take down."""
    if not shutil.which("ip") or subprocess.run(["unshare", "-rmn", "true"], capture_output=True).returncode != 0:
        say("interface        SKIPPED: no `ip`, or this machine allows no private namespaces")
        return []
    done = subprocess.run(["unshare", "-rmn", sys.executable, __file__, str(seed)], capture_output=True, text=True)
    say(done.stdout.rstrip())
    return [] if done.returncode == 0 else [f"interface: {line}" for line in (done.stdout + done.stderr).splitlines() if "VIOLATION" in line or "Error" in line] or ["interface: failed"]


def interface_inside(seed, say):
    dice, seen = random.Random(seed), Seen()

    def link(state):
        subprocess.run(["ip", "link", "set", "lo", state], check=True)

    link("up")
    with temporary() as directory:
        config = configured(directory)
        archive = pathlib.Path(directory) / "archive"
        downs = 0
        with simulator(config, "tcp://127.0.0.1:0", seed) as detector:
            set_source(config, detector.wait_line("endpoint "))
            with Life(config) as life:
                life.wait_line("ready")
                listener = Listener(life.wait_line("results "), seen)
                while detector.process.poll() is None and downs < 8:
                    time.sleep(dice.uniform(0.2, 0.6))
                    link("down")
                    time.sleep(dice.uniform(0.1, 0.8))
                    link("up")
                    downs += 1
                detector.finish()
                code = settle(life, listener, archive, SERIES)
        return judge(archive, seen, code, "interface", say, f", down {downs} times")


def run(seed, say=print):
    return resets(seed, say) + detector_restarts(seed, say) + interface(seed, say)


if __name__ == "__main__":
    found = interface_inside(int(sys.argv[1]), print)
    for each in found:
        print("VIOLATION:", each)
    sys.exit(1 if found else 0)
