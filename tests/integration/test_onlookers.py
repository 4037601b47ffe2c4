#!/usr/bin/env python3
"""Twenty pages look on while a scan is taken, five of them never read: no frame is lost, the others see the final, the five cost what is stated and go."""

import unittest

from onlookers import SMALLEST, Audience, look_on, message_header
from sqd_testing import SMALL, Process, check_durable, temporary
from test_flood import resident_MB
from test_web import WebDaemon, web_station

READERS, IDLE = 15, 5
FRAMES, RATE = (360, 120) if not SMALL else (60, 20)
SAMPLE = 2  # its series, after the background
KINDS = ("pattern", "sq", "fsdp", "gr")
HELD_BYTES = 256 << 10  # of the system for a connection, daemon/web/README.md
MESSAGE_BYTES = 128 << 10  # more than one message of this configuration has


def taken_by(idle):
    """What the system held for it: all that can still be read."""
    count = 0
    try:
        while piece := idle.recv(1 << 20):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count


class Onlookers(unittest.TestCase):
    def test_twenty_of_which_five_never_read(self):
        finals = [{} for _ in range(READERS)]

        def keep(i, message):
            header = message_header(message)
            if header.get("state") == "final" and header["scan"]["series_id"] == SAMPLE:
                finals[i][header["schema"].split("/")[0][4:]] = header

        with temporary() as directory:
            config = web_station(directory, **{"connect: tcp://127.0.0.1:9999": "bind: tcp://127.0.0.1:0", "npt: 348": "npt: 2000", "r_step_A: 0.02": "r_step_A: 0.005",
                                               "rate_hz: 2": "rate_hz: 10"})
            with WebDaemon(config) as daemon:
                idle = [look_on(daemon.port, SMALLEST) for _ in range(IDLE)]
                audience = Audience(daemon.port, READERS, keep)
                self.addCleanup(audience.close)
                for one in idle:
                    self.addCleanup(one.close)
                self.assertEqual(daemon.wait_metrics(lambda m: m["sqd_web_viewers", ()] == READERS + IDLE, "all look on")["sqd_web_viewers_dropped_total", ()], 0)
                grown = self.scan(daemon, config)
                self.check(daemon, idle, audience, finals, grown)
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])

    def scan(self, daemon, config):
        """No frame is lost. Returns by how much memory grew [MB]."""
        pid = daemon.process.pid
        before, memory = resident_MB(pid), []

        def is_final(message):
            memory.append(resident_MB(pid))
            return message[0]["schema"].startswith("sqd.pattern/") and message[0].get("state") == "final" and message[0]["scan"]["series_id"] == SAMPLE

        with Process("simulate", "-c", config, "--connect", daemon.source_endpoint, "--wait", 60, "--scans", f"background:{RATE // 4},sample:{FRAMES}", "--rate", RATE, "--exposure", 0.005, "--prepared", 8) as detector:
            header, _ = daemon.wait(is_final, "the final")
            self.assertEqual(detector.finish(), 0)
        self.assertEqual((header["frames"]["used"], header["frames"]["missing"], header["frames"]["rejected"]), (FRAMES, 0, 0))
        check_durable(header)
        self.assertEqual(daemon.counters()["lost_overload"], 0)
        return max(memory) - before

    def check(self, daemon, idle, audience, finals, grown):
        """Those who never read are dropped in time, and counted; the others are still there, and have what was published."""
        for kind in KINDS:
            published, _ = daemon.wait_final(kind, SAMPLE)
            for i in range(READERS):
                daemon.wait_metrics(lambda _: finals[i].get(kind, {}).get("seq") == published["seq"], f"the final {kind} at reader {i}")
        # A slow build may say less than the system holds for them: then it is the ping that they do not answer.
        metrics = daemon.wait_metrics(lambda m: m["sqd_web_viewers_dropped_total", ()] == IDLE, "those who never read are dropped")
        self.assertEqual(metrics["sqd_web_viewers", ()], READERS)
        self.assertEqual(audience.closed, 0)
        told, held = audience.onlookers[0].bytes, max(taken_by(one) for one in idle)
        print(f"{FRAMES} of {FRAMES} frames; {READERS} were told {min(one.messages for one in audience.onlookers)} messages or more, {told / 1e6:.1f} MB each; "
              f"for one who never read {held / 1e3:.0f} kB were held; memory grew by {grown:.0f} MB")
        self.assertLess(held, HELD_BYTES + MESSAGE_BYTES)
        if not SMALL:  # a sanitizer shows fewer results, and its own memory says nothing
            self.assertGreater(told, 4 * held, "too little was said to tell them apart")
            self.assertLess(grown, 60)


if __name__ == "__main__":
    unittest.main()
