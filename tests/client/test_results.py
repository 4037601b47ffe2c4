"""The Python client on results: late join, what was lost on the way, a service that comes back, programs that are slow, bounds."""

import json
import os
import unittest

import numpy as np

from beamline import PATIENCE, Beamline, Wire, same, sqd_client, wait_until
from sqd_client import BadMessage, NoAnswer, NotComputed


def headers_of(result):
    return {kind: result[kind].header for kind in result.kinds}


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.beamline = Beamline(replace={"rate_hz: 2": "rate_hz: 10"}, extra="uncertainty: {point_peaks: true}\n")
        cls.addClassCleanup(cls.beamline.close)
        cls.beamline.play(role="background", name="air", frames=8)
        with cls.beamline.client() as sqd:
            cls.air = next(result for result in sqd.results(PATIENCE) if result.is_final)

    def setUp(self):
        self.daemon = self.beamline.daemon

    def client(self, **options):
        return self.enterContext(self.beamline.client(**options))

    def wire(self):
        wire = Wire(self.daemon.results_endpoint)
        self.addCleanup(wire.close)
        return wire

    def behind(self, wire, **options):
        """A client behind the wire that has heard a heartbeat through it: its subscription has arrived."""
        sqd = self.client(results=wire.endpoint, **options)
        joined = sqd.heartbeat["seq"]
        wait_until(lambda: sqd.age >= 0 and sqd.heartbeat["seq"] > joined, "a heartbeat through the wire")
        while sqd.next_result():
            pass
        return sqd

    def hear(self, sqd, final):
        """Listens until a heartbeat tells that the final went out before it."""
        pattern = final["pattern"]
        wait_until(lambda: sqd.age >= 0 and sqd.heartbeat["final_seq"].get(pattern.topic, 0) >= pattern.seq, "a heartbeat after the final")

    def next_final(self, sqd):
        return next(result for result in sqd.results(PATIENCE) if result.is_final)

    def test_one_result_has_it_all_and_a_late_joiner_gets_the_same(self):
        here = self.client()
        self.beamline.play(frames=16, grid=[4, 4], name="ribbon", mount="m7", parameters={"T_comp": 643.0})
        live = next(result for result in here.results(PATIENCE) if result.is_final and result.id == "ribbon")
        self.assertEqual(live.kinds, ("pattern", "sq", "gr", "fsdp", "map"))
        self.assertEqual((live.missing, live.role, live.grid, live.mount, live.parameters), ((), "sample", (4, 4), "m7", {"T_comp": 643.0}))
        self.assertEqual(live.provenance["background"], here.background()["in_use"]["uid"])
        q, S, sigma = live.S
        self.assertTrue((sigma[np.isfinite(S)] > 0).all())
        np.testing.assert_allclose(live.F.y, q * (S - 1), rtol=0, atol=1e-12)  # the definition
        self.assertLess(abs(live.q1 - 2.62), 0.1)
        self.assertEqual((live.unit("q1"), live.unit("G"), live.maps["q1"].shape), ("1/angstrom", "1/angstrom^2", (4, 4)))
        self.assertIn("q1 = ", live.advice["sentence"])

        late = self.client()
        joined = late.next_result()  # at once, without waiting
        same(live, joined)
        # That is what the service itself calls the latest: the messages of `snapshot`, as they are.
        latest = {message.kind: message for message in late.ask("snapshot")["messages"] if message.kind in live.kinds}
        self.assertEqual(headers_of(joined), {kind: message.header for kind, message in latest.items()})
        self.assertIsNone(late.next_result())

    def test_a_late_joiner_gets_finals_whole_when_each_kind_has_another_latest(self):
        self.beamline.play(name="glass")
        sqd = self.client()
        glass = self.next_final(sqd)
        while glass.id != "glass":
            glass = self.next_final(sqd)
        self.beamline.play(role="background", name="air2")  # its pattern is the latest now; S(q) and peak stay those of the glass
        air = self.next_final(sqd)
        late = self.client()
        joined = [late.next_result(every=True), late.next_result(every=True)]
        self.assertEqual([result.id for result in joined], ["glass", "air2"])
        same(joined[0], glass)
        same(joined[1], air)

    def test_only_what_is_asked_for_comes_and_is_whole(self):
        sqd = self.client(kinds=["fsdp"])
        while sqd.next_result():
            pass
        self.beamline.play(name="narrow")
        result = self.next_final(sqd)
        self.assertEqual((result.kinds, result.missing, sqd.lost), (("fsdp",), (), 0))
        with self.assertRaisesRegex(NotComputed, "S: not in this final sample; it has fsdp"):
            result.S

    def test_kinds_that_were_lost_are_fetched_at_once(self):
        wire = self.wire()
        sqd = self.behind(wire)
        wire.lose = lambda kind, header: kind in ("sq", "fsdp")
        self.beamline.play(name="torn")
        result = self.next_final(sqd)
        self.assertGreaterEqual(wire.lost, 2)
        self.assertEqual((result.id, result.missing), ("torn", ()))
        same(result, sqd.final(result.uid))

    def test_finals_that_were_lost_whole_are_fetched_once_and_in_order(self):
        wire = self.wire()
        sqd = self.behind(wire)
        wire.lose = lambda kind, header: True  # heartbeats as well
        names = [f"unheard{number}" for number in range(3)]
        for name in names:
            self.beamline.play(name=name)
        wait_until(lambda: self.daemon.ask("history")["finals"][-1]["id"] == names[-1], "the last final")
        wire.lose = lambda kind, header: False
        found = [self.next_final(sqd) for _ in names]
        self.assertEqual([result.id for result in found], names)
        for result in found:
            same(result, sqd.final(result.uid))
        self.beamline.play(name="heard")
        self.assertEqual(self.next_final(sqd).id, "heard")
        self.assertGreaterEqual(sqd.recovered, 3 * 4)
        starts = [event["scan"]["id"] for event in sqd.events if event["event"] == "start"]
        self.assertEqual(starts[-4:], [*names, "heard"])  # series events, too

    def test_partials_that_were_lost_are_counted_and_no_half_of_one_is_given(self):
        wire = self.wire()
        sqd = self.behind(wire)
        wire.lose = lambda kind, header: kind == "sq" and json.loads(header)["state"] == "partial"
        sent = self.beamline.feed_until(lambda: wire.lost > 2, "partials without S")
        lost = wire.lost
        result = next(sqd.results(PATIENCE, every=True))
        while not result.is_final:
            self.assertEqual(result.missing, ())
            result = next(sqd.results(PATIENCE, every=True))
        self.assertEqual((result.missing, result.used), ((), sent))
        self.assertGreaterEqual(sqd.lost + sqd.recovered, lost)

    def test_a_slow_program_is_not_behind(self):
        sqd = self.client(most_waiting=3)
        while sqd.next_result():
            pass
        self.beamline.feed_until(lambda: not sqd.stale and sqd.dropped > 2, "more results than are kept")  # it listens, and takes nothing
        uid = sqd.events[-1]["scan"]["uid"]
        final = sqd.wait_final(uid, PATIENCE)
        self.hear(sqd, final)
        waiting = []
        while result := sqd.next_result(every=True):
            waiting.append(result)
        self.assertLessEqual(len(waiting), 3)
        same(waiting[-1], final)

    def test_of_partials_that_wait_only_the_newest_is_given(self):
        sqd, every = self.client(), self.client()
        for each in (sqd, every):
            while each.next_result():
                pass
        numbers = []

        def heard():
            if result := every.next_result(every=True):
                numbers.append(result.number)
            return len(numbers) > 2

        self.beamline.feed_until(heard, "three partials")
        self.assertEqual(numbers, sorted(set(numbers)))
        final = every.wait_final(every.events[-1]["scan"]["uid"], PATIENCE)
        self.hear(sqd, final)
        same(sqd.next_result(PATIENCE), final)  # no partial before it
        self.assertIsNone(sqd.next_result())

    def test_the_client_closes(self):
        before = len(os.listdir("/proc/self/fd"))
        with self.beamline.client() as sqd:
            self.assertFalse(sqd.stale)
            during = len(os.listdir("/proc/self/fd"))
        self.assertGreater(during, before)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        sqd.close()  # once more does nothing
        with self.assertRaises(ZeroDivisionError), self.beamline.client():
            1 / 0
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_errors_say_what_to_do(self):
        sqd = self.client(kinds=["fsdp"])
        while sqd.next_result():
            pass
        with self.assertRaisesRegex(NoAnswer, "no result in 0.05 s [(](ready|running): "):
            next(sqd.results(0.05))
        with self.assertRaisesRegex(sqd_client.Refused, "announce: .*colour") as caught:
            sqd.announce(colour="red")
        self.assertEqual(caught.exception.code, "bad_value")
        with self.assertRaisesRegex(sqd_client.SqdError, "kinds"):
            self.beamline.client(kinds=["sofq"])
        with self.assertRaisesRegex(sqd_client.SqdError, "endpoint is like"):
            self.beamline.client(control="nonsense")
        with self.assertRaisesRegex(NoAnswer, "no answer in 0.1 s"):
            self.beamline.client(control="tcp://127.0.0.1:9", timeout=0.1)
        with self.assertRaisesRegex(NotComputed, "no_such_number: not in this final background; it has pattern"):
            self.air.value("no_such_number")
        with self.assertRaisesRegex(NotComputed, "no curve is called"):
            self.air.curve("Sq")
        self.assertEqual(("S" in self.air, "I" in self.air, "q1" in self.air, "pattern" in self.air), (False, True, False, True))


