"""The Python client on control: a scan as a block of code, choices, refusals; keys, and what a reader may not do."""

import tempfile
import unittest

import numpy as np

from beamline import PATIENCE, Beamline, run_python, sqd_client, wait_until
from sqd_client import AccessDenied, Client, NoAnswer, NotComputed, Refused
from sqd_testing import Daemon
from test_security import Keys


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.beamline = Beamline(replace={"background: {use: latest}": "background: {use: none}"})
        cls.addClassCleanup(cls.beamline.close)
        cls.sqd = cls.beamline.client()
        cls.addClassCleanup(cls.sqd.close)
        wait_until(lambda: cls.sqd.status()["state"] == "ready", "the source")

    def test_a_scan_is_a_block(self):
        with self.sqd.scan(name="glass", points=8, mount="m1", parameters={"P_comp": 5.0}) as scan:
            self.assertEqual(self.sqd.status()["open_scan"], scan.uid)
            with self.assertRaisesRegex(Refused, "begin: .*end or abort it first") as caught:
                self.sqd.begin(name="another")
            self.assertEqual((caught.exception.code, caught.exception.command), ("not_allowed", "begin"))
            for _ in range(2):  # two series are one scan
                self.beamline.start(4)
                self.beamline.frames(range(4), self.beamline.images["sample"])
            wait_until(lambda: self.sqd.status()["frames"]["received"] == 8, "all frames")
        result = scan.final(PATIENCE)
        self.assertEqual((result.uid, result.id, result.used, result.parameters, result.is_final), (scan.uid, "glass", 8, {"P_comp": 5.0}, True))
        self.assertEqual(next(r for r in self.sqd.results(PATIENCE) if r.uid == scan.uid and r.is_final).number, result.number)  # it was not taken away

    def test_a_block_that_fails_aborts_its_scan(self):
        with self.assertRaisesRegex(RuntimeError, "the motor stands"), self.sqd.scan(name="broken"):
            raise RuntimeError("the motor stands")
        self.assertNotIn("open_scan", self.sqd.status())
        with self.assertRaisesRegex(NoAnswer, "no final of"):
            self.sqd.wait_final("00000000-0000-0000-0000-000000000000", 0.05)

    def test_choices(self):
        self.assertEqual(self.sqd.background()["use"], "none")
        self.assertEqual(self.sqd.background("latest")["use"], "latest")
        self.assertEqual(self.sqd.background("configured")["use"], "none")
        with self.assertRaises(Refused):
            self.sqd.background(scan="nobody")
        self.beamline.play(name="first")
        first = wait_until(lambda: next((f for f in self.sqd.history() if f["id"] == "first"), None), "the first final")
        self.assertEqual(self.sqd.reference("first")["reference"]["uid"], first["uid"])
        self.beamline.play(name="second")
        second = next(r for r in self.sqd.results(PATIENCE) if r.id == "second" and r.is_final)
        self.assertEqual(second.comparison["reference"]["id"], "first")
        self.assertEqual(second.curve("S_difference").y.shape, second.S.y.shape)
        self.assertIsNone(self.sqd.reference(clear=True)["reference"])
        self.assertEqual(self.sqd.final("first").uid, first["uid"])

    def test_the_other_commands(self):
        self.assertIn("Simulated256", self.sqd.config())
        self.assertLessEqual(set(sqd_client.KINDS), set(self.sqd.describe()["kinds"]))
        # Whatever the service can be asked has a method here.
        for command in self.sqd.describe()["commands"]:
            if command["command"] != "snapshot":
                self.assertTrue(callable(getattr(self.sqd, command["command"], None)), command["command"])
        self.assertEqual(self.sqd.announce(name="soon")["applies_to"], "next")
        self.assertTrue(self.sqd.ask("announce", name="sooner", request="4a4b4c4d-0000-4000-8000-000000000001")["replaced"])
        self.assertTrue(self.sqd.ask("announce", name="sooner", request="4a4b4c4d-0000-4000-8000-000000000001")["replaced"])
        self.assertTrue(self.sqd.announce(points=np.int64(3), monitor=np.ones(3), parameters={"T_comp": np.float64(300)})["replaced"])
        with self.assertRaises(Refused) as caught:
            self.sqd.announce(parameters={"T_comp": float("nan")})  # no JSON: the service cannot read it
        self.assertEqual(caught.exception.code, "bad_request")
        with self.assertRaisesRegex(TypeError, "cannot be sent"):
            self.sqd.announce(parameters={"T_comp": object()})
        self.assertTrue(self.sqd.reset()["ok"])
        self.assertTrue(self.sqd.acknowledge()["ok"])
        with self.assertRaisesRegex(Refused, "acknowledge: .*none of the name"):
            self.sqd.acknowledge("no_such_alarm")

    def test_keys_where_none_are_asked_for(self):
        keys = Keys(self.beamline.folder, watcher="read")
        with self.assertRaisesRegex(AccessDenied, "or does not ask for keys"):
            self.beamline.client(key=keys.directory / "watcher.key", server_key=keys.directory / "server.pub")


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="sqd-test-"))
        cls.keys = Keys(cls.folder, watcher="read", macro="control", stranger=None)
        cls.daemon = cls.enterClassContext(Daemon(cls.keys.config(), keys=cls.keys.of("macro")))

    def client(self, name=None, **options):
        keys = {"key": self.keys.directory / f"{name}.key", "server_key": self.keys.directory / "server.pub"} if name else {}
        return Client(results=self.daemon.results_endpoint, control=self.daemon.control_endpoint, **{"timeout": PATIENCE, **keys, **options})

    def test_a_reader_hears_and_looks_and_changes_nothing(self):
        with self.client("watcher") as sqd:
            joined = sqd.heartbeat["seq"]
            wait_until(lambda: sqd.age >= 0 and sqd.heartbeat["seq"] > joined, "a heartbeat")
            for look in (sqd.status, sqd.config, sqd.describe, sqd.history, sqd.background, sqd.reference):
                look()
            for change in (sqd.announce, sqd.begin, sqd.end, sqd.abort, sqd.reset, sqd.acknowledge, sqd.shutdown, lambda: sqd.background("none")):
                with self.assertRaisesRegex(Refused, "client 'watcher' may only read") as caught:
                    change()
                self.assertEqual(caught.exception.code, "not_allowed")

    def test_who_may_control_does(self):
        with self.client("macro") as sqd:
            self.assertEqual(sqd.announce(name="glass")["applies_to"], "next")

    def test_keys_from_the_environment_as_for_sqd_watch(self):
        code = ("import sqd_client, sys; c = sqd_client.Client(results=sys.argv[1], control=sys.argv[2]); print(c.instance)")
        done = run_python("-c", code, self.daemon.results_endpoint, self.daemon.control_endpoint, SQD_KEY=str(self.keys.directory / "watcher.key"),
                          SQD_SERVER_KEY=str(self.keys.directory / "server.pub"), PYTHONPATH=sqd_client.__file__.rpartition("/")[0])
        self.assertEqual((done.returncode, done.stdout), (0, "simulated\n"), done.stderr)

    def test_who_does_not_come_in_is_told_why(self):
        with self.assertRaisesRegex(AccessDenied, "asks for keys"):
            self.client()
        with self.assertRaisesRegex(AccessDenied, "refused this key"):
            self.client("stranger")
        with self.assertRaisesRegex(AccessDenied, "not the owner of server_key"):
            self.client("watcher", server_key=self.keys.directory / "stranger.pub")
        with self.assertRaisesRegex(sqd_client.SqdError, "go together"):
            self.client("watcher", server_key=None)
        with self.assertRaisesRegex(AccessDenied, "no line 'secret KEY'"):
            self.client("watcher", key=self.keys.directory / "watcher.pub")
        secret = self.keys.directory / "watcher.key"
        open_to_all = self.keys.directory / "open.key"
        open_to_all.write_bytes(secret.read_bytes())
        open_to_all.chmod(0o644)
        with self.assertRaisesRegex(AccessDenied, "chmod 600"):
            self.client("watcher", key=open_to_all)


if __name__ == "__main__":
    unittest.main()
