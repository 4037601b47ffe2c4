"""The tap of a running daemon: a file writer or viewer behind it gets every message as the detector sent it, and can hold nothing up."""

import unittest

import numpy as np
import zmq

from sqd_testing import PATIENCE, Daemon, Sender, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)


def series(number, frames, seed):
    random = np.random.default_rng(seed)
    pictures = (random.integers(0, 60000, SHAPE, np.uint32) for _ in range(frames))
    images = [v1_image(number, i, picture) for i, picture in enumerate(pictures)]
    return [v1_header(number, SHAPE, nimages=frames, photon_energy=68500.0), *images, v1_end(number)]


class TapOfDaemon(unittest.TestCase):
    def setUp(self):
        directory = temporary()
        self.addCleanup(directory.cleanup)
        self.sender = self.enterContext(Sender())
        self.directory = directory.name

    def daemon(self, tap):
        config = station("simulated", self.directory, replace={"background: {use: latest}": "background: {use: none}"})
        set_source(config, self.sender.endpoint)
        text = config.read_text()
        self.assertEqual(text.count("\nsource:\n"), 1)
        config.write_text(text.replace("\nsource:\n", f"\nsource:\n  tap: {tap}\n"))
        return self.enterContext(Daemon(config))

    def receiver(self, daemon, kind, high_water=0):
        context = zmq.Context()
        self.addCleanup(context.term)
        socket = context.socket(kind)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.RCVHWM, high_water)
        if kind == zmq.SUB:
            socket.setsockopt(zmq.SUBSCRIBE, b"")
        events = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        socket.connect(daemon.wait_line("tap "))
        self.assertTrue(events.poll(PATIENCE * 1000))
        socket.disable_monitor()
        events.close(0)
        return socket

    def receive(self, socket, patience=PATIENCE):
        return socket.recv_multipart() if socket.poll(patience * 1000) else None

    def greet(self, daemon, socket):
        """A subscription takes its time: messages without meaning until one arrives. Returns how many were sent."""
        for sent in range(1, 10 * PATIENCE):
            self.sender.send([b"hello %d" % sent])
            if socket.poll(100):
                break
        daemon.wait_status(lambda s: s["counters"]["tap_sent"] + s["counters"]["tap_dropped"] == sent, "all greetings")
        last = None
        while last != [b"hello %d" % sent]:
            last = self.receive(socket)
            self.assertIsNotNone(last)
        return sent

    def test_every_message_is_passed_on_byte_for_byte(self):
        for kind, name in ((zmq.PULL, "push"), (zmq.SUB, "pub")):
            with self.subTest(name):
                daemon = self.daemon(f"{{bind: \"tcp://127.0.0.1:0\", socket: {name}}}")
                writer = self.receiver(daemon, kind)
                greetings = self.greet(daemon, writer)
                messages = series(7, 30, seed=1)
                messages.insert(5, [b"not JSON", b"", b"\0\1\2"])  # what this program cannot read, another may
                for message in messages:
                    self.sender.send(message)
                for message in messages:
                    self.assertEqual(self.receive(writer), message)
                header, _ = daemon.wait_final("pattern", 7)
                self.assertEqual(header["frames"]["used"], 30)
                counters = daemon.counters()
                self.assertEqual(counters["messages"], len(messages) + greetings)
                self.assertEqual(counters["tap_sent"] + counters["tap_dropped"], counters["messages"])
                self.assertEqual(daemon.stop(), 0)

    def test_a_writer_that_reads_nothing_costs_its_messages_only(self):
        daemon = self.daemon('{bind: "tcp://127.0.0.1:0", queue_messages: 2}')
        writer = self.receiver(daemon, zmq.PULL, high_water=1)
        messages = series(8, 300, seed=2)  # more than what sockets hold between the two
        for message in messages:
            self.sender.send(message)
        header, _ = daemon.wait_final("pattern", 8)
        self.assertEqual((header["frames"]["used"], header["frames"]["missing"]), (300, 0))
        counters = daemon.wait_status(lambda s: s["counters"]["messages"] == len(messages), "all messages")["counters"]
        self.assertGreater(counters["tap_dropped"], 0)
        self.assertEqual(counters["tap_sent"] + counters["tap_dropped"], len(messages))
        came = [self.receive(writer) for _ in range(counters["tap_sent"])]
        places = [messages.index(message) for message in came]
        self.assertEqual(places, sorted(set(places)))  # whole messages, in order
        self.assertIn("tap", [alarm["name"] for alarm in daemon.ask("status")["alarms"]])
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
