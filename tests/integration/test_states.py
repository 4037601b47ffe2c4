"""States, control of scans, alarms and clients, with the real binary: what control asks for, what hostile and absent clients cost."""

import json
import os
import socket
import subprocess
import time
import unittest
from urllib.parse import urlparse

import numpy as np
import zmq

from sqd_testing import BINARY, PATIENCE, SMALL, Daemon, Sender, check_header, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
ENERGY = {"photon_energy": 68500.0, "threshold_energy": 20000.0}


def header(series, frames, **changes):
    return v1_header(series, SHAPE, nimages=frames, **{**ENERGY, **changes})


def image(seed=5, mean=3):
    return np.random.default_rng(seed).poisson(mean, SHAPE).astype(np.uint32)


def play(sender, series, frames, picture, numbers=None, end=True, **changes):
    sender.send(header(series, frames, **changes))
    for i in numbers if numbers is not None else range(frames):
        sender.send(v1_image(series, i, picture))
    if end:
        sender.send(v1_end(series))


def used(status):
    return status.get("frames", {}).get("used")


def rss_kB(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class OneDaemon(unittest.TestCase):
    """Each test with a service and a detector of its own."""

    replace = {}

    def setUp(self):
        self.directory = temporary()
        self.sender = Sender()
        config = station("simulated", self.directory.name, replace=self.replace)
        set_source(config, self.sender.endpoint)
        self.daemon = Daemon(config)
        self.wait_state("ready")

    def tearDown(self):
        self.daemon.__exit__()
        self.sender.close()
        self.directory.cleanup()

    def wait_state(self, state, phase=None):
        return self.daemon.wait_status(lambda s: s["state"] == state and phase in (None, s["phase"]), f"state {state} {phase or ''}")

    def alarms(self):
        return {alarm["name"]: alarm for alarm in self.daemon.ask("status")["alarms"]}

    def refused(self, command, **keys):
        reply = self.daemon.ask(command, **keys)
        self.assertFalse(reply["ok"], reply)
        return reply["error"]


class Scans(OneDaemon):
    def test_a_begun_scan_takes_two_series_and_is_final_at_its_end(self):
        picture = image()
        begun = self.daemon.ask("begin", name="glass", mount="m1")
        self.assertTrue(begun["done"])
        self.assertEqual(self.wait_state("running", "waiting")["open_scan"], begun["scan"]["uid"])
        self.assertIn("end or abort it first", self.refused("begin", name="another")["message"])
        play(self.sender, 1, 20, picture)
        self.daemon.wait_status(lambda s: s["phase"] == "waiting" and used(s) == 20, "the end of the first series")
        play(self.sender, 2, 30, picture, numbers=[i for i in range(30) if i != 7])
        self.daemon.wait_status(lambda s: s["phase"] == "waiting" and used(s) == 49, "the end of the second series")
        self.assertTrue(self.daemon.ask("end")["done"])
        self.assertEqual(self.daemon.ask("status")["state"], "ready")  # when the reply comes it is so
        final, _ = self.daemon.wait(lambda m: m[0]["schema"].startswith("sqd.pattern/") and m[0]["state"] != "partial", "the final")
        check_header(final)
        self.assertEqual(final["state"], "final")
        self.assertEqual(final["scan"]["uid"], begun["scan"]["uid"])
        self.assertEqual(final["scan"]["mount"], "m1")
        self.assertEqual((final["frames"]["used"], final["frames"]["expected"]), (49, 50))
        self.assertEqual(final["frames"]["missing_ranges"], [[27, 27]])
        self.assertIn("series_in_scan:2", final["flags"])
        events = [m[0]["event"] for m in self.daemon.messages if m[0]["schema"].startswith("sqd.series/")]
        self.assertEqual(events, ["start", "left", "joined", "left", "end"])

    def test_what_was_sent_before_end_is_in_however_fast_it_comes(self):
        picture = image()
        play(self.sender, 1, 1000, picture, numbers=range(300), end=False)
        self.daemon.wait_status(lambda s: s["counters"]["images"] == 300 and s["state"] == "running", "all images")  # received, not all of them summed
        self.assertTrue(self.daemon.ask("end")["ok"])
        final, _ = self.daemon.wait_final("pattern", 1)
        self.assertEqual(final["state"], "final")
        self.assertEqual((final["frames"]["used"], final["frames"]["missing"]), (300, 0))
        self.assertIn("ended_by_command", final["flags"])

    def test_an_aborted_scan_is_aborted_and_its_late_frames_are_counted(self):
        picture = image()
        play(self.sender, 1, 100, picture, numbers=range(10), end=False)
        self.daemon.wait_status(lambda s: s["counters"]["images"] == 10 and s["state"] == "running", "ten frames")
        request = "6f6b6f1e-0000-4000-8000-00000000000a"
        self.assertTrue(self.daemon.ask("abort", request=request)["ok"])
        final, _ = self.daemon.wait_final("pattern", 1)
        self.assertEqual(final["state"], "aborted")
        self.assertEqual(final["frames"]["missing"], 90)
        for i in range(10, 15):
            self.sender.send(v1_image(1, i, picture))
        self.daemon.wait_status(lambda s: s["counters"]["frames_late"] == 5, "late frames")
        play(self.sender, 2, 3, picture)
        self.assertEqual(self.daemon.wait_final("pattern", 2)[0]["state"], "final")
        self.assertTrue(self.daemon.ask("abort", request=request)["ok"])  # the same answer, nothing done
        self.assertEqual(self.refused("abort")["code"], "not_allowed")

    def test_a_refused_series_is_a_fault_until_reset(self):
        picture = image()
        play(self.sender, 1, 4, picture, photon_energy=12000.0)
        status = self.daemon.wait_status(lambda s: s["counters"]["series_finished"] == 1, "the end of the series")
        self.assertEqual(status["state"], "fault")
        self.assertIn("energy", status["reason"])
        self.assertIn("reset first", self.refused("begin")["message"])
        self.assertTrue(self.daemon.ask("reset")["done"])
        self.assertEqual(self.daemon.ask("status")["state"], "ready")
        self.assertFalse(self.alarms()["refused"]["active"])
        self.assertEqual(self.daemon.ask("acknowledge", alarm="refused")["cleared"], ["refused"])
        self.assertNotIn("refused", self.alarms())
        play(self.sender, 2, 4, picture)
        self.assertEqual(self.daemon.wait_final("pattern", 2)[0]["frames"]["used"], 4)

    def test_the_background_is_chosen_while_a_scan_runs(self):
        for series, name in ((1, "air"), (2, "capillary")):
            self.daemon.ask("announce", role="background", name=name)
            play(self.sender, series, 4, image(series, 2))
            self.daemon.wait_final("pattern", series)
        self.assertEqual(self.daemon.ask("background")["in_use"]["id"], "capillary")
        play(self.sender, 3, 8, image(9, 20), numbers=range(4), end=False)

        def partial(background, after):
            return self.daemon.wait(lambda m: m[0]["schema"].startswith("sqd.pattern/") and m[0]["scan"]["series_id"] == 3 and m[0]["result"] > after
                                    and m[0]["provenance"]["background"] == background, f"a result with background {background!r}")

        kept = {b["id"]: b["uid"] for b in self.daemon.ask("background")["finished"]}
        first, _ = partial(kept["capillary"], 0)
        self.assertEqual(self.daemon.ask("background", scan="air")["in_use"]["uid"], kept["air"])
        self.sender.send(v1_image(3, 4, image(9, 20)))
        second, arrays = partial(kept["air"], first["result"])
        self.assertIn("net", arrays)
        self.assertIsNone(self.daemon.ask("background", use="none")["in_use"])
        self.sender.send(v1_image(3, 5, image(9, 20)))
        self.assertNotIn("net", partial("", second["result"])[1])
        self.assertEqual(self.refused("background", scan="water")["code"], "bad_value")

    def test_a_second_client_of_the_stream_is_told_of(self):
        thief = self.daemon.context.socket(zmq.PULL)
        thief.setsockopt(zmq.LINGER, 0)
        watch = thief.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        thief.connect(self.sender.endpoint)
        self.assertTrue(watch.poll(PATIENCE * 1000))
        play(self.sender, 1, 100, image())
        alarm = self.daemon.wait_status(lambda s: any(a["name"] == "frames_taken_away" for a in s["alarms"]), "the alarm")
        self.assertTrue(alarm["alarm"])
        thief.disable_monitor()
        watch.close(0)
        thief.close(0)

    def test_the_shell_drives_it(self):
        def control(*arguments):
            return subprocess.run([BINARY, "control", *arguments, "--control", self.daemon.control_endpoint], capture_output=True, text=True)

        begun = control("begin", "name=glass", "sample.thickness_um=30", "--json")
        self.assertEqual(begun.returncode, 0, begun)
        uid = json.loads(begun.stdout)["scan"]["uid"]
        play(self.sender, 1, 3, image())
        self.daemon.wait_status(lambda s: s["phase"] == "waiting" and used(s) == 3, "the series")
        self.assertEqual(control("end").returncode, 0)
        self.daemon.wait_final("pattern", 1)
        self.assertIn(uid, control("history").stdout)
        again = control("end")
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("no scan is running", again.stderr)
        self.assertEqual(control("announce", "role=smaple").returncode, 1)
        self.assertEqual(control("announce", "smaple").returncode, 64)
        self.assertEqual(subprocess.run([BINARY, "control", "ping", "--control", "tcp://127.0.0.1:1", "--timeout", "0.2"], capture_output=True).returncode, 69)


class Rearm(OneDaemon):
    replace = {"results: {": "uncertainty: {replicas: 400}\nresults: {"}

    def test_the_next_series_runs_while_the_last_is_being_reduced(self):
        self.daemon.ask("announce", role="background", name="air")
        play(self.sender, 1, 4, image(1, 2))
        self.daemon.wait_final("pattern", 1)
        for series in (2, 3, 4):
            play(self.sender, series, 6, image(series, 20 + series))
        for series in (2, 3, 4):
            final, arrays = self.daemon.wait_final("pattern", series)
            self.assertEqual((final["state"], final["frames"]["used"]), ("final", 6))
            mean = image(series, 20 + series).mean() / 0.1  # counts per second of a pixel
            self.assertGreater(np.nanmax(arrays["I"]), 0.5 * mean)
        order = [(m[0]["schema"].split("/")[0], m[0]["scan"]["series_id"]) for m in self.daemon.messages
                 if m[0].get("event") == "start" or (m[0]["schema"].startswith("sqd.pattern/") and m[0]["state"] == "final")]
        self.assertLess(order.index(("sqd.series", 3)), order.index(("sqd.pattern", 2)), order)


class Sources(unittest.TestCase):
    def test_a_source_that_connects_leaves_and_comes_back(self):
        with temporary() as directory:
            config = station("simulated", directory)
            sender = Sender()
            endpoint = sender.endpoint
            sender.close()
            set_source(config, endpoint)
            with Daemon(config) as daemon:
                status = daemon.wait_status(lambda s: s["state"] == "standby", "standby")
                self.assertIn(f"nobody answers at {endpoint}", status["reason"])
                sender = zmq.Context.instance().socket(zmq.PUSH)
                sender.bind(endpoint)
                daemon.wait_status(lambda s: s["state"] == "ready", "the detector")
                for message in (header(1, 5), v1_image(1, 0, image())):
                    sender.send_multipart(message)
                daemon.wait_status(lambda s: s["state"] == "running" and s["phase"] == "collecting", "a frame")
                sender.close(0)
                status = daemon.wait_status(lambda s: s["phase"] == "disconnected", "the loss of the detector")
                self.assertEqual(status["state"], "running")  # what has come is not lost, the series may go on
                self.assertTrue(daemon.ask("abort")["ok"])
                daemon.wait_status(lambda s: s["state"] == "standby", "standby again")
                self.assertEqual(daemon.stop(), 0)

    def test_a_bound_source_waits_for_somebody_to_connect(self):
        with temporary() as directory:
            config = station("simulated", directory)
            config.write_text(config.read_text().replace("connect: tcp://127.0.0.1:9999", "bind: tcp://127.0.0.1:0"))
            with Daemon(config) as daemon:
                self.assertIn("nobody is connected to", daemon.wait_status(lambda s: s["state"] == "standby", "standby")["reason"])
                sender = zmq.Context.instance().socket(zmq.PUSH)
                sender.connect(daemon.source_endpoint)
                daemon.wait_status(lambda s: s["state"] == "ready", "the detector")
                sender.close(0)
                daemon.wait_status(lambda s: s["state"] == "standby", "standby again")


class Clients(OneDaemon):
    replace = {"rate_hz: 2}": "rate_hz: 10}", "npt: 348": "npt: 5000"}  # messages of some weight

    def setUp(self):
        super().setUp()
        self.clients, self.sockets = zmq.Context(), []

    def tearDown(self):
        for each in self.sockets:
            each.close(0)
        self.clients.term()
        super().tearDown()

    def socket_to(self, kind, endpoint, **options):
        out = self.clients.socket(kind)
        self.sockets.append(out)
        out.setsockopt(zmq.LINGER, 0)
        for option, value in options.items():
            out.setsockopt(getattr(zmq, option), value)
        out.connect(endpoint)
        return out

    def noise(self, endpoint, count=10 << 20):
        """Bytes that are no ZeroMQ; True when the other side hung up."""
        url = urlparse(endpoint)
        with socket.create_connection((url.hostname, url.port), timeout=PATIENCE) as raw:
            try:
                raw.sendall(os.urandom(count))
                while raw.recv(65536):
                    pass
            except (ConnectionError, BrokenPipeError):
                pass
        return True

    def test_hostile_and_absent_clients_cost_no_frame_and_no_memory(self):
        frames, picture = 1500 if not SMALL else 300, image()
        message = v1_image(1, 0, picture)

        def numbered(i):
            return [json.dumps({**json.loads(message[0]), "frame": i}).encode(), *message[1:]]

        gone = self.daemon.ask("status")["clients"]["gone"]
        for _ in range(3):  # that never read
            self.socket_to(zmq.SUB, self.daemon.results_endpoint, RCVHWM=1, RCVBUF=4096, SUBSCRIBE=b"")
        deaf = self.socket_to(zmq.DEALER, self.daemon.control_endpoint, RCVHWM=1, RCVBUF=4096)
        self.sender.send(header(1, frames))
        for i in range(frames):
            self.sender.send(numbered(i))
            if i % (frames // 50) == 0:  # one that comes and goes
                self.socket_to(zmq.SUB, self.daemon.results_endpoint, SUBSCRIBE=b"").close(0)
                asker = self.socket_to(zmq.DEALER, self.daemon.control_endpoint)
                asker.send(b'{"command":"snapshot"}')
                asker.close(0)
            if i == frames // 3:
                self.assertTrue(self.noise(self.daemon.control_endpoint))
                self.assertTrue(self.noise(self.daemon.results_endpoint))
                loud = self.socket_to(zmq.DEALER, self.daemon.control_endpoint)
                loud.send(json.dumps({"command": "ping", "filler": "x" * (10 << 20)}).encode())
                self.daemon.wait_status(lambda s: s["clients"]["gone"] > gone + 2, "the clients that were cut off")
                loud.close(0)
        self.sender.send(v1_end(1))
        final, _ = self.daemon.wait_final("pattern", 1)
        self.assertEqual((final["frames"]["used"], final["frames"]["missing"], final["frames"]["rejected"]), (frames, 0, 0))

        # A client that asks and never reads: the first replies fill what it is allowed, the others cost nothing.
        size = sum(f["bytes"] for f in self.daemon.ask("history")["finals"])
        self.assertGreater(size, 100_000)

        def ask_deaf(times):
            for _ in range(times):
                deaf.send(b'{"command":"snapshot"}')
            replies = self.daemon.counters()["replies_dropped"]
            return self.daemon.wait_status(lambda s: s["counters"]["replies_dropped"] >= replies, "replies")["counters"]["replies_dropped"]

        asked = 100
        while ask_deaf(100) == 0:
            asked += 100
            self.assertLess(asked * size, 200 << 20, "no reply was ever dropped")
        before = rss_kB(self.daemon.process.pid)
        dropped = ask_deaf(0)
        ask_deaf(1000)
        self.daemon.wait_status(lambda s: s["counters"]["replies_dropped"] >= dropped + 900, "dropped replies")
        grown = rss_kB(self.daemon.process.pid) - before
        print(f"\n1000 replies of {size} bytes to a client that does not read: {grown} kB more (without a bound {size * 1000 // 1024} kB)")
        self.assertLess(grown, size * 1000 // 1024 // 10)

    @unittest.skipIf(SMALL, "a sanitizer keeps what is freed: resident memory says nothing")
    def test_subscribers_that_do_not_read_cost_a_bounded_amount(self):
        """Until their queues are full memory grows, then no more; a live one loses nothing meanwhile."""
        for _ in range(30):
            self.socket_to(zmq.SUB, self.daemon.results_endpoint, RCVHWM=1, RCVBUF=4096, SUBSCRIBE=b"")
        self.daemon.wait_status(lambda s: s["clients"]["results"] == 31, "all subscribers")
        picture, series, rounds, full = image(), 0, 10, 2  # history and queues are full after so many rounds
        rss = []
        for _ in range(rounds):
            for _ in range(30):
                series += 1
                play(self.sender, series, 2, picture)
            self.daemon.wait_final("pattern", series)
            rss.append(rss_kB(self.daemon.process.pid))
        seen = [m[0]["seq"] for m in self.daemon.messages if m[0]["topic"] == "simulated/pattern/"]
        self.assertEqual(seen, list(range(seen[0], seen[0] + len(seen))))
        size = sum(f["bytes"] for f in self.daemon.ask("history")["finals"][-1:])
        print(f"\nRSS after each 30 finals of {size} bytes, 30 stalled subscribers: {rss} kB")
        # They hold the same messages: without a bound each round adds 30 finals. What is freed goes back from time to time, so it is no flat line.
        self.assertLess(rss[-1] - rss[full], (rounds - 1 - full) * 30 * size // 1024 // 2)

    def test_what_was_lost_is_recovered_from_history(self):
        for series in range(1, 6):
            play(self.sender, series, 2, image(series))
        self.daemon.wait_final("pattern", 5)
        topic = "simulated/pattern/"
        published = {m[0]["seq"]: m for m in self.daemon.messages if m[0]["topic"] == topic and m[0]["state"] == "final"}
        numbers = sorted(published)
        self.assertEqual(len(numbers), 5)
        reply, parts = self.daemon.ask("history", topic=topic, after=numbers[1])
        self.assertEqual([m["seq"] for m in reply["messages"]], numbers[2:])
        at = 0
        for entry in reply["messages"]:
            head, arrays = Daemon.parse(parts[at:at + entry["parts"]])
            at += entry["parts"]
            live, live_arrays = published[entry["seq"]]
            self.assertEqual(head, live)
            self.assertEqual({k: v.tobytes() for k, v in arrays.items()}, {k: v.tobytes() for k, v in live_arrays.items()})
        self.assertEqual(at, len(parts))
        status = self.daemon.ask("status")
        self.assertEqual(status["final_seq"][topic], numbers[-1])
        finals = self.daemon.ask("history")["finals"]
        self.assertEqual([f["seq"][topic] for f in finals], numbers)
        reply, parts = self.daemon.ask("history", scan=finals[0]["uid"])
        self.assertEqual(reply["final"]["uid"], published[numbers[0]][0]["scan"]["uid"])
        reply, parts = self.daemon.ask("history", topic="simulated/series/", after=0)
        self.assertEqual([json.loads(parts[i])["event"] for i in range(1, len(parts), 2)], ["start", "end"] * 5)


if __name__ == "__main__":
    unittest.main()
