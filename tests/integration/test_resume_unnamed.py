"""kill -9 in the middle of a scan whose images name no series: where they tell it all the same it goes on, else it ends as it stands."""

import json
import threading
import unittest

import numpy as np
import zmq

from sqd_testing import PATIENCE, Daemon, Sender, check_header, kept_final, kill, numbers_used, set_source, station, temporary, wait_frames

SHAPE, FRAMES = (256, 256), 60
random = np.random.default_rng(20261126)
IMAGES = [random.poisson(20, SHAPE).astype(np.int32) for _ in range(FRAMES)]


class Pilatus(Sender):
    """The PILATUS shim: with `numbered`, its messages count up through headers, images and ends."""

    def __init__(self, numbered):
        super().__init__(zmq.PUSH)
        self.numbered, self.message = numbered, 0

    def say(self, body, *parts):
        self.message += 1
        if self.numbered:
            body["msg_number"] = self.message
        self.send([json.dumps(body).encode(), *parts])

    def header(self):
        self.say({"htype": "header", "filename": "/ramdisk/glass_00000.cbf"}, json.dumps({"points": FRAMES, "name": "glass"}).encode())

    def images(self, numbers):
        for number in numbers:
            self.say({"htype": "image", "frame": number, "shape": SHAPE, "type": "int32", "compression": "", "exposure_time": 0.1}, IMAGES[number].tobytes())

    def end(self):
        self.say({"htype": "series_end"})


def configured(directory, sender):
    source = "kind: pilatus_stream\n  socket: pull\n  connect: tcp://127.0.0.1:9999\n  end_silence_s: 20\n"
    config = station("simulated", directory, replace={"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999\n": source})
    set_source(config, sender.endpoint)
    with open(config, "a") as file:
        file.write("journal: {checkpoint_s: 0.2, resume_timeout_s: 60}\n")
    return config


def until_checkpointed(daemon, sender, first):
    """Sends on from image `first` until a checkpoint has all before it: the second from now was begun after now. Returns the next number."""
    enough = daemon.counters()["checkpoints"] + 2
    while daemon.counters()["checkpoints"] < enough:
        sender.images([first])
        first += 1
        wait_frames(daemon, first)
    return first


def uninterrupted(numbers):
    """The pattern of a service that never stopped, over the same images."""
    with temporary() as directory, Pilatus(numbered=True) as sender, Daemon(configured(directory, sender)) as daemon:
        sender.header()
        for number in range(FRAMES):
            if number in numbers:
                sender.images([number])
            else:
                sender.message += 1
        sender.end()
        return daemon.wait_final("pattern", 1)


class ResumeUnnamed(unittest.TestCase):
    def start(self, daemon, sender):
        """The scan, until a checkpoint has its first ten images; its uid, and the number of the next image."""
        sender.header()
        sender.images(range(10))
        wait_frames(daemon, 10)
        uid = daemon.ask("status")["scan"]["uid"]
        return uid, until_checkpointed(daemon, sender, 10)

    def test_messages_that_are_counted_go_on_with_the_scan_and_what_was_under_way_is_missing_by_number(self):
        with temporary() as directory, Pilatus(numbered=True) as sender:
            config = configured(directory, sender)
            with Daemon(config) as daemon:
                uid, sent = self.start(daemon, sender)
                kept = sent + 20
                self.assertLess(kept, FRAMES)
                under_way = threading.Thread(target=sender.images, args=(range(sent, kept),))  # while it dies, and to nobody
                under_way.start()
                kill(daemon)
            with Daemon(config) as daemon:
                under_way.join(PATIENCE)
                self.assertFalse(under_way.is_alive())
                sender.images(range(kept, FRAMES))
                sender.end()
                daemon.wait_status(lambda _: any(f["uid"] == uid for f in daemon.ask("history")["finals"]), "the final")
                final = kept_final(daemon, uid)
                check_header(final)
                self.assertEqual((final["state"], final["scan"]["id"]), ("final", "glass"))
                self.assertIn("interrupted", final["flags"])
                frames = final["frames"]
                used = numbers_used(frames)
                self.assertEqual((frames["expected"], frames["used"], frames["rejected"], frames["duplicate"]), (FRAMES, len(used), 0, 0))
                self.assertLessEqual(set(range(10)) | set(range(kept, FRAMES)), set(used))
                _, parts = daemon.ask("history", topic="simulated/series/", after=0)
                self.assertEqual([m["event"] for m in map(json.loads, parts[1::2])], ["interrupted", "resumed", "end"])
                _, mine = daemon.wait(lambda m: m[0]["schema"].startswith("sqd.pattern/") and m[0]["scan"]["uid"] == uid and m[0]["state"] == "final", "the final's pattern")
                self.assertEqual(daemon.stop(), 0)
            _, truth = uninterrupted(used)
            for name in truth:
                self.assertEqual(mine[name].tobytes(), truth[name].tobytes(), name)

    def test_a_scan_of_messages_without_numbers_ends_as_it_stands_and_the_rest_is_another(self):
        with temporary() as directory, Pilatus(numbered=False) as sender:
            config = configured(directory, sender)
            with Daemon(config) as daemon:
                uid, sent = self.start(daemon, sender)
                kill(daemon)
            with Daemon(config) as daemon:
                final = kept_final(daemon, uid)  # nothing in it tells that images of the same scan are to come
                self.assertEqual(final["state"], "aborted")
                self.assertLessEqual({"interrupted", "ended_by_interruption"}, set(final["flags"]))
                frames = final["frames"]
                self.assertTrue(10 <= frames["used"] <= sent, frames)
                self.assertEqual((frames["expected"], frames["used"] + frames["missing"]), (FRAMES, FRAMES))
                sender.images(range(sent, FRAMES))
                sender.end()
                rest, _ = daemon.wait(lambda m: m[0]["schema"].startswith("sqd.pattern/") and m[0]["state"] == "final", "the rest")
                self.assertNotEqual(rest["scan"]["uid"], uid)
                self.assertEqual((rest["frames"]["used"], rest["frames"]["missing"]), (FRAMES - sent, 0))
                self.assertIn("start_missed", rest["flags"])
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
