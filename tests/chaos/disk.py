"""The disk full, read-only, gone: in a private mount namespace, on a small tmpfs. Results go on, what was durable is kept, all recovers."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "integration")]

import zmq  # noqa: E402

from books import Seen, violations  # noqa: E402
from kills import Life, Listener, configured  # noqa: E402
from sqd_testing import Process, set_source, temporary  # noqa: E402

FRAMES = 60


def alarms(control):
    context = zmq.Context()
    client = context.socket(zmq.REQ)
    client.setsockopt(zmq.LINGER, 0)
    client.connect(control)
    client.send(json.dumps({"id": 1, "command": "status"}).encode())
    names = None
    if client.poll(20000):
        names = {alarm["name"] for alarm in json.loads(client.recv())["alarms"] if alarm.get("active", True)}
    client.close()
    context.term()
    assert names is not None, "no answer to status"
    return names


def finals(seen):
    return {key: all(header["durable"] for header, _ in kinds.values()) for key, kinds in seen.finals.items()}


def wait(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return []
        time.sleep(0.05)
    return [f"disk: {what} within {seconds} s"]


def fill(folder):
    """To the last byte."""
    with open(folder / "filler", "wb", 0) as filler:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    filler.write(b"\0" * size)
            except OSError:
                pass


def trouble(name, begin, end, control, seen, say, alarmed=True):
    """One misfortune: results go on meanwhile, an alarm says it, and afterwards finals are durable again."""
    count = len(finals(seen))
    begin()
    wrong = wait(lambda: len(finals(seen)) >= count + 2, f"{name}: publication stopped")
    said = wait(lambda: alarms(control) & {"archive", "journal"}, f"{name}: no alarm") if alarmed else []
    durable = sum(list(finals(seen).values())[count:])
    published = len(finals(seen)) - count
    end()
    count = len(finals(seen))
    recovered = wait(lambda: sum(list(finals(seen).values())[count + 1:]) >= 2, f"{name}: no durable final again")
    cleared = wait(lambda: not alarms(control) & {"archive", "journal"}, f"{name}: the alarm stays")
    say(f"disk             {name}: {published} finals meanwhile, {durable} of them durable; {'recovered' if not recovered + cleared else 'NOT recovered'}")
    return wrong + said + recovered + cleared


def inside(seed):
    with temporary() as outer:
        directory = pathlib.Path(outer) / "disk"
        directory.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", directory], check=True)
        try:
            return misfortunes(directory, seed)
        finally:
            subprocess.run(["umount", "-R", "-l", directory], check=False)


def misfortunes(directory, seed):
    """Violations."""
    seen, wrong = Seen(), []
    config = configured(directory)
    archive = pathlib.Path(directory) / "archive"
    text = config.read_text().replace("archive: {", "archive: {min_free_GB: 0, ")
    config.write_text(text.replace("journal: {", f"journal: {{directory: {directory}/journal, "))
    detector = Process("simulate", "-c", config, "--bind", "tcp://127.0.0.1:0", "--wait", 60, "--scans", ",".join([f"sample:{FRAMES}"] * 400), "--rate", 200, "--prepared", 16, "--exposure",
                       0.005, "--seed", seed)
    with detector:
        set_source(config, detector.wait_line("endpoint "))
        with Life(config) as life:
            life.wait_line("ready")
            control = life.wait_line("control ")
            listener = Listener(life.wait_line("results "), seen)
            wrong += wait(lambda: len(finals(seen)) >= 2, "no finals at all")
            wrong += trouble("full", lambda: fill(archive), lambda: os.unlink(archive / "filler"), control, seen, print)
            away = archive.with_name("away")
            wrong += trouble("folder moved away", lambda: archive.rename(away), lambda: None, control, seen, print, alarmed=False)  # it is made anew at once
            archive.mkdir(exist_ok=True)
            for path in away.glob("*.nxs"):
                shutil.copy(path, archive / path.name)
            subprocess.run(["mount", "--bind", archive, archive], check=True)

            def remount(how):
                """Not while a file is being written there."""
                while subprocess.run(["mount", "-o", f"remount,bind,{how}", archive], capture_output=True).returncode != 0:
                    time.sleep(0.01)

            wrong += trouble("read-only", lambda: remount("ro"), lambda: remount("rw"), control, seen, print)
            detector.process.kill()
            time.sleep(5)
            life.process.terminate()
            code = life.finish()
            listener.stop()
    found, told = violations(archive, seen)
    # What went out as not durable was promised to nobody.
    promised = {uid for (uid, _), durable in finals(seen).items() if durable}
    wrong += [sentence for sentence in found if "has vanished" not in sentence or any(uid in sentence for uid in promised)]
    if code != 0:
        wrong.append(f"disk: the daemon ended with {code}")
    print(f"                 {told['archives']} archives of {len(finals(seen))} finals seen, {told['durable finals seen']} of them durable")
    return wrong


def run(seed, say=print):
    if subprocess.run(["unshare", "-rmn", "true"], capture_output=True).returncode != 0:
        say("disk             SKIPPED: this machine allows no private namespaces")
        return []
    done = subprocess.run(["unshare", "-rmn", "sh", "-c", f"ip link set lo up && exec {sys.executable} {__file__} {seed}"], capture_output=True, text=True)
    say("\n".join(line for line in done.stdout.splitlines() if not line.startswith("VIOLATION")))
    found = [line.removeprefix("VIOLATION: ") for line in done.stdout.splitlines() if line.startswith("VIOLATION")]
    return found if done.returncode in (0, 1) and (found or done.returncode == 0) else [f"disk: {done.stderr[-2000:]}"]


if __name__ == "__main__":
    everything = inside(int(sys.argv[1]))
    for each in everything:
        print("VIOLATION:", each)
    sys.exit(1 if everything else 0)
