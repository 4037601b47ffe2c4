"""kill -9 right after a command was answered: what the answer said holds after the restart, and a repeated command acts once."""

import resource
import uuid
import unittest

import numpy as np

from sqd_testing import Daemon, Sender, check_header, kept_final, kill, set_source, station, temporary, v1_end, v1_header, v1_image, wait_frames

SHAPE = (256, 256)
IMAGE = np.random.default_rng(20261126).poisson(20, SHAPE).astype(np.uint32)


class Place:
    """A directory, a detector and the configuration of whatever service runs there."""

    def __init__(self):
        self.directory, self.sender, self.series = temporary(), Sender(), 0
        self.config = station("simulated", self.directory.name)
        set_source(self.config, self.sender.endpoint)
        with open(self.config, "a") as file:
            file.write("journal: {checkpoint_s: 0.1, resume_timeout_s: 30}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sender.close()
        self.directory.cleanup()

    def start(self, images):
        self.series += 1
        self.sender.send(v1_header(self.series, SHAPE, nimages=images, photon_energy=68500.0, threshold_energy=20000.0))

    def send(self, numbers):
        for number in numbers:
            self.sender.send(v1_image(self.series, number, IMAGE))

    def whole(self, daemon, frames=2):
        """A series from its start to its final."""
        self.start(frames)
        self.send(range(frames))
        self.sender.send(v1_end(self.series))
        return daemon.wait_final("pattern", self.series)[0]


class Kept(unittest.TestCase):
    def play(self, scenario):
        """`daemon = yield` of a scenario kills the service that it has and gives it the next one."""
        with Place() as place:
            steps = scenario(place)
            next(steps)
            while True:
                with Daemon(place.config) as daemon:
                    try:
                        steps.send(daemon)
                    except StopIteration:
                        return
                    finally:
                        kill(daemon)

    def asked(self, daemon, command, **keys):
        """An answer that promises to hold."""
        reply = daemon.ask(command, **keys)
        self.assertTrue(reply["ok"] and reply["durable"], reply)
        return reply

    def test_a_scan_that_was_begun_is_open_and_one_that_was_ended_is_not(self):
        def scenario(place):
            daemon = yield
            for end in ("abort", "end"):
                begun = self.asked(daemon, "begin", name="map")["scan"]["uid"]
                daemon = yield
                self.assertEqual(daemon.ask("status").get("open_scan"), begun)
                request = str(uuid.uuid4())
                self.asked(daemon, end, request=request)
                daemon = yield
                status = daemon.ask("status")
                self.assertNotIn("open_scan", status)
                self.assertNotEqual(status["state"], "running")
                self.assertEqual(self.asked(daemon, end, request=request)["scan"]["uid"], begun)  # by a client that did not get its answer
                self.assertEqual(daemon.ask(end)["error"]["code"], "not_allowed")

        self.play(scenario)

    def test_a_scan_that_was_ended_in_the_middle_does_not_go_on(self):
        def scenario(place):
            daemon = yield
            for end, state, flag in (("end", "final", "ended_by_command"), ("abort", "aborted", "ended_by_abort")):
                place.start(100)
                place.send(range(10))
                wait_frames(daemon, 10)
                enough, sent = daemon.counters()["checkpoints"] + 2, 10  # the second from now was begun after now
                while daemon.counters()["checkpoints"] < enough:
                    place.send([sent])
                    sent += 1
                    wait_frames(daemon, sent)
                uid = self.asked(daemon, end)["scan"]["uid"]
                daemon = yield
                final = kept_final(daemon, uid)
                check_header(final)
                frames = final["frames"]
                self.assertEqual((final["state"], frames["expected"]), (state, {"end": sent, "abort": 100}[end]))
                self.assertIn(flag, final["flags"])
                self.assertTrue(10 <= frames["used"] <= sent, frames)
                place.send(range(sent, sent + 5))  # what still comes of it
                daemon.wait_status(lambda s: s["counters"]["frames_late"] == 5, "late frames")
                self.assertNotEqual(daemon.ask("status")["state"], "running")
                self.assertEqual(len([f for f in daemon.ask("history")["finals"] if f["uid"] == uid]), 1)

        self.play(scenario)

    def test_what_was_announced_is_of_the_next_series_and_of_no_other(self):
        def scenario(place):
            daemon = yield
            for name in ("first", "second"):
                request = str(uuid.uuid4())
                self.assertEqual(self.asked(daemon, "announce", name=name, request=request)["applies_to"], "next")
                daemon = yield
                self.assertTrue(daemon.ask("status")["announcement_pending"])
                self.asked(daemon, "announce", name=name, request=request)  # by a client that did not get its answer
                self.assertEqual(place.whole(daemon)["scan"]["id"], name)
                daemon = yield
                self.assertFalse(daemon.ask("status")["announcement_pending"])
                self.assertNotEqual(place.whole(daemon)["scan"]["id"], name)

        self.play(scenario)

    def test_what_was_announced_for_the_series_that_runs_is_of_that_one(self):
        def scenario(place):
            daemon = yield
            for name in ("first", "second"):
                place.start(8)
                place.send(range(4))
                wait_frames(daemon, 4)
                self.assertEqual(self.asked(daemon, "announce", name=name)["applies_to"], "running")
                daemon = yield
                place.send(range(4, 8))
                place.sender.send(v1_end(place.series))
                self.assertEqual(daemon.wait_final("pattern", place.series)[0]["scan"]["id"], name)
                self.assertFalse(daemon.ask("status")["announcement_pending"])

        self.play(scenario)

    def test_where_the_disk_takes_nothing_the_answer_says_so_and_the_command_is_obeyed(self):
        with Place() as place, Daemon(place.config) as daemon:
            limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
            for command, keys in (("begin", {"name": "map"}), ("end", {}), ("announce", {"name": "next"}), ("background", {"use": "none"})):
                reply = daemon.ask(command, **keys)
                self.assertEqual((reply["ok"], reply["durable"]), (True, False), reply)
                self.assertIn("not on disk", reply["warning"])
            status = daemon.ask("status")
            self.assertNotIn("open_scan", status)
            self.assertTrue(status["announcement_pending"])
            self.assertEqual(daemon.ask("background")["use"], "none")
            self.assertIn("journal", [a["name"] for a in status["alarms"] if a["active"]])
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, limits)
            for command, keys in (("begin", {"name": "map"}), ("end", {}), ("announce", {"name": "next"}), ("background", {"use": "none"})):
                self.assertNotIn("warning", self.asked(daemon, command, **keys))
            self.assertEqual(daemon.stop(), 0)

    def test_the_background_and_the_reference_that_were_chosen_are_chosen_still(self):
        def scenario(place):
            daemon = yield
            for name in ("air", "capillary"):
                daemon.ask("announce", role="background", name=name)
                place.whole(daemon)
            glass = place.whole(daemon)["scan"]["uid"]
            kept_final(daemon, glass)
            (final,) = (f for f in daemon.ask("history")["finals"] if f["uid"] == glass)
            for scan in ("air", "capillary"):
                self.asked(daemon, "background", scan=scan)
                daemon = yield
                background = daemon.ask("background")
                self.assertEqual((background["use"], background["in_use"]["id"]), ("scan", scan))
            self.assertEqual(self.asked(daemon, "reference", archive=final["file"])["reference"]["uid"], glass)
            daemon = yield
            self.assertEqual(daemon.ask("reference")["reference"]["uid"], glass)
            other = place.whole(daemon)["scan"]["uid"]
            self.assertEqual(daemon.wait_final("sq", place.series)[0]["comparison"]["reference"]["uid"], glass)
            kept_final(daemon, other)
            self.asked(daemon, "reference", scan=other)
            daemon = yield
            self.assertEqual(daemon.ask("reference")["reference"]["uid"], other)
            self.asked(daemon, "reference", clear=True)
            self.asked(daemon, "background", use="configured")
            daemon = yield
            self.assertIsNone(daemon.ask("reference")["reference"])
            self.assertTrue(daemon.ask("background")["configured"])

        self.play(scenario)


if __name__ == "__main__":
    unittest.main()