class Messages(unittest.TestCase):
    GOOD = [b"i/sq/", json.dumps({"schema": "sqd.sq/1.0", "epoch": "e", "seq": 1, "arrays": [{"name": "q", "unit": "", "dtype": "<f8", "shape": [2]}]}).encode(), bytes(16)]

    def header(self, **changes):
        return [self.GOOD[0], json.dumps({**json.loads(self.GOOD[1]), **changes}).encode(), self.GOOD[2]]

    def test_what_is_no_message_is_told(self):
        message = sqd_client.parse_message(self.GOOD)
        self.assertEqual((message.kind, message.seq, message["q"].tolist()), ("sq", 1, [0, 0]))
        with self.assertRaises(ValueError):
            message["q"][0] = 1  # what came is not to be changed
        array = {"name": "q", "unit": "", "dtype": "<f8", "shape": [2]}
        for parts in ([], self.GOOD[:1], [b"x", b"not json", b""], [b"x", b"[]"], self.GOOD[:2], [*self.GOOD, b""], self.header(schema="sqd.sq/2.0"),
                      self.header(schema="other"), self.header(arrays=[{**array, "shape": [3]}]), self.header(arrays=[{**array, "dtype": "O"}]),
                      self.header(arrays=[{**array, "dtype": "nonsense"}]), self.header(arrays=[{}])):
            with self.subTest(parts=parts), self.assertRaises(BadMessage):
                sqd_client.parse_message(parts)


    def test_a_result_is_whole_newer_and_given_once(self):
        def message(kind, number, state="partial", epoch="e"):
            header = {"schema": f"sqd.{kind}/1.0", "epoch": epoch, "seq": number, "scan": {"uid": "u"}, "result": number, "state": state, "kinds": ["pattern", "sq", "gr"]}
            return sqd_client.Message(f"i/{kind}/", header, {})

        def given(results):
            return [(result.number, result.missing) for result in results]

        made = sqd_client._Assembler(("pattern", "sq"))  # gr is not asked for
        self.assertEqual(given(made.add(message("pattern", 3))), [])
        self.assertEqual(given(made.add(message("sq", 3))), [(3, ())])
        self.assertEqual(given(made.add(message("pattern", 2))) + given(made.add(message("sq", 2))), [])  # older: fetched late
        self.assertEqual(given(made.add(message("pattern", 3))) + given(made.add(message("sq", 3))), [])  # once more
        made.add(message("pattern", 4))
        self.assertEqual(given(made.flush()), [])  # half a partial is none
        made.add(message("pattern", 5, "final"))
        self.assertEqual(given(made.flush()), [(5, ("sq",))])  # a final is what there is of it
        self.assertEqual(given(made.add(message("pattern", 1, epoch="after"))) + given(made.add(message("sq", 1, epoch="after"))), [(1, ())])
        for number in range(100, 200):
            made.add(message("pattern", number))
        self.assertLessEqual(len(made.open), 17)


