"""Who does not belong stays out: CURVE by the real binary, every way to come without the right key, and what a reader may not do."""

import json
import os
import pathlib
import socket
import subprocess
import threading
import time
import unittest

import numpy as np
import zmq
from zmq.utils.monitor import parse_monitor_message

from sqd_testing import BINARY, PATIENCE, SMALL, Daemon, Process, Sender, set_source, show_keys, station, temporary, v1_end, v1_header, v1_image

CHANGING = [("announce", {"name": "x"}), ("begin", {"name": "x"}), ("end", {}), ("abort", {}), ("reset", {}), ("background", {"use": "none"}),
            ("reference", {"clear": True}), ("acknowledge", {}), ("shutdown", {})]
LOOKING = ["ping", "status", "config", "describe", "snapshot", "history", "reference", "background"]
FAILED = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL


def sqd(*arguments, **environment):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **environment})


def keygen(directory, name):
    done = sqd("keygen", "--output", f"{directory}/{name}")
    assert done.returncode == 0, done.stderr
    return done


def key_of(path):
    """The key of a .key or .pub file, as pyzmq takes it."""
    return pathlib.Path(path).read_text().split()[-1].encode()


def read_to_end(peer):
    said = b""
    try:
        while chunk := peer.recv(4096):
            said += chunk
    except ConnectionResetError:
        pass
    return said


class Keys:
    """A folder with the keys of a service and its clients, and the list of those."""

    def __init__(self, directory, **rights):
        self.directory = pathlib.Path(directory)
        for name in ("server", *rights):
            keygen(directory, name)
        self.list = self.directory / "clients.txt"
        self.write_list(**rights)

    def write_list(self, **rights):
        lines = [f"{name} {key_of(self.directory / f'{name}.pub').decode()} {may}\n" for name, may in rights.items() if may]
        fresh = self.directory / "clients.new"
        fresh.write_text("# who may speak to this service\n" + "".join(lines))
        fresh.rename(self.list)

    def of(self, name, server="server"):
        return (key_of(self.directory / f"{name}.pub"), key_of(self.directory / f"{name}.key"), key_of(self.directory / f"{server}.pub"))

    def options(self, name):
        return "--key", self.directory / f"{name}.key", "--server-key", self.directory / "server.pub"

    def config(self, sender=None):
        security = f"security: {{server_key: {self.directory}/server.key, clients: {self.list}}}\narchive: "
        path = station("simulated", self.directory, replace={"archive: ": security})
        if sender:
            set_source(path, sender.endpoint)
        return path


class Stranger:
    """A DEALER or SUB that counts how often its handshake failed, and takes what comes."""

    def __init__(self, context, endpoint, keys, kind=zmq.DEALER):
        self.socket = context.socket(kind)
        self.socket.linger = 0
        show_keys(self.socket, keys)
        if kind == zmq.SUB:
            self.socket.subscribe(b"")
        self.monitor = self.socket.get_monitor_socket(FAILED)
        self.socket.connect(endpoint)
        if kind == zmq.DEALER:
            self.socket.send(b'{"command":"ping"}')

    def refusal(self, timeout=PATIENCE):
        """The event of the first failed handshake."""
        assert self.monitor.poll(timeout * 1000), "neither let in nor refused"
        return parse_monitor_message(self.monitor.recv_multipart())

    def heard(self, timeout=0):
        return self.socket.poll(timeout * 1000) != 0

    def close(self):
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(0)


