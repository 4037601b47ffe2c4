"""Control: every command, every refusal; heartbeat and snapshot agree; what a repeated request does."""

import json
import unittest

import numpy as np
import zmq

from sqd_testing import PATIENCE, Daemon, Sender, check_durable, check_header, set_source, station, temporary, v1_end, v1_header, v1_image


class Control(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = temporary()
        cls.sender = Sender()
        config = station("simulated", cls.directory.name)
        set_source(config, cls.sender.endpoint)
        cls.daemon = Daemon(config)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.sender.close()
        cls.directory.cleanup()

    def test_1_ping_status_config_describe(self):
        self.assertTrue(self.daemon.ask("ping")["ok"])
        status = self.daemon.wait_status(lambda s: s["state"] == "ready", "the source to be there")
        self.assertEqual(status["alarms"], [])
        config = self.daemon.ask("config")
        self.assertIn("Simulated256", config["yaml"])
        self.assertEqual(len(config["sha256"]), 64)
        names = {c["command"] for c in self.daemon.ask("describe")["commands"]}
        self.assertLessEqual({"ping", "status", "config", "describe", "announce", "snapshot", "shutdown"}, names)

    def test_2_refusals_name_what_is_wrong(self):
        for text, code in ((b"not json", "bad_request"), (b"[]", "bad_request"), (b'{"id":1}', "bad_request"), (b'{"command":"dance"}', "unknown_command"),
                           (b'{"command":"announce","role":"smaple"}', "bad_value"), (b'{"command":"announce","colour":"red"}', "bad_value")):
            self.daemon.client.send(text)
            self.assertTrue(self.daemon.client.poll(30000), text)
            reply = json.loads(self.daemon.client.recv())
            self.assertFalse(reply["ok"])
            self.assertEqual(reply["error"]["code"], code, text)

    def test_3_a_background_is_announced_and_the_sample_uses_it(self):
        first = self.daemon.ask("announce", role="sample", name="never")
        self.assertEqual((first["applies_to"], first["replaced"]), ("next", False))
        second = self.daemon.ask("announce", role="background", name="air", points=4)
        self.assertTrue(second["replaced"])
        random = np.random.default_rng(3)

        def play(series, mean, appendix=None):
            header = v1_header(series, (256, 256), nimages=4, photon_energy=68500.0, threshold_energy=20000.0)
            if appendix:
                header.append(json.dumps(appendix).encode())
            self.sender.send(header)
            for i in range(4):
                self.sender.send(v1_image(series, i, random.poisson(mean, (256, 256)).astype(np.uint32)))
            self.sender.send(v1_end(series))
            return self.daemon.wait_final("pattern", series)

        header, arrays = play(1, 2)
        check_header(header)
        self.assertEqual((header["scan"]["role"], header["scan"]["id"]), ("background", "air"))
        check_durable(header)
        background = header["scan"]["uid"]
        header, arrays = play(2, 20, {"role": "sample", "name": "glass", "mount": "m1"})
        self.assertEqual((header["scan"]["role"], header["scan"]["id"]), ("sample", "glass"))
        self.assertEqual(header["provenance"]["background"], background)
        scale = header["values"]["background_scale"]
        good = np.isfinite(arrays["I"])
        np.testing.assert_allclose(arrays["net"][good], (arrays["I"] - scale * arrays["background"])[good], rtol=1e-12)
        self.daemon.wait_final("sq", 2)

    def test_4_a_late_joiner_gets_the_latest_of_every_topic(self):
        self.daemon.wait_final("sq", 2)
        reply, parts = self.daemon.ask("snapshot")
        topics, position = {}, 0
        for entry in reply["messages"]:
            header, arrays = self.daemon.parse(parts[position:position + entry["parts"]])
            self.assertEqual(header["seq"], entry["seq"])
            topics[entry["topic"]] = header
            position += entry["parts"]
        self.assertEqual(position, len(parts))
        self.assertLessEqual({"simulated/pattern/", "simulated/sq/", "simulated/status/", "simulated/series/"}, set(topics))
        published = max(m[0]["seq"] for m in self.daemon.messages if m[0]["topic"] == "simulated/sq/")
        self.assertEqual(topics["simulated/sq/"]["seq"], published)

    def test_5_sequence_numbers_have_no_gap_and_the_heartbeat_names_the_latest(self):
        self.daemon.wait_final("sq", 2)
        seen = {}
        for header, _ in self.daemon.messages:
            if header["topic"] in seen:
                self.assertEqual(header["seq"], seen[header["topic"]] + 1, header["topic"])
            seen[header["topic"]] = header["seq"]
        status = self.daemon.ask("status")
        self.assertEqual(status["latest_seq"]["simulated/sq/"], seen["simulated/sq/"])

    def test_6_a_repeated_request_acts_once(self):
        request = "6f6b6f1e-0000-4000-8000-000000000001"
        first = self.daemon.ask("announce", name="once", request=request)
        self.assertFalse(first["replaced"])
        again = self.daemon.ask("announce", name="once", request=request)
        self.assertFalse(again["replaced"])  # had it acted again, it would have replaced the first

    def test_7_no_request_is_too_much(self):
        def refused(text):
            self.daemon.client.send(text)
            self.assertTrue(self.daemon.client.poll(PATIENCE * 1000))
            self.assertEqual(json.loads(self.daemon.client.recv())["error"]["code"], "bad_request")

        refused(b"[" * 400000)
        refused(b'{"command":"ping","id":' + b"[" * 200000 + b"]" * 200000 + b"}")
        refused(json.dumps({"command": "ping", "id": "x" * 300}).encode())
        many = {"command": "ping", **{f"key{i:05}": 0 for i in range(50000)}}
        self.daemon.client.send(json.dumps(many).encode())
        self.assertTrue(self.daemon.client.poll(PATIENCE * 1000))
        self.assertTrue(json.loads(self.daemon.client.recv())["ok"])

    def test_8_a_request_of_more_than_a_mebibyte_is_not_even_read(self):
        other = self.daemon.context.socket(zmq.DEALER)
        other.setsockopt(zmq.LINGER, 0)
        monitor = other.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        other.connect(self.daemon.control_endpoint)
        other.send(json.dumps({"command": "ping", "id": 1, "filler": "x" * (1 << 20)}).encode())
        self.assertTrue(monitor.poll(PATIENCE * 1000), "the daemon did not hang up")
        other.disable_monitor()
        monitor.close(0)
        other.close(0)
        self.assertTrue(self.daemon.ask("ping")["ok"])

    def test_9_shutdown_ends_the_program_orderly(self):
        self.assertTrue(self.daemon.ask("shutdown")["ok"])
        self.assertEqual(self.daemon.finish(), 0)


if __name__ == "__main__":
    unittest.main()