class Restart(unittest.TestCase):
    def test_a_service_that_comes_back_is_joined_again_and_nothing_is_missed(self):
        beamline = Beamline(replace={"background: {use: latest}": "background: {use: none}"})
        self.addCleanup(beamline.close)
        wire = Wire(beamline.daemon.results_endpoint)
        self.addCleanup(wire.close)
        with beamline.client(results=wire.endpoint, stale_after=1.2) as sqd:
            first_epoch = sqd.epoch
            beamline.play(name="before")
            self.assertEqual(next(r for r in sqd.results(PATIENCE) if r.is_final).id, "before")
            wire.lose = lambda kind, header: True
            beamline.play(name="unheard")
            wait_until(lambda: beamline.daemon.ask("history")["finals"][-1]["id"] == "unheard", "its final")
            kept = sqd.final("unheard")
            self.assertTrue(kept.durable)
            beamline.daemon.process.kill()
            beamline.daemon.process.wait()
            with self.assertRaisesRegex(NoAnswer, "no answer in"):
                sqd.ask("announce", name="too late", timeout=0.1)
            wait_until(lambda: sqd.stale, "no heartbeat to be noticed")
            beamline.again()
            wire.lose = lambda kind, header: False
            beamline.play(name="after")
            found = [next(r for r in sqd.results(PATIENCE) if r.is_final) for _ in range(2)]
            self.assertEqual([r.id for r in found], ["unheard", "after"])
            same(found[0], kept)
            self.assertEqual([r.header["epoch"] for r in found], [first_epoch, sqd.epoch])
            self.assertNotEqual(first_epoch, sqd.epoch)
            self.assertEqual((sqd.restarts, sqd.stale, sqd.next_result()), (1, False, None))
            self.assertFalse(sqd.status()["announcement_pending"])  # what was asked of the one that is gone is not asked of the next
            sqd.shutdown()
            self.assertEqual(beamline.daemon.finish(), 0)


if __name__ == "__main__":
    unittest.main()
