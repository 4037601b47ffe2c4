"""Commands that are under way when the service is killed: what was answered must be so after the restart, what was not may be either."""

import json
import time

import zmq

KINDS = ("announce", "background", "abort")
USES = ("none", "latest", "configured")
PATIENCE = 5  # seconds for an answer of a service that lives


def ask(endpoint, *commands):
    """Replies; None for one that did not come."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(endpoint)
        for command in commands:
            socket.send(json.dumps({"command": command}).encode())
        return [json.loads(socket.recv()) if socket.poll(PATIENCE * 1000) else None for _ in commands]


class Orders:
    def __init__(self):
        self.wrong, self.under_way = [], []
        self.use = {"configured"}  # what `background` may say
        self.names = {}  # announced name -> whether a scan must have it; absent: replaced
        self.pending = None  # the last of them that was for the next scan
        self.aborted = set()  # uids of scans that must be over
        self.told = dict.fromkeys((*KINDS, "not durable", "unanswered"), 0)

    def give(self, endpoint, dice):
        """A few commands and their answers, then one whose answer nobody waits for; the service is to be killed then."""
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)
        kind = dice.choice(KINDS)
        for _ in range(dice.randrange(4)):
            self.send(kind, dice)
            self.receive(PATIENCE)
        self.send(kind, dice)
        time.sleep(dice.choice((0, 0.0003, 0.001, 0.003, 0.01)))

    def killed(self):
        """Answers that had left before."""
        while self.under_way and self.receive(0.05):
            pass
        for command in self.under_way:
            self.told["unanswered"] += 1
            self.maybe(command)
        self.under_way.clear()
        self.socket.close()
        self.context.term()

    def send(self, kind, dice):
        command = {"command": kind}
        if kind == "announce":
            command["name"] = f"told_{len(self.names)}_{dice.randrange(10**6)}"
            self.names[command["name"]] = False
        elif kind == "background":
            command["use"] = dice.choice(USES)
        elif self.pending:  # its scan may have no frame yet: then it is gone with it
            self.names[self.pending] = False
        self.under_way.append(command)
        self.socket.send(json.dumps(command).encode())

    def receive(self, patience):
        """Whether the answer to the oldest command that is under way came."""
        if not self.socket.poll(patience * 1000):
            return False
        command, reply = self.under_way.pop(0), json.loads(self.socket.recv())
        if not reply["ok"]:
            return True  # no scan runs
        self.told[command["command"]] += 1
        if reply.get("durable"):
            self.must(command, reply)
        else:
            self.told["not durable"] += 1
            self.maybe(command)
        return True

    def must(self, command, reply):
        if command["command"] == "background":
            self.use = {command["use"]}
        elif command["command"] == "abort":
            self.aborted.add(reply["scan"]["uid"])
        else:
            if reply["replaced"]:
                self.names[self.pending] = False
            self.names[command["name"]] = True
            self.pending = command["name"] if reply["applies_to"] == "next" else self.pending

    def maybe(self, command):
        if command["command"] == "background":
            self.use = self.use | {command["use"]}
        elif command["command"] == "announce" and self.pending:
            self.names[self.pending] = False  # it may have taken its place

    def check(self, endpoint):
        """After a restart."""
        background, status = ask(endpoint, "background", "status")
        if background is None or status is None:
            self.wrong.append("a service that is ready does not answer")
            return
        use = "configured" if background["configured"] else background["use"]
        if use not in self.use:
            self.wrong.append(f"background {use} is in use, {sorted(self.use)} was answered")
        self.use = {use}
        scan = status.get("scan", {}).get("uid")
        if scan in self.aborted:
            self.wrong.append(f"scan {scan} was aborted, and goes on")

    def violations(self, archive, gone_on, pending):
        """`gone_on`: uids of archived scans that are final and went on after a restart. `pending`: whether the service says that an announcement waits."""
        found = {name: len(list(archive.glob(f"{name}_*.nxs"))) for name in self.names}
        self.wrong += [f"'{name}' was announced for one scan, {count} have the name" for name, count in found.items() if count > 1]
        self.wrong += [f"'{name}' was announced, and no scan has the name" for name, must in self.names.items() if must and found[name] == 0 and not (pending and name == self.pending)]
        self.wrong += [f"scan {uid} was aborted, and went on to its final" for uid in self.aborted & gone_on]
        return self.wrong
