"""kill -9 in the middle of a scan while the detector keeps sending: the next start goes on with it, or finishes it as it stands."""

import json
import pathlib
import signal
import threading
import uuid
import unittest

import h5py
import numpy as np

from sqd_testing import (PATIENCE, Daemon, Sender, check_durable, check_header, kept_final, kill, numbers_used, set_source, station, temporary, v1_end, v1_header,
                         v1_image, wait_frames)

SHAPE, AIR, GLASS = (256, 256), 8, 120  # frames of the background and of the scan that is interrupted
random = np.random.default_rng(20261126)
AIR_IMAGES = [random.poisson(2, SHAPE).astype(np.uint32) for _ in range(AIR)]
GLASS_IMAGES = [random.poisson(20, SHAPE).astype(np.uint32) for _ in range(GLASS)]
for image in GLASS_IMAGES[::7]:
    image[100, 100:110] = 70000  # above the cutoff that the header tells once: invalid, also after a restart
MASK = np.zeros(SHAPE, np.uint32)
MASK[50, :] = 1


def header(series, images, appendix):
    """With the detector's pixel mask and what is only in a header."""
    parts = v1_header(series, SHAPE, nimages=images, photon_energy=68500.0, threshold_energy=20000.0, countrate_correction_count_cutoff=60000)
    parts[0] = json.dumps({"header_detail": "all", "htype": "dheader-1.0", "series": series}).encode()
    blank = np.ones(SHAPE, np.float32)
    for kind, array in (("dflatfield-1.0", blank), ("dpixelmask-1.0", MASK)):
        parts += [json.dumps({"htype": kind, "shape": [SHAPE[1], SHAPE[0]], "type": array.dtype.name}).encode(), array.tobytes()]
    parts += [json.dumps({"htype": "dcountrate_table-1.0", "shape": [2, 1], "type": "float32"}).encode(), np.zeros(2, np.float32).tobytes()]
    return parts + [json.dumps(appendix).encode()]


def play_air(sender, series=1):
    sender.send(header(series, AIR, {"role": "background", "name": "air"}))
    for number, image in enumerate(AIR_IMAGES):
        sender.send(v1_image(series, number, image))
    sender.send(v1_end(series))


