#!/usr/bin/env python3
"""The web part of the real binary: health, metrics, status, who is let in, and what a slow or hostile client costs."""

import http.client
import json
import pathlib
import re
import socket
import time
import unittest

import numpy as np

from sqd_testing import PATIENCE, Daemon, Process, Sender, set_source, station, temporary, v1_end, v1_header, v1_image, viewer_messages

SHAPE = (256, 256)


class WebDaemon(Daemon):
    """A daemon whose web part listens at a port of the system's choice."""

    def __init__(self, config, *arguments):
        super().__init__(config, *arguments)
        self.host, port = self.wait_line("web http://").rsplit(":", 1)
        self.port = int(port)
        deadline = time.monotonic() + PATIENCE  # all loops turn a moment after the first heartbeat
        while self.http("GET", "/healthz")[0] != 200:
            assert time.monotonic() < deadline, self.http("GET", "/healthz")

    def http(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def metrics(self):
        """{(name, labels): value}, checked line by line."""
        status, headers, body = self.http("GET", "/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers
        out, typed = {}, set()
        for line in body.decode().splitlines():
            if line.startswith("# TYPE "):
                typed.add(line.split()[2])
            if line.startswith("#"):
                continue
            found = re.fullmatch(r'([a-z_]+)(\{(?:[a-z]+="[^"]*",?)+\})? (\S+)', line)
            assert found, line
            name = found[1]
            assert name in typed or re.sub("_(bucket|sum|count)$", "", name) in typed, line
            labels = tuple(re.findall(r'([a-z]+)="([^"]*)"', found[2] or ""))
            assert (name, labels) not in out, line
            out[name, labels] = float(found[3])
        return out

    def wait_metrics(self, wanted, what):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                metrics = self.metrics()
                if wanted(metrics):
                    return metrics
            except ConnectionResetError:  # it has not noticed yet that others have gone
                pass
            self.subscriber.poll(100)
            while self.subscriber.poll(0):
                self.messages.append(self.parse(self.subscriber.recv_multipart()))
        raise AssertionError(f"{what}: not in {PATIENCE} s")

    def raw(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)


def web_station(directory, **replace):
    return station("simulated", directory, replace={"web: {listen: none}": 'web: {listen: "127.0.0.1:0"}', **replace})


def read_all(sock):
    out = b""
    try:
        while piece := sock.recv(65536):
            out += piece
    except ConnectionResetError:
        pass
    return out


class Web(unittest.TestCase):
    def test_pages_of_a_run(self):
        rng = np.random.default_rng(5)
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon:
                status, headers, body = daemon.http("GET", "/healthz")
                health = json.loads(body)
                self.assertEqual((status, health["status"], body.count(b"\n")), (200, "ok", 1))
                self.assertEqual(set(health["loops"]), {"processing", "service", "archive"})
                for name, value in {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}.items():
                    self.assertEqual(headers[name], value)
                self.assertTrue(headers["Content-Security-Policy"].startswith("default-src 'none'"))

                image = rng.poisson(20, SHAPE).astype("u4")
                sender.send(v1_header(3, SHAPE, nimages=4))
                for i in range(3):
                    sender.send(v1_image(3, i, image))
                metrics = daemon.wait_metrics(lambda m: m.get(("sqd_scan_frames", (("of", "received"),))) == 3, "three frames")
                self.assertEqual(metrics["sqd_scan_frames", (("of", "expected"),)], 4)
                self.assertEqual(metrics["sqd_scan_frames", (("of", "pending"),)], 1)
                self.assertEqual(metrics["sqd_state", (("state", "running"),)], 1)
                sender.send(v1_image(3, 3, image))
                sender.send(v1_end(3))
                daemon.wait_final("pattern", 3)
                metrics = daemon.wait_metrics(lambda m: m["sqd_series_finished_total", ()] == 1 and m["sqd_results_archived_total", ()] == 1,
                                              "the final in the books")
                self.assertEqual(metrics["sqd_images_total", ()], 4)
                final = metrics["sqd_result_latency_seconds_count", (("state", "final"),)]
                self.assertEqual(final, 1)
                self.assertEqual(metrics["sqd_result_latency_seconds_bucket", (("state", "final"), ("le", "+Inf"))], final)
                self.assertGreater(metrics["process_resident_memory_bytes", ()], 1e6)
                self.assertGreater(metrics["process_threads", ()], 4)
                self.assertGreater(metrics["sqd_disk_free_bytes", (("disk", "archive"),)], 0)
                self.assertGreater(metrics["sqd_queue_high_water_bytes", ()], 0)
                counters = daemon.counters()
                for name, value in counters.items():
                    if not name.endswith("_free_bytes"):
                        self.assertEqual(metrics[f"sqd_{name}_total", ()], value, name)

                status, _, body = daemon.http("GET", "/api/v1/status")
                self.assertEqual(status, 200)
                self.assertEqual(set(json.loads(body)["counters"]), set(counters))
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])

    def test_fault_is_unwell(self):
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon:
                sender.send(v1_header(1, (100, 100)))
                daemon.wait_status(lambda s: s["state"] == "fault", "the fault")
                deadline = time.monotonic() + PATIENCE
                while (reply := daemon.http("GET", "/healthz"))[0] != 503 and time.monotonic() < deadline:
                    daemon.subscriber.poll(100)
                self.assertEqual(reply[0], 503)
                self.assertIn("100", json.loads(reply[2])["reason"])

    def test_who_is_let_in(self):
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon:
                port = daemon.port
                for host, wanted in [(f"127.0.0.1:{port}", 200), (f"localhost:{port}", 200), ("evil.example", 403), ("evil.example:8640", 403), ("", 403)]:
                    for path in ("/", "/metrics", "/healthz", "/api/v1/status"):
                        self.assertEqual(daemon.http("GET", path, {"Host": host})[0], wanted, (host, path))
                own = f"http://localhost:{port}"
                for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                    self.assertEqual(daemon.http(method, "/metrics")[0], 405)
                    self.assertEqual(daemon.http(method, "/metrics", {"Origin": own})[0], 405)
                    self.assertEqual(daemon.http(method, "/metrics", {"Origin": "http://evil.example"})[0], 403)
                    self.assertEqual(daemon.http(method, "/metrics", {"Origin": "null"})[0], 403)
                status, headers, body = daemon.http("HEAD", "/metrics")
                self.assertEqual((status, body), (200, b""))
                self.assertGreater(int(headers["Content-Length"]), 1000)
                for path in ("/etc/passwd", "/../../etc/passwd", "/%2e%2e/", "//healthz", "/metrics/"):
                    self.assertEqual(daemon.http("GET", path)[0], 404, path)
                self.assertEqual(daemon.http("GET", "/metrics?name=x")[0], 200)

    def test_keep_alive_and_pipelining(self):
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon, daemon.raw() as sock:
                request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                sock.sendall(request * 3 + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                self.assertEqual(read_all(sock).count(b"HTTP/1.1 200 OK"), 4)

    def test_hostile_bytes(self):
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon:
                head = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
                cases = [(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), b"400"),
                         (b"GET / HTTP/9.9\r\n\r\n", b"400"),
                         (head + b"X: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
                         (head + b"X: 1\r\n" * 5000 + b"\r\n", b"431"),
                         (b"GET /" + b"a" * 100000, b"431"),
                         (head.replace(b"GET", b"POST") + b"Content-Length: 70000\r\n\r\n", b"413"),
                         (head.replace(b"GET", b"POST") + b"Content-Length: 99999999999999999999999\r\n\r\n", b"400"),
                         (head.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 5, b"413"),
                         (head + b"\0: 1\r\n\r\n", b"400"),
                         (b"GET / HTTP/1.1\r\n\r\n", b"403")]
                for bytes_sent, wanted in cases:
                    with daemon.raw() as sock:
                        try:
                            sock.sendall(bytes_sent)
                            sock.shutdown(socket.SHUT_WR)
                        except (BrokenPipeError, ConnectionResetError, OSError):
                            pass
                        reply = read_all(sock)
                        self.assertEqual(reply[9:12], wanted, (bytes_sent[:60], reply[:60]))
                rng = np.random.default_rng(11)
                for _ in range(200):
                    with daemon.raw() as sock:
                        sock.sendall(rng.bytes(int(rng.integers(1, 3000))))
                self.assertEqual(daemon.http("GET", "/healthz")[0], 200)
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])

    def test_connections_are_bounded_and_frames_do_not_notice(self):
        """64 clients that never finish their request: a 65th is turned away, and every frame is taken meanwhile. (That they are dropped in time: the unit test.)"""
        with temporary() as directory, Process("simulate", "-c", station("simulated", directory), "--bind", "tcp://127.0.0.1:0", "--wait", 60,
                                               "--scans", "sample:150", "--rate", 50) as detector:
            config = web_station(directory)
            set_source(config, detector.wait_line("endpoint "))
            with WebDaemon(config) as daemon:
                slow = [daemon.raw() for _ in range(64)]
                for sock in slow:
                    sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
                # The server has all of them once it turns another away.
                turned_away = 0
                deadline = time.monotonic() + PATIENCE
                while not turned_away and time.monotonic() < deadline:
                    with daemon.raw() as one_more:
                        try:
                            one_more.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            turned_away += read_all(one_more) == b""
                        except (BrokenPipeError, ConnectionResetError):
                            turned_away += 1
                self.assertEqual(turned_away, 1)
                header, _ = daemon.wait(lambda m: m[0]["schema"].startswith("sqd.series/") and m[0].get("event") == "end", "the end of the series")
                self.assertEqual((header["frames"]["used"], header["frames"]["missing"]), (150, 0))
                for sock in slow:
                    sock.close()
                metrics = daemon.wait_metrics(lambda m: m["sqd_web_connections", ()] == 1, "their end")
                self.assertGreaterEqual(metrics["sqd_web_refused_total", ()], 1)

    def test_an_archived_scan_is_shown_while_frames_come(self):
        """Its numbers are those that were published; a damaged file is told of; every frame of the scan that runs meanwhile is taken."""
        with temporary() as directory, Process("simulate", "-c", station("simulated", directory), "--bind", "tcp://127.0.0.1:0", "--wait", 60,
                                               "--scans", "background:10,sample:20,sample:150", "--rate", 50) as detector:
            config = web_station(directory)
            set_source(config, detector.wait_line("endpoint "))
            with WebDaemon(config) as daemon:
                published = {}
                for kind in ("pattern", "sq", "fsdp", "gr"):
                    published[kind] = daemon.wait_final(kind, 2)
                daemon.wait_metrics(lambda m: m["sqd_results_archived_total", ()] >= 2, "the file")
                uid = published["pattern"][0]["scan"]["uid"]
                name = next(f["name"] for f in json.loads(daemon.http("GET", "/api/v1/archive")[2])["files"] if uid in f["name"])
                archive = pathlib.Path(directory) / "archive"
                (archive / "broken.nxs").write_bytes((archive / name).read_bytes()[:20_000])
                shown, over = 0, False
                while not over:
                    over = any(m[0].get("event") == "end" and m[0]["scan"]["series_id"] == 3 for m in daemon.messages)
                    status, _, body = daemon.http("GET", f"/api/v1/archive/{name}/messages")
                    self.assertEqual(status, 200, body[:300])
                    for kind, (header, arrays) in viewer_messages(body).items():
                        if kind in published:
                            self.assertEqual(header["scan"]["uid"], uid)
                            for array, values in arrays.items():
                                np.testing.assert_array_equal(values, published[kind][1][array].astype("f4"), f"{kind} {array}")
                    shown += 1
                    status, _, body = daemon.http("GET", "/api/v1/archive/broken.nxs/messages")
                    self.assertEqual(status, 422)
                    self.assertIn("truncated file", json.loads(body)["error"])
                    while daemon.subscriber.poll(0):
                        daemon.messages.append(daemon.parse(daemon.subscriber.recv_multipart()))
                print(f"shown {shown} times while 150 frames came")
                header, _ = daemon.wait_final("pattern", 3)
                self.assertEqual((header["frames"]["used"], header["frames"]["missing"]), (150, 0))
                self.assertEqual(daemon.counters()["lost_overload"], 0)
                log = json.loads(daemon.http("GET", "/api/v1/log")[2])["lines"]
                self.assertEqual(sum("series 1 started" in line["text"] for line in log), 1, log)
                self.assertEqual(daemon.stop(), 0, daemon.errors[-5:])

    def test_the_address_in_use_is_an_error(self):
        with temporary() as directory, Sender() as sender, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            config = station("simulated", directory, replace={"web: {listen: none}": f'web: {{listen: "127.0.0.1:{port}"}}'})
            set_source(config, sender.endpoint)
            with Process("run", "-c", config) as process:
                self.assertEqual(process.finish(), 78)
                self.assertTrue(any("web.listen" in line and "in use" in line for line in process.errors), process.errors)


if __name__ == "__main__":
    unittest.main()