class Guarded(unittest.TestCase):
    """One service; each test leaves it as it was."""

    @classmethod
    def setUpClass(cls):
        cls.directory = temporary()
        cls.keys = Keys(cls.directory.name, alice="control", bob="read", carol="read")
        keygen(cls.directory.name, "mallory")
        cls.sender = Sender()
        cls.daemon = Daemon(cls.keys.config(cls.sender), keys=cls.keys.of("alice"))

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.sender.close()
        cls.directory.cleanup()

    def counted(self, names):
        counters = self.daemon.counters()
        return sum(counters[name] for name in names)

    def connect(self, endpoint):
        host, port = endpoint.removeprefix("tcp://").split(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)

    def heartbeat(self):
        """One that was sent after this call."""
        last = self.daemon.ask("status")["latest_seq"]["simulated/status/"]
        self.daemon.wait(lambda m: m[0]["schema"].startswith("sqd.status/") and m[0]["seq"] > last, "a heartbeat")

    def memory(self):
        """Of the service, in MB."""
        pages = int(pathlib.Path(f"/proc/{self.daemon.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def ends_up(self, counter, least):
        self.daemon.wait_status(lambda s: s["counters"][counter] >= least, f"{counter} of at least {least}")

    def logged(self, text):
        deadline = time.monotonic() + PATIENCE
        with self.daemon.news:
            while not any(text in line for line in self.daemon.errors):
                self.assertLess(time.monotonic(), deadline, f"{text!r} is not in the log: {self.daemon.errors[-8:]}")
                self.daemon.news.wait(0.2)

    def ask(self, keys, command, **arguments):
        client = self.daemon.context.socket(zmq.DEALER)
        client.linger = 0
        show_keys(client, keys)
        client.connect(self.daemon.control_endpoint)
        client.send(json.dumps({"command": command, **arguments}).encode())
        self.assertTrue(client.poll(PATIENCE * 1000), f"no answer to {command}")
        reply = json.loads(client.recv_multipart()[0])
        client.close()
        return reply

    def test_strangers_are_refused_at_both_sockets_counted_and_logged(self):
        # A client without a key sees by itself that it will not get in; it may hang up before the service has seen the same.
        ways = {"no key": (None, ("access_refused_no_key", "access_refused_other")),
                "unlisted": (self.keys.of("mallory"), ("access_refused_unlisted",)),
                "another server key": (self.keys.of("alice", server="mallory"), ("access_refused_server_key",))}
        strangers = []
        for what, (keys, counters) in ways.items():
            for kind, endpoint in ((zmq.DEALER, self.daemon.control_endpoint), (zmq.SUB, self.daemon.results_endpoint)):
                with self.subTest(what, kind=kind):
                    before = self.counted(counters)
                    strangers.append(Stranger(self.daemon.context, endpoint, keys, kind))
                    strangers[-1].refusal()
                    self.daemon.wait_status(lambda _: self.counted(counters) > before, f"a count in {counters}")
        self.heartbeat()
        for stranger in strangers:
            self.assertFalse(stranger.heard())
            stranger.close()
        self.logged("refused key " + key_of(self.keys.directory / "mallory.pub").decode() + " from 127.0.0.1")
        self.logged("another public key for this service")

    def test_a_client_without_a_key_is_counted_as_such(self):
        """By hand, so that it does not hang up first: the greeting of ZMTP 3 with the mechanism NULL."""
        for endpoint in (self.daemon.control_endpoint, self.daemon.results_endpoint):
            before = self.counted(("access_refused_no_key",))
            with self.connect(endpoint) as peer:
                peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
                self.assertLessEqual(len(read_to_end(peer)), 64)  # a greeting, then the end
            self.ends_up("access_refused_no_key", before + 1)
        self.logged("without a key")

    def test_old_protocols_do_not_get_round_the_handshake(self):
        """ZMTP 1.0 and 2.0 know no mechanism: a peer that says it speaks them must not be taken at its word."""
        old = {"1.0": b"\x01\x00", "2.0": b"\xff" + bytes(8) + b"\x7f\x01\x02"}
        for version, greeting in old.items():
            for endpoint in (self.daemon.control_endpoint, self.daemon.results_endpoint):
                with self.subTest(version, endpoint=endpoint), self.connect(endpoint) as peer:
                    peer.sendall(greeting + b"\x00\x00" + b"\x00\x01\x01")  # no identity; a subscription to everything
                    self.assertLessEqual(len(read_to_end(peer)), 64)

    def test_a_reader_may_look_and_change_nothing(self):
        status = self.daemon.ask("status")
        for command in LOOKING:
            with self.subTest(command):
                self.assertTrue(self.ask(self.keys.of("bob"), command)["ok"])
        for command, arguments in CHANGING:
            with self.subTest(command):
                before = self.daemon.counters()["commands_refused"]
                reply = self.ask(self.keys.of("bob"), command, **arguments)
                self.assertEqual(reply["error"]["code"], "not_allowed")
                self.assertIn("'bob' may only read", reply["error"]["message"])
                self.assertEqual(self.daemon.counters()["commands_refused"], before + 1)
        self.logged("of client 'bob'")  # lines are bounded, counts are not
        after = self.daemon.ask("status")
        for key in ("state", "announcement_pending", "reference"):
            self.assertEqual(after[key], status[key])
        said = {entry["command"] for entry in self.daemon.ask("describe")["commands"] if entry["changes"]}
        self.assertEqual(said, {command for command, _ in CHANGING})  # a new command that changes something belongs into this test

    def test_a_readers_refusal_is_not_remembered_for_others(self):
        request = "6f6b6f1e-0000-4000-8000-00000000000d"
        self.assertFalse(self.ask(self.keys.of("bob"), "acknowledge", request=request)["ok"])
        self.assertTrue(self.daemon.ask("acknowledge", request=request)["ok"])
        self.assertFalse(self.ask(self.keys.of("bob"), "acknowledge", request=request)["ok"])

    def test_rights_follow_the_list_without_a_new_connection(self):
        client = self.daemon.context.socket(zmq.DEALER)
        client.linger = 0
        show_keys(client, self.keys.of("carol"))
        client.connect(self.daemon.control_endpoint)

        def until(wanted, command="acknowledge"):
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                client.send(json.dumps({"command": command}).encode())
                self.assertTrue(client.poll(PATIENCE * 1000))
                reply = json.loads(client.recv())
                if wanted(reply):
                    return
            self.fail(f"{reply} after the list had changed")

        until(lambda reply: not reply["ok"])
        self.keys.write_list(alice="control", bob="read", carol="control")
        until(lambda reply: reply["ok"])
        self.keys.write_list(alice="control", bob="read")
        until(lambda reply: not reply["ok"] and "any more" in reply["error"]["message"], "ping")
        stranger = Stranger(self.daemon.context, self.daemon.control_endpoint, self.keys.of("carol"))
        self.assertEqual(stranger.refusal()["event"], zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        stranger.close()
        self.assertTrue(self.daemon.ask("ping")["ok"])  # alice, all the time on one connection
        self.keys.write_list(alice="control", bob="read", carol="read")
        self.assertTrue(self.ask(self.keys.of("carol"), "ping")["ok"])
        client.close()

    def test_a_subscriber_who_is_removed_from_the_list_hears_no_more(self):
        reader = Stranger(self.daemon.context, self.daemon.results_endpoint, self.keys.of("carol"), zmq.SUB)
        self.assertTrue(reader.heard(PATIENCE))
        self.keys.write_list(alice="control", bob="read")
        self.assertEqual(reader.refusal()["event"], zmq.EVENT_HANDSHAKE_FAILED_AUTH)  # cut off, and not let in again
        while reader.heard():
            reader.socket.recv_multipart()
        self.heartbeat()
        self.assertFalse(reader.heard())
        self.logged("'" + key_of(self.keys.directory / "carol.pub").decode() + "', who is not listed any more")
        reader.close()
        self.keys.write_list(alice="control", bob="read", carol="read")

    @unittest.skipIf(SMALL, "a sanitizer keeps what is freed: resident memory says nothing")
    def test_a_subscriber_cannot_fill_the_memory_with_topics(self):
        """libzmq keeps every subscription, at some 35 bytes per byte: 10 MB of them would be 350."""
        before = self.daemon.counters()["subscribers_cut"]
        memory = self.memory()
        greedy = self.daemon.context.socket(zmq.SUB)
        greedy.linger, greedy.sndhwm = 0, 0
        show_keys(greedy, self.keys.of("bob"))
        greedy.connect(self.daemon.results_endpoint)
        for number in range(25_000):
            greedy.subscribe(number.to_bytes(4, "big") * 100)
        self.daemon.wait_status(lambda s: not greedy.poll(50) and s["counters"]["subscribers_cut"] >= before + 3, "cut off, each time it comes again")
        grown = self.memory() - memory
        greedy.close()
        print(f"10 MB of subscriptions, {self.daemon.counters()['subscribers_cut'] - before} times cut off: memory {grown:+.1f} MB")
        self.assertLess(grown, 40)
        self.heartbeat()
        self.logged("'bob', who asked for too many topics")

    def test_a_list_that_is_wrong_leaves_the_one_before_in_force(self):
        good = self.keys.list.read_text()
        self.keys.list.write_text(good + "dave nonsense read\n")
        status = self.daemon.wait_status(lambda s: any(a["name"] == "clients" and a["active"] for a in s["alarms"]), "an alarm")
        self.assertIn("clients.txt:5: key 'nonsense'", [a["message"] for a in status["alarms"] if a["name"] == "clients"][0])
        self.assertTrue(self.ask(self.keys.of("bob"), "ping")["ok"])
        self.keys.list.unlink()
        self.assertTrue(self.ask(self.keys.of("bob"), "ping")["ok"])
        self.keys.list.write_text(good)
        self.daemon.wait_status(lambda s: not any(a["name"] == "clients" and a["active"] for a in s["alarms"]), "the end of the alarm")
        self.daemon.ask("acknowledge")

    def test_a_thousand_strangers_leave_nothing_behind(self):
        attempts = 1000 if not SMALL else 100

        def held():
            return self.memory(), len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))

        def knock(times):
            """An unlisted key knocks once per socket: libzmq does not try again after a refusal."""
            before = self.daemon.counters()["access_refused_unlisted"]
            for start in range(0, times, 50):
                crowd = [Stranger(self.daemon.context, self.daemon.control_endpoint, self.keys.of("mallory")) for _ in range(50)]
                self.assertTrue(self.daemon.ask("ping")["ok"])  # a listed client is answered meanwhile
                for stranger in crowd:
                    self.assertEqual(stranger.refusal()["event"], zmq.EVENT_HANDSHAKE_FAILED_AUTH)
                    stranger.close()
            self.ends_up("access_refused_unlisted", before + times)

        lines = len(self.daemon.errors)
        knock(100)  # what is allocated once
        memory, files = held()
        knock(attempts)
        self.daemon.wait_status(lambda s: held()[1] <= files + 2, "closed connections")
        grown = held()[0] - memory
        print(f"{attempts} refused connections: memory {grown:+.1f} MB, files {held()[1] - files:+d}, log lines {len(self.daemon.errors) - lines}")
        self.assertLess(grown, 4 if not SMALL else 100)  # a sanitizer keeps what is freed
        self.assertLess(len(self.daemon.errors) - lines, 60)

    def test_nothing_can_be_read_on_the_wire(self):
        seen = bytearray()
        plain = self.through_wire(self.daemon.results_endpoint, self.keys.of("bob"), seen)
        self.assertIn(b"simulated/status/", plain)
        self.assertGreater(len(seen), len(plain))
        for word in (b"simulated", b"status", b"schema", b"epoch", key_of(self.keys.directory / "bob.key")):
            self.assertNotIn(word, seen)

    def through_wire(self, endpoint, keys, seen):
        """What a subscriber gets of one heartbeat through a TCP relay that keeps all bytes in `seen`."""
        host, port = endpoint.removeprefix("tcp://").split(":")
        relay = socket.create_server(("127.0.0.1", 0))

        def pump(source, sink):
            while chunk := source.recv(65536):
                seen.extend(chunk)
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

        def serve():
            with relay.accept()[0] as inner, socket.create_connection((host, int(port))) as outer:
                back = threading.Thread(target=pump, args=(outer, inner))
                back.start()
                pump(inner, outer)
                back.join()

        thread = threading.Thread(target=serve)
        thread.start()
        subscriber = self.daemon.context.socket(zmq.SUB)
        subscriber.linger = 0
        show_keys(subscriber, keys)
        subscriber.subscribe(b"")
        subscriber.connect(f"tcp://127.0.0.1:{relay.getsockname()[1]}")
        self.assertTrue(subscriber.poll(PATIENCE * 1000))
        message = b"".join(subscriber.recv_multipart())
        subscriber.close()
        thread.join()
        relay.close()
        return message

    def test_results_reach_a_reader(self):
        reader = Stranger(self.daemon.context, self.daemon.results_endpoint, self.keys.of("bob"), zmq.SUB)
        self.assertTrue(reader.heard(PATIENCE))
        self.sender.send(v1_header(1, (256, 256), nimages=4, photon_energy=68500.0, threshold_energy=20000.0))
        for i in range(4):
            self.sender.send(v1_image(1, i, np.full((256, 256), 3, np.uint32)))
        self.sender.send(v1_end(1))
        while True:
            self.assertTrue(reader.heard(PATIENCE))
            topic, header, *arrays = reader.socket.recv_multipart()
            if topic == b"simulated/pattern/" and json.loads(header)["state"] == "final":
                break
        self.assertEqual(len(arrays), len(json.loads(header)["arrays"]))
        reader.close()

    def test_the_simulator_announces_with_its_key(self):
        config = self.keys.directory / "simulated.yaml"
        simulate = ("simulate", "-c", config, "--scans", "sample:1", "--rate", "0", "--wait", PATIENCE, "--bind", "tcp://127.0.0.1:0",
                    "--scan-name", "announced", "--announce", self.daemon.control_endpoint)

        def play(*options):
            with Process(*simulate, *options) as program:
                receiver = self.daemon.context.socket(zmq.PULL)
                receiver.linger = 0
                receiver.connect(program.wait_line("endpoint "))
                code = program.finish()
                receiver.close()
                return code, "".join(program.errors)

        self.assertFalse(self.daemon.ask("status")["announcement_pending"])
        for words, options in {"asks for keys": (), "refused this key": self.keys.options("mallory")}.items():
            code, said = play(*options)
            self.assertEqual(code, 69, said)
            self.assertIn(words, said)
        code, said = play(*self.keys.options("bob"))
        self.assertEqual(code, 65, said)
        self.assertIn("may only read", said)
        self.assertFalse(self.daemon.ask("status")["announcement_pending"])
        code, said = play(*self.keys.options("alice"))
        self.assertEqual(code, 0, said)
        self.assertTrue(self.daemon.ask("status")["announcement_pending"])
        self.sender.send(v1_header(7, (256, 256), nimages=1, photon_energy=68500.0, threshold_energy=20000.0))
        self.sender.send(v1_image(7, 0, np.full((256, 256), 3, np.uint32)))
        self.assertEqual(self.daemon.wait_final("pattern", 7)[0]["scan"]["id"], "announced")

    def test_status_and_watch_show_their_keys_or_say_what_is_wrong(self):
        control, results = self.daemon.control_endpoint, self.daemon.results_endpoint
        done = sqd("status", "--control", control, *self.keys.options("bob"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("simulated", done.stdout)
        done = sqd("watch", "--once", "--control", control, "--results", results, SQD_KEY=str(self.keys.directory / "bob.key"),
                   SQD_SERVER_KEY=key_of(self.keys.directory / "server.pub").decode())
        self.assertEqual(done.returncode, 0, done.stderr)
        wrong = {"asks for keys": (), "refused this key": self.keys.options("mallory"),
                 "not the owner of --server-key": ("--key", self.keys.directory / "bob.key", "--server-key", self.keys.directory / "mallory.pub")}
        for words, options in wrong.items():
            for verb in (("status",), ("watch", "--results", results), ("watch", "--once", "--results", results)):
                with self.subTest(words, verb=verb):
                    done = sqd(*verb, "--timeout", 1, "--control", control, *options)
                    self.assertEqual(done.returncode, 69, done.stderr)
                    self.assertIn(words, done.stderr)
        # results alone: nobody answers control
        done = sqd("watch", "--results", results, "--control", "tcp://127.0.0.1:9", *self.keys.options("mallory"))
        self.assertEqual(done.returncode, 69)
        self.assertIn("refused this key", done.stderr)
        for options, words in ((("--key", self.keys.directory / "bob.key"), "without --server-key"),
                               (("--key", self.keys.directory / "bob.pub", "--server-key", "x"), "a public key"),
                               (("--key", self.keys.directory / "bob.key", "--server-key", self.keys.directory / "server.key"), "a secret key")):
            done = sqd("status", "--control", control, *options)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn(words, done.stderr)


class Names(unittest.TestCase):
    """Names of a client's making choose no place outside the archive."""

    HOSTILE = ["../../../evil", "/tmp/evil", "..", ".", "a/../../b", "\\..\\evil", "nul\0byte", "-rf", "~root", "x" * 3000, "\u202egnp.exe", "line\nend", "\x1b[2J", "$(reboot)", "", " ",
               "\U0001f480" * 200, "a.nxs", ".tmp"]

    def test_names_of_scans_stay_in_the_archive(self):
        with temporary() as directory, Sender() as sender:
            inside = pathlib.Path(directory) / "deep" / "er"
            inside.mkdir(parents=True)
            config = station("simulated", inside)
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                accepted = 0
                for series, name in enumerate(self.HOSTILE, 1):
                    with self.subTest(name):
                        reply = daemon.ask("announce", name=name, mount=name, role="background")
                        if not reply["ok"]:
                            self.assertEqual(reply["error"]["code"], "bad_value")
                            continue
                        accepted += 1
                        sender.send(v1_header(series, (256, 256), nimages=1, photon_energy=68500.0, threshold_energy=20000.0))
                        sender.send(v1_image(series, 0, np.full((256, 256), 3, np.uint32)))
                        sender.send(v1_end(series))
                        header, _ = daemon.wait_final("pattern", series)
                        self.assertEqual(header["scan"]["id"], name)
                self.assertGreater(accepted, 5)
                for command in ("reference", "background", "history"):
                    for name in self.HOSTILE:
                        for key in ("scan", "archive"):
                            self.assertFalse(daemon.ask(command, **{key: "no" + name})["ok"])
                self.refuse_paths(daemon, inside)
                self.assertEqual(daemon.stop(), 0)
            files = [path for path in pathlib.Path(directory).rglob("*.nxs*")]
            self.assertEqual(len(files), accepted)
            self.assertEqual({path.parent for path in files}, {inside / "archive"})
            self.assertEqual({path.name for path in pathlib.Path(directory).iterdir()}, {"deep"})
            for path in files:
                self.assertRegex(path.name, r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$")

    def refuse_paths(self, daemon, inside):
        """Each of these leads to a file that is there, and not in the archive, or to none."""
        archive = inside / "archive"
        good = next(archive.glob("*.nxs"))
        (inside / "outside.nxs").write_bytes(good.read_bytes())
        (archive / "link.nxs").symlink_to(inside / "outside.nxs")
        (archive / "folder").symlink_to(inside)
        (archive / "passwd").symlink_to("/etc/passwd")
        (archive / "loop").symlink_to(archive / "loop")
        os.mkfifo(archive / "pipe.nxs")
        for path in ("../outside.nxs", str(inside / "outside.nxs"), "link.nxs", "folder/outside.nxs", "passwd", "loop", "pipe.nxs", "/etc/passwd", "../../../../../../../etc/passwd", "", ".",
                     "/dev/zero", "/proc/self/mem", "a" * 300 + ".nxs", "a/" * 3000, good.name + "\0.nxs", good.name + "/"):
            with self.subTest(path):
                reply = daemon.ask("reference", archive=path)
                self.assertEqual(reply["error"]["code"], "bad_value")
                self.assertNotIn("root:", json.dumps(reply))
        for text in (b'{"command":"reference","archive":"\xff\xfe.nxs"}', b'{"command":"announce","name":"\xc0\xaf"}',
                     b'{"command":"reference","archive":"\\udcff.nxs"}'):  # no UTF-8
            daemon.client.send(text)
            self.assertTrue(daemon.client.poll(PATIENCE * 1000))
            self.assertEqual(json.loads(daemon.client.recv())["error"]["code"], "bad_request")
        self.assertTrue(daemon.ask("ping")["ok"])
        for path in ("link.nxs", "folder", "passwd", "loop", "pipe.nxs"):
            (archive / path).unlink()
        (inside / "outside.nxs").unlink()


class Start(unittest.TestCase):
    """What must be in order before a service opens its doors."""

    def setUp(self):
        self.folder = temporary()
        self.addCleanup(self.folder.cleanup)
        self.keys = Keys(self.folder.name, alice="control")

    def refused(self, words, verbs=("run", "check")):
        for verb in verbs:
            done = sqd(verb, "-c", self.keys.config())
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn(words, done.stderr)

    def test_keys_are_made_once_and_only_the_public_one_is_for_all(self):
        secret, open_ = self.keys.directory / "server.key", self.keys.directory / "server.pub"
        self.assertEqual((secret.stat().st_mode & 0o777, open_.stat().st_mode & 0o777), (0o600, 0o644))
        self.assertEqual(zmq.curve_public(key_of(secret)), key_of(open_))
        said = secret.read_text()
        done = sqd("keygen", "--output", self.keys.directory / "server")
        self.assertEqual(done.returncode, 74)
        self.assertEqual(secret.read_text(), said)
        open_.unlink()
        self.assertEqual(sqd("keygen", "--output", self.keys.directory / "server").returncode, 74)
        self.assertFalse(open_.exists())
        done = keygen(self.folder.name, "new")
        self.assertNotIn(key_of(self.keys.directory / "new.key").decode(), done.stdout + done.stderr)
        (self.keys.directory / "new.key").unlink()
        done = sqd("keygen", "--output", self.keys.directory / "new")  # the .pub is there: no half pair
        self.assertEqual(done.returncode, 74)
        self.assertFalse((self.keys.directory / "new.key").exists())

    def test_a_key_that_others_can_read_is_refused_with_the_way_out(self):
        secret = self.keys.directory / "server.key"
        for mode in (0o644, 0o604, 0o602, 0o660):
            secret.chmod(mode)
            self.refused(f"chmod 600 {secret}")
        secret.chmod(0o600)
        self.assertEqual(sqd("check", "-c", self.keys.config()).returncode, 0)

    def test_a_key_or_a_list_that_is_none_is_refused(self):
        secret = self.keys.directory / "server.key"
        good = secret.read_text()
        secret.write_text((self.keys.directory / "server.pub").read_text())
        self.refused("a public key")
        secret.write_text("secret of ours")
        self.refused("no secret key")
        secret.write_text(good)
        listed = self.keys.list.read_text()
        for text, words in (("", "lists nobody"), ("alice\n", "clients.txt:1: 1 word"), (listed + listed, "clients.txt:4: name 'alice' again"),
                            (listed.replace("control", "contrl"), "did you mean control")):
            self.keys.list.write_text(text)
            self.refused(words)

    def test_another_machine_reaches_an_encrypted_service_without_insecure(self):
        config = self.keys.config()
        text = config.read_text()
        config.write_text(text.replace("tcp://127.0.0.1:0", "tcp://0.0.0.0:0"))
        self.assertEqual(sqd("check", "-c", config).returncode, 0)
        config.write_text(config.read_text().replace("security: ", "x-security: "))
        done = sqd("check", "-c", config)
        self.assertEqual(done.returncode, 78)

    def test_keys_at_a_service_without(self):
        config = station("simulated", self.folder.name)
        with Daemon(config) as daemon:
            done = sqd("status", "--control", daemon.control_endpoint, *self.keys.options("alice"))
            self.assertEqual(done.returncode, 69)
            self.assertIn("does not ask for keys", done.stderr)
            self.assertTrue(daemon.ask("acknowledge")["ok"])  # loopback: everybody on this machine may control


if __name__ == "__main__":
    unittest.main()
