"""Who looks on at the page's WebSocket: some read what comes, some never do.

    onlookers.py PORT COUNT    so many who read, in a process of their own, until its input ends; prints what came
"""

import json
import selectors
import socket
import struct
import sys
import threading
import time

UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
BINARY, PING = 2, 9
SMALLEST = 4096  # bytes of a receive buffer, as small as the system makes it


def look_on(port, receive_bytes=None):
    """A connection that has asked to be told."""
    one = socket.socket()
    if receive_bytes:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    one.settimeout(30)
    one.connect(("127.0.0.1", port))
    one.sendall(UPGRADE)
    return one


class Onlooker:
    """Takes a server's bytes apart as they come (RFC 6455, unfragmented); what it does not keep is not copied."""

    def __init__(self, sock, keep):
        """`keep`: called with each message."""
        self.sock, self.keep, self.messages, self.bytes = sock, keep, 0, 0
        self.head, self.left, self.kept, self.opcode = bytearray(), 0, None, 0
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            piece = sock.recv(1)
            assert piece, f"refused: {answer}"
            answer += piece
        assert b" 101 " in answer, answer
        sock.setblocking(False)

    def take(self, data):
        at = 0
        self.bytes += len(data)
        while at < len(data):
            if self.left == 0:
                self.head.append(data[at])
                at += 1
                self.begin()
                continue
            count = min(self.left, len(data) - at)
            if self.kept is not None:
                self.kept += data[at:at + count]
            self.left -= count
            at += count
            if self.left == 0:
                self.end()

    def begin(self):
        """Once the head of a message is whole."""
        short = self.head[1] & 127 if len(self.head) > 1 else 0
        whole = {126: 4, 127: 10}.get(short, 2)
        if len(self.head) < whole:
            return
        self.left = short if whole == 2 else int.from_bytes(self.head[2:whole], "big")
        self.opcode = self.head[0] & 15
        self.kept = bytearray() if self.keep or self.opcode == PING else None
        self.head.clear()
        if self.left == 0:
            self.end()

    def end(self):
        if self.opcode == PING:
            self.sock.sendall(struct.pack("!BBI", 0x8A, 0x80 | len(self.kept), 0) + self.kept)  # masked with zeros
        elif self.opcode == BINARY:
            self.messages += 1
            if self.keep:
                self.keep(bytes(self.kept))


class Audience(threading.Thread):
    """So many who read all that comes, in one thread."""

    def __init__(self, port, count, keep=None):
        """`keep(i, message)` gets what onlooker i is told."""
        super().__init__(daemon=True)
        self.ended, self.closed = threading.Event(), 0
        self.onlookers = [Onlooker(look_on(port), keep and (lambda message, i=i: keep(i, message))) for i in range(count)]
        self.start()

    def run(self):
        buffer = memoryview(bytearray(1 << 20))
        with selectors.DefaultSelector() as selector:
            for one in self.onlookers:
                selector.register(one.sock, selectors.EVENT_READ, one)
            while not self.ended.is_set() and self.closed < len(self.onlookers):
                for key, _ in selector.select(0.1):
                    try:
                        count = key.fileobj.recv_into(buffer)
                    except ConnectionResetError:
                        count = 0
                    if count:
                        key.data.take(buffer[:count])
                    else:
                        selector.unregister(key.fileobj)
                        self.closed += 1
        for one in self.onlookers:
            one.sock.close()

    def close(self):
        self.ended.set()
        self.join()


def message_header(message):
    """Of a message as the page gets it."""
    return json.loads(message[4:4 + struct.unpack_from("<I", message)[0]])


def main():
    audience = Audience(int(sys.argv[1]), int(sys.argv[2]))
    print("ready", flush=True)
    begin, used = time.monotonic(), time.process_time()
    sys.stdin.read()
    seconds, cpu_s = time.monotonic() - begin, time.process_time() - used
    audience.close()
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "closed": audience.closed, "messages": [one.messages for one in audience.onlookers],
                      "bytes": sum(one.bytes for one in audience.onlookers)}), flush=True)


if __name__ == "__main__":
    main()
