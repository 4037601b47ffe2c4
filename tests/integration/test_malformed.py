"""Hostile and broken messages into a running daemon: each counted, reported once, nothing of it left in the sums, the next series normal."""

import json
import unittest

import numpy as np

from sqd_testing import Daemon, Sender, bslz4, check_header, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
ENERGY = {"photon_energy": 68500.0}


def images(n, seed=1):
    random = np.random.default_rng(seed)
    return [random.poisson(3, SHAPE).astype(np.uint32) for _ in range(n)]


class Malformed(unittest.TestCase):
    """One daemon for all: what one test leaves behind would break the next."""

    @classmethod
    def setUpClass(cls):
        cls.directory = temporary()
        cls.sender = Sender()
        config = station("simulated", cls.directory.name, replace={"background: {use: latest}": "background: {use: none}"})
        set_source(config, cls.sender.endpoint)
        cls.daemon = Daemon(config)
        cls.series = 0

    @classmethod
    def tearDownClass(cls):
        code = cls.daemon.stop()
        cls.daemon.__exit__()
        cls.sender.close()
        cls.directory.cleanup()
        assert code == 0, code

    def play(self, pictures, spoil=lambda messages: messages, nimages=None):
        """Sends a series whose messages `spoil` may change; returns the final pattern and the counters' growth."""
        cls = type(self)
        cls.series += 1
        before = self.daemon.counters()
        messages = [v1_image(cls.series, i, picture) for i, picture in enumerate(pictures)]
        self.sender.send(v1_header(cls.series, SHAPE, nimages=nimages or len(pictures), **ENERGY))
        for message in spoil(messages):
            self.sender.send(message)
        self.sender.send(v1_end(cls.series))
        header, arrays = self.daemon.wait_final("pattern", cls.series)
        check_header(header)
        after = self.daemon.counters()
        return header, arrays, {k: after[k] - before[k] for k in after}

    def reference(self, pictures):
        """The pattern of these pictures alone."""
        header, arrays, _ = self.play(pictures)
        self.assertEqual(header["frames"]["used"], len(pictures))
        return arrays["I"]

    def assert_next_is_normal(self):
        pictures = images(3, seed=9)
        header, arrays, grown = self.play(pictures)
        self.assertEqual(header["state"], "final")
        self.assertEqual(header["frames"]["used"], 3)
        self.assertEqual(sum(v for k, v in grown.items() if k.startswith("bad_")), 0)

    def check_dropped(self, spoil_one, counters):
        """The image in the middle is spoiled: counted under one of `counters`, the result equals that of the others alone."""
        pictures = images(5)
        want = self.reference(pictures[:2] + pictures[3:])

        def spoil(messages):
            messages[2] = spoil_one(messages[2])
            return messages

        header, arrays, grown = self.play(pictures, spoil)
        self.assertEqual(header["frames"]["used"], 4, header["frames"])
        self.assertEqual(sum(grown[c] for c in counters), 1, grown)
        np.testing.assert_array_equal(arrays["I"], want)
        self.assert_next_is_normal()

    def test_first_part_is_no_json(self):
        self.check_dropped(lambda m: [b"{garbage", *m[1:]], ["bad_malformed"])

    def test_first_part_names_an_unknown_type(self):
        self.check_dropped(lambda m: [b'{"htype":"dnothing-9.0","series":1}', *m[1:]], ["bad_malformed", "bad_unsupported"])

    def test_first_part_is_binary(self):
        self.check_dropped(lambda m: [bytes(range(256)), *m[1:]], ["bad_malformed"])

    def test_second_part_is_no_json(self):
        self.check_dropped(lambda m: [m[0], b"\xff\xfe", *m[2:]], ["bad_malformed"])

    def test_second_part_lacks_its_keys(self):
        self.check_dropped(lambda m: [m[0], b'{"htype":"dimage_d-1.0"}', *m[2:]], ["bad_malformed"])

    def test_third_part_is_missing(self):
        self.check_dropped(lambda m: m[:2], ["bad_malformed", "bad_truncated"])

    def test_third_part_is_empty(self):
        self.check_dropped(lambda m: [m[0], m[1], b"", m[3]], ["bad_malformed", "bad_truncated", "bad_mismatch"])

    def test_third_part_is_cut_short(self):
        self.check_dropped(lambda m: [m[0], m[1], m[2][:-100], m[3]], ["bad_malformed", "bad_truncated", "bad_mismatch"])

    def test_unknown_encoding(self):
        def spoil(m):
            second = json.loads(m[1])
            second["encoding"] = "zstd<"
            return [m[0], json.dumps(second).encode(), m[2], m[3]]
        self.check_dropped(spoil, ["bad_unsupported"])

    def test_shape_of_another_detector(self):
        wrong = np.ones((128, 256), np.uint32)
        pictures = images(5)
        want = self.reference(pictures[:2] + pictures[3:])

        def spoil(messages):
            messages[2] = v1_image(type(self).series, 2, wrong)
            return messages

        header, arrays, grown = self.play(pictures, spoil)
        self.assertEqual(header["frames"]["rejected_by"], {"shape": 1})
        self.assertEqual(grown["frames_rejected"], 1)
        np.testing.assert_array_equal(arrays["I"], want)
        self.assert_next_is_normal()

    def test_a_size_that_the_bytes_do_not_have(self):
        def spoil(m):
            second = json.loads(m[1])
            second["shape"] = [2**31, 2**31]
            return [m[0], json.dumps(second).encode(), m[2], m[3]]
        self.check_dropped(spoil, ["bad_oversized", "bad_mismatch", "bad_malformed"])

    def test_too_many_parts(self):
        self.check_dropped(lambda m: m + [b"x"] * 50, ["bad_oversized", "bad_malformed"])

    def test_a_blob_corrupt_in_each_tile_in_turn(self):
        pictures = images(3, seed=4)
        want = self.reference([pictures[0], pictures[2]])
        payload = bslz4(pictures[1])
        # Walk the blocks: 12 bytes of header, then length-prefixed LZ4 blocks. A length that lies breaks just that block.
        position, tile = 12, 0
        while position < len(payload):
            size = int.from_bytes(payload[position:position + 4], "big")
            broken = bytearray(payload)
            broken[position + 4:position + 4 + size] = b"\xff" * size  # no LZ4 sequence begins so
            def spoil(messages):
                messages[1] = v1_image(type(self).series, 1, pictures[1], payload=bytes(broken))
                return messages
            header, arrays, grown = self.play(pictures, spoil)
            self.assertEqual(header["frames"]["used"], 2, (tile, header["frames"]))
            self.assertEqual(header["frames"]["rejected_by"], {"decode": 1}, tile)
            np.testing.assert_array_equal(arrays["I"], want, f"tile {tile}")
            position += 4 + size
            tile += 1
        self.assertEqual(tile, 256 * 256 // 2048)
        self.assert_next_is_normal()

    def test_reported_once_not_per_message(self):
        before = len([e for e in self.daemon.errors if "malformed" in e])
        pictures = images(2)

        def spoil(messages):
            return [messages[0]] + [[b"{bad"]] * 200 + [messages[1]]

        header, _, grown = self.play(pictures, spoil)
        self.assertEqual(grown["bad_malformed"], 200)
        self.assertEqual(header["frames"]["used"], 2)
        after = len([e for e in self.daemon.errors if "malformed" in e])
        self.assertLessEqual(after - before, 1)
        alarm = next(a for a in self.daemon.ask("status")["alarms"] if a["name"] == "bad_message_malformed")
        self.assertGreaterEqual(alarm["count"], 200)
        self.assertIn("source.kind is dectris_stream1", alarm["message"])

    def test_another_protocol_is_told_by_its_name(self):
        self.play(images(2), lambda messages: [messages[0], [bytes.fromhex("d9d9f7a16474797065656e646f66")], messages[1]])
        alarm = next(a for a in self.daemon.ask("status")["alarms"] if a["name"].startswith("bad_message_") and a["active"])
        self.assertIn("set source.kind to dectris_stream2", alarm["message"])


if __name__ == "__main__":
    unittest.main()
