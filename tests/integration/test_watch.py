# `sqd watch` and `sqd status` against a daemon that is played: snapshot, stream, finals, silence, exit codes.
import json
import os
import subprocess
import sys
import threading

import zmq

SQD = os.environ["SQD_BINARY"]
CONTEXT = zmq.Context()


def header(kind, seq, **more):
    base = {"schema": f"sqd.{kind}/1.0", "instance": "played", "epoch": "e", "seq": seq}
    return json.dumps({**base, **more}).encode()


def status(seq, used):
    return header("status", seq, state="running", scan={"uid": "u1", "id": "glass"}, alarms=[],
                  frames={"expected": 100, "received": used, "used": used, "rejected": 0, "missing": 0})


def fsdp(seq, result, state):
    return header("fsdp", seq, state=state, result=result, scan={"uid": "u1", "id": "glass", "role": "sample"},
                  values={"q1": 2.6243, "q1_sigma": 0.0003}, flags=[])


class Played:
    """Answers control requests and publishes what it is told, once the watcher has asked for its snapshot."""

    def __init__(self, messages):
        self.results = CONTEXT.socket(zmq.XPUB)
        self.control = CONTEXT.socket(zmq.ROUTER)
        ports = [s.bind_to_random_port("tcp://127.0.0.1") for s in (self.results, self.control)]
        self.arguments = ["--results", f"tcp://127.0.0.1:{ports[0]}", "--control", f"tcp://127.0.0.1:{ports[1]}"]
        self.messages = messages
        self.thread = threading.Thread(target=self.play, daemon=True)
        self.thread.start()

    def play(self):
        while True:
            *envelope, request = self.control.recv_multipart()
            if json.loads(request)["command"] == "status":
                self.control.send_multipart([*envelope, b'{"id":1,"ok":true,"state":"ready","counters":{"images":7,"lost":0}}'])
            else:
                self.snapshot(envelope)

    def snapshot(self, envelope):
        self.results.recv()  # the subscription has arrived: nothing is lost from here on
        reply = {"id": 1, "ok": True,
                 "messages": [{"topic": "played/fsdp/", "seq": 4, "parts": 3}, {"topic": "played/status/", "seq": 1, "parts": 2}]}
        self.control.send_multipart([*envelope, json.dumps(reply).encode(), b"played/fsdp/", fsdp(4, 1, "final"), b"raw array",
                                     b"played/status/", status(1, 10)])
        for message in self.messages:
            self.results.send_multipart([b"played/x/", message])


def run(*words, **environment):
    return subprocess.run([SQD, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


def check(truth, what, done):
    if not truth:
        sys.exit(f"{what}: rc {done.returncode}\n{done.stdout}\n{done.stderr}")


played = Played([status(2, 20), status(2, 99), status(2, 99), fsdp(5, 2, "partial"), fsdp(6, 3, "final"), fsdp(7, 3, "final")])
done = run("watch", "--until-final", "1", "--timeout", "30", *played.arguments)
lines = done.stdout.splitlines()
check(done.returncode == 0, "a final ends the watch", done)
check("played running glass 10/100 10% q1 2.6243(3)" in lines[0], "the snapshot is shown first", done)
check("final glass #3  q1 2.6243(3)" in lines, "the final is told", done)
check(not any("#1" in line for line in lines), "a final of the snapshot is history", done)
check(not any("99/100" in line for line in lines), "what is not newer is dropped", done)
check("\x1b" not in done.stdout, "no control sequences off a terminal", done)
check(all(a != b for a, b in zip(lines, lines[1:])), "no line is repeated", done)

done = run("watch", "--json", "--until-final", "1", "--timeout", "30", *Played([fsdp(5, 2, "partial"), fsdp(6, 3, "final")]).arguments)
kinds = [json.loads(line)["schema"] for line in done.stdout.splitlines()]
check(done.returncode == 0 and kinds == ["sqd.fsdp/1.0", "sqd.status/1.0", "sqd.fsdp/1.0", "sqd.fsdp/1.0"], "every header is a line", done)

done = run("watch", "--once", *Played([]).arguments)
check(done.returncode == 0 and done.stdout.splitlines() == ["ready last glass q1 2.6243(3)"], "once asks for the state", done)

done = run("watch", "--until-final", "1", "--timeout", "30", *Played([status(n, n) for n in range(20, 90)] + [fsdp(5, 2, "final")]).arguments)
check(sum(" running " in line for line in done.stdout.splitlines()) < 10, "lines of one scan are 2 s apart", done)

done = run("watch", "--until-final", "1", "--timeout", "0.3", *Played([status(2, 20)]).arguments)
check(done.returncode == 69, "no final in time is 69", done)

done = run("status", *Played([]).arguments[2:])
check(done.returncode == 0 and "state       ready" in done.stdout, "status", done)
check("images 7" in done.stdout and "lost" not in done.stdout, "counters that are not zero", done)

unused = CONTEXT.socket(zmq.ROUTER)
port = unused.bind_to_random_port("tcp://127.0.0.1")
unused.close()
done = run("status", "--timeout", "0.3", "--control", f"tcp://127.0.0.1:{port}")
check(done.returncode == 69, "nobody there is 69", done)
done = run("watch", "--timeout", "0.3", "--results", f"tcp://127.0.0.1:{port}", "--control", f"tcp://127.0.0.1:{port}")
check(done.returncode == 69 and f"waiting for a heartbeat from tcp://127.0.0.1:{port}" in done.stdout, "what it waits for is told", done)
done = run("watch", "--once", "--timeout", "0.3", "--results", f"tcp://127.0.0.1:{port}", "--control", f"tcp://127.0.0.1:{port}")
check(done.returncode == 69 and "no answer" in done.stderr, "no state to show", done)
done = run("status", "--control", "nonsense")
check(done.returncode == 66 and "nonsense" in done.stderr, "an endpoint that is none", done)