class Place:
    """A directory, a detector and the configuration of whatever service runs there."""

    def __init__(self, timeout_s=60, checkpoint_s=0.2):
        self.directory = temporary()
        self.sender = Sender()
        self.config = station("simulated", self.directory.name)
        set_source(self.config, self.sender.endpoint)
        with open(self.config, "a") as file:
            file.write(f"journal: {{checkpoint_s: {checkpoint_s}, resume_timeout_s: {timeout_s}}}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sender.close()
        self.directory.cleanup()

    def archived(self, uid):
        (path,) = (pathlib.Path(self.directory.name) / "archive").glob(f"*{uid}*.nxs")
        return h5py.File(path, "r")


class Detector:
    """Sends images of series 2 and its end on a thread of its own, whoever dies; where nobody takes them, it waits. The last of them it keeps
    until somebody is there again: what it hands to a connection that is dying is lost."""

    def __init__(self, sender, first, last_ones):
        self.sender, self.restarted = sender, threading.Event()
        self.thread = threading.Thread(target=self._send, args=(first, last_ones))
        self.thread.start()

    def _send(self, first, last_ones):
        for number in range(first, GLASS):
            if number == last_ones:
                assert self.restarted.wait(PATIENCE)
            self.sender.send(v1_image(2, number, GLASS_IMAGES[number]))
        self.sender.send(v1_end(2))

    def finish(self):
        self.restarted.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


def send_glass(sender, first, end):
    for number in range(first, end):
        sender.send(v1_image(2, number, GLASS_IMAGES[number]))


def start_glass(daemon, sender, frames, images=GLASS):
    """The scan, up to so many frames, which are in its sums; returns its uid."""
    sender.send(header(2, images, {"role": "sample", "name": "glass"}))
    send_glass(sender, 0, frames)
    wait_frames(daemon, frames)
    return daemon.ask("status")["scan"]["uid"]


def checkpointed(daemon, sender, first):
    """Sends on from frame `first` until a checkpoint has all before it: the second from now was begun after now. Returns the next number."""
    enough = daemon.counters()["checkpoints"] + 2
    while daemon.counters()["checkpoints"] < enough:
        sender.send(v1_image(2, first, GLASS_IMAGES[first]))
        first += 1
        wait_frames(daemon, first)
    return first


def reload(daemon, config, old, new):
    """Other text in the configuration, which the running service reads again."""
    before = daemon.ask("config")["sha256"]
    text = config.read_text()
    assert text.count(old) == 1, old
    config.write_text(text.replace(old, new))
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_status(lambda _: daemon.ask("config")["sha256"] != before, "the other configuration")


def uninterrupted(numbers):
    """Results of a service that never stopped, over the same frames."""
    with Place() as place, Daemon(place.config) as daemon:
        play_air(place.sender)
        daemon.wait_final("pattern", 1)
        place.sender.send(header(2, GLASS, {"role": "sample", "name": "glass"}))
        for number in numbers:
            place.sender.send(v1_image(2, number, GLASS_IMAGES[number]))
        place.sender.send(v1_end(2))
        return {kind: daemon.wait_final(kind, 2) for kind in ("pattern", "sq", "gr")}


class Resume(unittest.TestCase):
    def check_same(self, mine, truth):
        self.assertEqual(set(mine), set(truth))
        for name in truth:
            self.assertEqual(mine[name].tobytes(), truth[name].tobytes(), name)

    def test_1_the_scan_goes_on_with_its_background_and_its_sums_are_those_of_one_that_never_stopped(self):
        with Place() as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                play_air(sender)
                air, _ = daemon.wait_final("pattern", 1)
                uid = start_glass(daemon, sender, 40)
                sent = checkpointed(daemon, sender, 40)
                send_glass(sender, sent, 60)
                wait_frames(daemon, max(sent, 60))
                before = [m[0] for m in daemon.messages if m[0].get("result") and m[0]["scan"]["uid"] == uid]
                kept = max(100, sent + 10)  # a slow disk takes longer for a checkpoint
                detector = Detector(sender, max(sent, 60), kept)
                kill(daemon)
            with Daemon(place.config) as daemon:
                self.assertIn("air", [kept["id"] for kept in daemon.ask("background")["finished"]])
                detector.finish()
                finals = {kind: daemon.wait_final(kind, 2) for kind in ("pattern", "sq", "gr")}
                final = finals["pattern"][0]
                check_header(final)
                check_durable(final)
                self.assertEqual(final["scan"]["uid"], uid)
                self.assertEqual(final["state"], "final")
                self.assertIn("interrupted", final["flags"])
                self.assertGreater(final["result"], max([m["result"] for m in before], default=0))
                frames = final["frames"]
                used = numbers_used(frames)
                self.assertEqual(frames["expected"], GLASS)
                self.assertEqual(frames["used"], len(used))
                self.assertEqual((frames["rejected"], frames["duplicate"], frames["pending"]), (0, 0, 0))
                self.assertLessEqual(set(range(40)), set(used))        # of the checkpoint
                self.assertLessEqual(set(range(kept, GLASS)), set(used))  # of the second start
                self.assertEqual(final["provenance"]["background"], air["scan"]["uid"])
                _, parts = daemon.ask("history", topic="simulated/series/", after=0)  # it may have come before this client did
                events = [m["event"] for m in map(json.loads, parts[1::2]) if m["scan"]["uid"] == uid]
                self.assertEqual(events[:2], ["interrupted", "resumed"])
                self.assertEqual(daemon.stop(), 0)
            with place.archived(uid) as file:
                self.assertEqual(file["entry/provenance/result"][()], final["result"])
            truth = uninterrupted(used)
            for kind in truth:
                self.check_same(finals[kind][1], truth[kind][1])

    def test_2_a_scan_that_does_not_go_on_is_finished_as_it_stands(self):
        with Place(timeout_s=1) as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                uid = start_glass(daemon, sender, 30)
                sent = checkpointed(daemon, sender, 30)
                kill(daemon)
            with Daemon(place.config) as daemon:
                final, arrays = daemon.wait_final("pattern", 2)
                check_header(final)
                check_durable(final)
                self.assertEqual((final["scan"]["uid"], final["state"]), (uid, "aborted"))
                self.assertLessEqual(30, final["frames"]["used"])
                self.assertLessEqual(final["frames"]["used"], sent)
                self.assertEqual(final["frames"]["missing"], GLASS - final["frames"]["used"])
                self.assertLessEqual({"interrupted", "ended_by_interruption"}, set(final["flags"]))
                self.assertTrue(np.isfinite(arrays["I"]).any())
                daemon.wait(lambda m: m[0].get("event") == "aborted" and m[0]["scan"]["uid"] == uid, "its end")
                self.assertEqual(daemon.stop(), 0)
            with place.archived(uid) as file:
                self.assertEqual(file["entry/provenance/result"][()], final["result"])
            with Daemon(place.config) as daemon:  # and once: it is over
                daemon.wait_status(lambda s: s["state"] == "ready", "nothing to go on with")
                self.assertFalse([m for m in daemon.messages if m[0].get("result")])

    def test_3_killed_before_its_first_checkpoint_it_goes_on_without_the_frames_so_far(self):
        with Place(checkpoint_s=0) as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                uid = start_glass(daemon, sender, 20, images=40)
                kill(daemon)
            with Daemon(place.config) as daemon:
                send_glass(sender, 20, 40)
                sender.send(v1_end(2))
                final, _ = daemon.wait_final("pattern", 2)
                self.assertEqual((final["scan"]["uid"], final["scan"]["id"]), (uid, "glass"))
                self.assertEqual((final["frames"]["used"], final["frames"]["missing_ranges"]), (20, [[0, 19]]))

    def test_4_another_configuration_does_not_go_on_with_it(self):
        with Place() as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                uid = start_glass(daemon, sender, 30)
                sent = checkpointed(daemon, sender, 30)
                kill(daemon)
            place.config.write_text(place.config.read_text().replace("npt: 348", "npt: 300"))
            with Daemon(place.config) as daemon:
                final = kept_final(daemon, uid)
                self.assertEqual(final["state"], "aborted")
                self.assertEqual(set(final["frames"]["rejected_by"]), {"other_bins"})
                self.assertTrue(30 <= final["frames"]["rejected_by"]["other_bins"] <= sent, final["frames"])
                self.assertIn("interrupted_on_other_bins", final["flags"])
                alarm = next(a for a in daemon.ask("status")["alarms"] if a["name"] == "not_resumed")
                self.assertIn("integration.npt", alarm["message"])

    def test_5_it_goes_on_under_the_configuration_that_it_was_begun_with(self):
        window = "window_invA: [2.2, 3.1]"
        with Place() as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                old = daemon.ask("config")["sha256"]
                uid = start_glass(daemon, sender, 20)
                reload(daemon, place.config, window, "window_invA: [2.1, 3.2]")
                new = daemon.ask("config")["sha256"]
                checkpointed(daemon, sender, 20)
                kill(daemon)
            with Daemon(place.config) as daemon:  # with the file as it was read again
                send_glass(sender, GLASS - 20, GLASS)
                sender.send(v1_end(2))
                final, _ = daemon.wait_final("pattern", 2)
                self.assertEqual((final["scan"]["uid"], final["state"], final["provenance"]["config_sha256"]), (uid, "final", old))
                start_glass(daemon, sender, 5)  # and the next scan begins under the new one
                kill(daemon)
            place.config.write_text(place.config.read_text().replace("window_invA: [2.1, 3.2]", window))
            with Daemon(place.config) as daemon:  # with the file as it was at first
                self.assertEqual(daemon.ask("config")["sha256"], old)
                send_glass(sender, 5, GLASS)
                sender.send(v1_end(2))
                final, _ = daemon.wait_final("pattern", 2)
                self.assertEqual((final["state"], final["provenance"]["config_sha256"]), ("final", new))
                self.assertIn("interrupted", final["flags"])
                self.assertEqual(daemon.stop(), 0)
            with place.archived(final["scan"]["uid"]) as file:
                self.assertIn("[2.1, 3.2]", file["entry/provenance/config"].asstr()[()])

    def test_6_a_scan_that_was_begun_stands_open_after_any_restart(self):
        request = str(uuid.uuid4())
        begin = {"name": "map", "points": 40, "request": request}
        with Place() as place:
            sender = place.sender
            with Daemon(place.config) as daemon:
                begun = daemon.ask("begin", **begin)
                uid = begun["scan"]["uid"]
                kill(daemon)
            for stop in (lambda d: d.stop(), kill):
                with Daemon(place.config) as daemon:
                    status = daemon.ask("status")
                    self.assertEqual((status["state"], status["open_scan"], status["scan"]["id"]), ("running", uid, "map"))
                    self.assertIn("begun before a restart", status["reason"])
                    self.assertNotIn("journal_start", [a["name"] for a in status["alarms"]])
                    self.assertEqual(daemon.ask("begin", **begin)["scan"], begun["scan"])
                    stop(daemon)
                self.assertTrue([line for line in daemon.errors if uid in line and "begun before the restart" in line])
            with Daemon(place.config) as daemon:
                sender.send(header(2, 40, {}))
                send_glass(sender, 0, 20)
                wait_frames(daemon, 20)
                kill(daemon)
            with Daemon(place.config) as daemon:  # its series is one that goes on, and the scan is as open as before
                self.assertEqual(daemon.ask("begin", **begin)["scan"], begun["scan"])
                send_glass(sender, 20, 40)
                sender.send(v1_end(2))
                daemon.wait_status(lambda s: s.get("open_scan") == uid and s["frames"]["used"] >= 20 and s["phase"] == "waiting", "its second half")
                self.assertTrue(daemon.ask("end")["ok"])
                final, _ = daemon.wait_final("pattern", 2)
                self.assertEqual((final["scan"]["uid"], final["scan"]["id"]), (uid, "map"))
                self.assertTrue(daemon.ask("begin", name="never")["ok"])
                self.assertTrue(daemon.ask("abort")["ok"])
                self.assertEqual(daemon.stop(), 0)
            with Daemon(place.config) as daemon:  # both are over
                daemon.wait_status(lambda s: s["state"] == "ready" and "open_scan" not in s, "nothing that is open")


if __name__ == "__main__":
    unittest.main()
