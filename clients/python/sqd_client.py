"""Live results of sqd in Python, control of it, and its archives, by pyzmq and numpy alone (archives: h5py).

    from sqd_client import Client, open_archive

    with Client() as sqd:                       # Client("id13") for another machine
        for result in sqd.results():            # the latest at once, then whatever comes
            q, S, sigma = result.S
            print(result.id, result.state, result.q1, result.q1_sigma)

    result = open_archive("vit4_sample_....nxs")   # the same type, the same numbers

A client is for one thread. It speaks results schema 1.x (daemon/README.md of sqd).
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pathlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
import zmq
from zmq.utils.monitor import parse_monitor_message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__version__ = "0.1.0"
__all__ = ["AccessDenied", "BadMessage", "Client", "Curve", "Keys", "Message", "NoAnswer", "NotComputed", "Points", "Refused", "Result", "Scan", "SqdError",
           "open_archive", "parse_message", "read_keys", "show_keys"]

Json = Dict[str, Any]
PathLike = Union[str, "os.PathLike[str]"]

KINDS = ("pattern", "sq", "gr", "adhoc", "fsdp", "cake", "map")  # of results; `series` and `status` are heard in any case
FINAL_STATES = ("final", "aborted")
MOST_WAITING, MOST_WAITING_BYTES = 64, 128 << 20  # results that nobody has taken yet
LONGEST_PART = 256 << 20


class SqdError(Exception):
    """Whatever goes wrong with sqd."""


class NoAnswer(SqdError, TimeoutError):
    """Nothing came in time."""


class AccessDenied(SqdError, PermissionError):
    """The service does not let this client in, or the key file is not what it should be."""


class BadMessage(SqdError, ValueError):
    """What came is not what sqd sends."""


class NotComputed(SqdError, AttributeError):
    """The result has no such curve or number; the message says which flags it has instead."""


class Refused(SqdError):
    """The service refuses a command; `code` is not_allowed, bad_value, bad_request or unknown_command."""

    def __init__(self, command: str, code: str, message: str):
        super().__init__(f"{command}: {message} [{code}]")
        self.command, self.code = command, code


# ---- what comes over the wire ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """One message: the JSON header, and the arrays by name (read-only)."""

    topic: str
    header: Json
    arrays: Dict[str, Array]

    @property
    def kind(self) -> str:
        return str(self.header["schema"]).partition(".")[2].partition("/")[0]

    @property
    def epoch(self) -> str:
        return str(self.header["epoch"])

    @property
    def seq(self) -> int:
        return int(self.header["seq"])

    @property
    def values(self) -> Json:
        """Numbers and words by name; what is not known has no key."""
        return dict(self.header.get("values", {}))

    def __getitem__(self, array: str) -> Array:
        try:
            return self.arrays[array]
        except KeyError:
            raise NotComputed(f"{self.kind} has no array {array!r}; it has {', '.join(self.arrays)}") from None


def parse_message(parts: Sequence[bytes]) -> Message:
    """Topic, header, arrays as they came. Raises BadMessage."""
    try:
        header = json.loads(parts[1])
        name, _, version = str(header["schema"]).partition("/")
        if not name.startswith("sqd.") or version.partition(".")[0] != "1":
            raise BadMessage(f"schema {header['schema']!r} is not known here (sqd_client {__version__} speaks 1.x): use the client of that sqd")
        entries = header["arrays"]
        if len(entries) != len(parts) - 2:
            raise BadMessage(f"{len(entries)} arrays are announced, {len(parts) - 2} came")
        arrays: Dict[str, Array] = {}
        for entry, raw in zip(entries, parts[2:]):
            dtype = np.dtype(entry["dtype"])
            if dtype.kind not in "fiu":
                raise BadMessage(f"{entry['name']}: dtype {entry['dtype']!r} is no number")
            arrays[entry["name"]] = np.frombuffer(raw, dtype).reshape(entry["shape"])
        return Message(parts[0].decode(), header, arrays)
    except (IndexError, KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, BadMessage):
            raise
        raise BadMessage(f"this is no message of sqd ({error!r}): is it the results endpoint?") from error


# ---- results ---------------------------------------------------------------------------------------------------------------------


class Curve(NamedTuple):
    """`x, y, sigma = curve`. sigma is statistical, one standard deviation; NaN where sqd gives none."""

    x: Array
    y: Array
    sigma: Array


class Points(NamedTuple):
    """What each accepted frame of a scan has; archives have it. In scans beyond 20 000 frames a point is the sum of several."""

    number: NDArray[np.uint64]  # of its first frame
    reason: List[str]  # why it was left out; empty = used
    exposure_s: Array
    monitor: Array
    bin_counts: Array  # [point, bin of the pattern]
    frames: NDArray[np.uint64]  # that it is the sum of; monitor is their mean, exposure their sum
    frame_numbers: NDArray[np.uint64]  # of all, point by point


# name -> kind, x, y, sigma
CURVES: Dict[str, Tuple[str, str, str, Optional[str]]] = {
    "I": ("pattern", "q", "I", "I_sigma"),
    "background": ("pattern", "q", "background", "background_sigma"),
    "net": ("pattern", "q", "net", "net_sigma"),
    "S": ("sq", "q", "S", "S_sigma"),
    "F": ("sq", "q", "F", None),
    "S_difference": ("sq", "q", "S_difference", "S_difference_sigma"),
    "G": ("gr", "r", "G", "G_sigma"),
    "g": ("gr", "r", "g", None),
    "RDF": ("gr", "r", "RDF", None),
    "T": ("gr", "r", "T", None),
    "G_difference": ("gr", "r", "G_difference", "G_difference_sigma"),
    "peak": ("fsdp", "q", "data", "data_sigma"),
    "fit": ("fsdp", "q", "fit", None),
    "residual": ("fsdp", "q", "residual", None),
    "S_adhoc": ("adhoc", "q", "S", "S_sigma"),
    "F_adhoc": ("adhoc", "q", "F", None),
    "G_adhoc": ("adhoc", "r", "G", "G_sigma"),
}


class Result:
    """One outcome of a reduction: all its curves, maps and numbers. Units: 1/angstrom, angstrom; `unit(name)` for a number's."""

    def __init__(self, messages: Dict[str, Message], points: Optional[Points] = None, asked_for: Sequence[str] = KINDS):
        self.messages = messages  # by kind, as they came
        self.points = points
        self.asked_for = asked_for
        self.header: Json = next(iter(messages.values())).header

    def __repr__(self) -> str:
        peak = f", q1 {self.q1:.5f} +- {self.q1_sigma:.5f}" if "fsdp" in self.messages else ""
        return f"<{self.state} {self.number} of {self.role} {self.id!r}, {self.used} frames{peak}; {' '.join(self.messages)}>"

    # who it is
    @property
    def uid(self) -> str:
        """Of the scan; (uid, number) is the result's key."""
        return str(self.header["scan"]["uid"])

    @property
    def id(self) -> str:
        """The scan's name, as announced."""
        return str(self.header["scan"]["id"])

    @property
    def role(self) -> str:
        """sample, background, dark or calibrant"""
        return str(self.header["scan"]["role"])

    @property
    def number(self) -> int:
        return int(self.header["result"])

    @property
    def state(self) -> str:
        """partial (the scan goes on), final or aborted"""
        return str(self.header["state"])

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def durable(self) -> bool:
        """It will be in the archive, whatever happens."""
        return bool(self.header["durable"])

    @property
    def mount(self) -> str:
        return str(self.header["scan"].get("mount", ""))

    @property
    def grid(self) -> Optional[Tuple[int, int]]:
        """Rows and columns of a map."""
        found = self.header["scan"].get("grid")
        return (int(found[0]), int(found[1])) if found else None

    @property
    def parameters(self) -> Dict[str, float]:
        """As announced: temperature, pressure, ..."""
        return dict(self.header["scan"].get("parameters", {}))

    @property
    def frames(self) -> Json:
        """expected, received, used, rejected, rejected_by {reason: n}, missing, pending, duplicate, missing_ranges"""
        return dict(self.header["frames"])

    @property
    def used(self) -> int:
        return int(self.header["frames"]["used"])

    @property
    def provenance(self) -> Json:
        return dict(self.header["provenance"])

    @property
    def time(self) -> Json:
        """first_frame, last_frame, reduced, published: ISO 8601, UTC"""
        return dict(self.header["time"])

    # what it has
    @property
    def kinds(self) -> Tuple[str, ...]:
        return tuple(self.messages)

    @property
    def missing(self) -> Tuple[str, ...]:
        """Kinds that were asked for and published and did not come (PUB drops what is not taken): nearly always none."""
        return tuple(kind for kind in self.header.get("kinds", ()) if kind in self.asked_for and kind not in self.messages)

    @property
    def flags(self) -> List[str]:
        """What is noteworthy, or why something is not there (pipeline/README.md explains each)."""
        return list(dict.fromkeys(flag for message in self.messages.values() for flag in message.header.get("flags", ())))

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for message in self.messages.values() for array in message.arrays.values())

    def __contains__(self, name: str) -> bool:
        """Of a kind, a curve or a number."""
        if name in self.messages or any(name in message.header.get("values", ()) for message in self.messages.values()):
            return True
        if name not in CURVES:
            return False
        kind, _, y, _ = CURVES[name]
        return kind in self.messages and y in self.messages[kind].arrays

    def __getitem__(self, kind: str) -> Message:
        """Header and arrays of one kind."""
        try:
            return self.messages[kind]
        except KeyError:
            raise self._not_computed(kind) from None

    def _not_computed(self, name: str) -> NotComputed:
        if self.missing:
            return NotComputed(f"{name}: not in this result; lost on the way: {', '.join(self.missing)}")
        return NotComputed(f"{name}: not in this {self.state} {self.role}; it has {', '.join(self.messages)}; flags: {', '.join(self.flags) or 'none'}")

    def curve(self, name: str) -> Curve:
        """One of CURVES. Raises NotComputed."""
        if name not in CURVES:
            raise NotComputed(f"no curve is called {name!r}; there are {', '.join(CURVES)}")
        kind, x, y, sigma = CURVES[name]
        message = self.messages.get(kind)
        if message is None or y not in message.arrays:
            raise self._not_computed(name)
        values = message[y]
        return Curve(message[x], values, message[sigma] if sigma else np.full_like(values, np.nan))

    @property
    def I(self) -> Curve:  # noqa: E743
        """I(q) as measured."""
        return self.curve("I")

    @property
    def net(self) -> Curve:
        """I(q) less background."""
        return self.curve("net")

    @property
    def background(self) -> Curve:
        return self.curve("background")

    @property
    def S(self) -> Curve:
        return self.curve("S")

    @property
    def F(self) -> Curve:
        """q (S - 1)"""
        return self.curve("F")

    @property
    def G(self) -> Curve:
        return self.curve("G")

    @property
    def peak(self) -> Curve:
        """What the first sharp diffraction peak was fitted to."""
        return self.curve("peak")

    @property
    def fit(self) -> Curve:
        return self.curve("fit")

    @property
    def maps(self) -> Dict[str, Array]:
        """[rows, cols]: counts, used; with `uncertainty.point_peaks` q1, q1_sigma, fwhm, fwhm_sigma, chi2_reduced. NaN = no such point."""
        return dict(self["map"].arrays)

    # numbers
    def value(self, name: str) -> float:
        """A number by its published name: q1, fwhm, height, alpha, shell1_r, ... Raises NotComputed."""
        for kind in ("fsdp", "sq", "gr", "pattern", "adhoc"):
            if kind in self.messages and name in self.messages[kind].header.get("values", ()):
                return float(self.messages[kind].header["values"][name])
        raise self._not_computed(name)

    def unit(self, name: str) -> str:
        """Of a number of `value`, or of an array; empty = a pure number."""
        for message in self.messages.values():
            if name in message.header.get("units", ()):
                return str(message.header["units"][name])
            for entry in message.header["arrays"]:
                if entry["name"] == name:
                    return str(entry["unit"])
        return ""

    @property
    def q1(self) -> float:
        """Position of the first sharp diffraction peak [1/angstrom]"""
        return self.value("q1")

    @property
    def q1_sigma(self) -> float:
        """By counting alone; q1_sigma_geometry and q1_sigma_model stand beside it (`value`)."""
        return self.value("q1_sigma")

    @property
    def fwhm(self) -> float:
        return self.value("fwhm")

    @property
    def fwhm_sigma(self) -> float:
        return self.value("fwhm_sigma")

    @property
    def advice(self) -> Json:
        """{advice, sentence, floor, more_seconds, ...}: would more counts help? Empty where nothing was fitted."""
        return dict(self.messages["fsdp"].header.get("advice", {})) if "fsdp" in self.messages else {}

    @property
    def comparison(self) -> Json:
        """With the reference that was set: {reference, sentence, change, numbers, S, G}; empty = none was."""
        for message in self.messages.values():
            if "comparison" in message.header:
                return dict(message.header["comparison"])
        return {}


# ---- keys ------------------------------------------------------------------------------------------------------------------------


class Keys(NamedTuple):
    """CURVE: the client's pair and the service's public key, each 40 characters."""

    public: bytes
    secret: bytes
    server: bytes


def _key_in(path: pathlib.Path, word: str) -> bytes:
    try:
        lines = path.read_text().splitlines()
    except (OSError, ValueError) as error:
        raise AccessDenied(f"{path}: cannot be read ({error})") from error
    for line in lines:
        words = line.split()
        if len(words) == 2 and words[0] == word and len(words[1]) == 40:
            return words[1].encode()
    raise AccessDenied(f"{path}: no line '{word} KEY' (the files of `sqd keygen` have one) is it the right file?")


def read_keys(key: PathLike, server_key: PathLike) -> Keys:
    """From the .key file of this client and the .pub file of the service, or that public key itself."""
    path = pathlib.Path(key)
    secret = _key_in(path, "secret")
    status = path.stat()
    if status.st_mode & (0o027 if status.st_uid == 0 else 0o077):
        raise AccessDenied(f"{path}: others may read or write it (a secret that others know is none) chmod 600 {path}")
    text = os.fspath(server_key)
    server = text.encode() if len(text) == 40 and not os.path.exists(text) else _key_in(pathlib.Path(text), "public")
    return Keys(zmq.curve_public(secret), secret, server)


def show_keys(socket: zmq.Socket[Any], keys: Optional[Keys]) -> None:
    """Before the socket connects; None: none."""
    if keys:
        socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = keys


# ---- control ---------------------------------------------------------------------------------------------------------------------


class _Reply(NamedTuple):
    json: Json
    messages: List[Message]


def _seconds(timeout: Optional[float]) -> float:
    return time.monotonic() + (float("inf") if timeout is None else timeout)


def _milliseconds(deadline: float) -> int:
    return int(min(max(deadline - time.monotonic(), 0), 3600) * 1000) + (deadline > time.monotonic())


def _plain(value: Any) -> Any:
    """Of numpy, what JSON can say."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} {value!r} cannot be sent: say it in numbers, texts, lists and dicts")


class _Control:
    """Asks the ROUTER, one request at a time."""

    FAILED = int(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    MISMATCH = 0x11000001  # ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH

    def __init__(self, context: zmq.Context[Any], endpoint: str, keys: Optional[Keys], timeout: float):
        self.context, self.endpoint, self.keys, self.timeout = context, endpoint, keys, timeout
        self.asked = 0
        self.socket: Optional[zmq.Socket[Any]] = None

    def _open(self) -> zmq.Socket[Any]:
        if self.socket is None:
            socket = self.context.socket(zmq.DEALER)
            socket.linger = 0
            socket.immediate = 1  # what was asked of a service that is gone is not asked of the next one
            socket.maxmsgsize = LONGEST_PART
            show_keys(socket, self.keys)
            self.monitor: zmq.Socket[Any] = socket.get_monitor_socket(self.FAILED)
            try:
                socket.connect(self.endpoint)
            except zmq.ZMQError as error:
                self.socket = socket
                self.close()
                raise SqdError(f"{self.endpoint}: {error} (an endpoint is like tcp://id13:5561)") from None
            self.socket = socket
        return self.socket

    def close(self) -> None:
        if self.socket is not None:
            self.socket.disable_monitor()
            self.monitor.close(0)
            self.socket.close(0)
            self.socket = None

    def _wait(self, event: int, deadline: float) -> None:
        """Until the socket is ready for `event`. On failure the socket goes, so that no late reply meets the next question."""
        socket = self._open()
        poller = zmq.Poller()
        poller.register(socket, event)
        poller.register(self.monitor, zmq.POLLIN)
        hung_up = False
        while True:
            ready = dict(poller.poll(_milliseconds(deadline)))
            if socket in ready:
                return
            if self.monitor in ready:
                told = parse_monitor_message(self.monitor.recv_multipart())
                deadline = deadline if hung_up else min(deadline, time.monotonic() + 1)  # it tries again; for longer it makes no sense
                hung_up = True
                if told["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                    self._deny("refused this key (it is not in its list of clients): send your .pub file to the people who run it")
                if told["value"] == self.MISMATCH:
                    self._deny("does not ask for keys: leave out key and server_key" if self.keys else "asks for keys: give key and server_key")
            if not ready or time.monotonic() >= deadline:
                if hung_up:
                    self._deny("hung up: " + ("it is not the owner of server_key, or does not ask for keys" if self.keys else "it probably asks for keys, give key and server_key"))
                self.close()
                raise NoAnswer(f"{self.endpoint}: no answer in {self.timeout:g} s (is sqd running there? `sqd status --control {self.endpoint}`)")

    def _deny(self, why: str) -> None:
        self.close()
        raise AccessDenied(f"{self.endpoint}: the service {why}")

    def ask(self, command: str, keys: Json, timeout: Optional[float] = None) -> _Reply:
        deadline = _seconds(self.timeout if timeout is None else timeout)
        self.asked += 1
        socket = self._open()
        self._wait(zmq.POLLOUT, deadline)
        socket.send(json.dumps({"id": self.asked, "command": command, **keys}, default=_plain).encode())
        while True:
            self._wait(zmq.POLLIN, deadline)
            parts = socket.recv_multipart()
            reply = json.loads(parts[0])
            if reply.get("id") in (self.asked, None):  # none: it could not even read the question
                break
        if not reply["ok"]:
            raise Refused(command, str(reply["error"]["code"]), str(reply["error"]["message"]))
        messages, at = [], 1
        for entry in reply.get("messages", ()):
            messages.append(parse_message(parts[at:at + entry["parts"]]))
            at += entry["parts"]
        return _Reply(reply, messages)


# ---- the stream of results -------------------------------------------------------------------------------------------------------


class _Assembler:
    """Messages to results: all kinds of one outcome, in the order in which they are whole."""

    def __init__(self, kinds: Sequence[str]):
        self.kinds = tuple(kinds)
        self.open: Dict[Tuple[str, str, int], Dict[str, Message]] = {}
        self.given: collections.OrderedDict[Tuple[str, str], int] = collections.OrderedDict()  # the newest of each scan

    def add(self, message: Message) -> List[Result]:
        key = (message.epoch, str(message.header["scan"]["uid"]), int(message.header["result"]))
        parts = self.open.setdefault(key, {})
        parts[message.kind] = message
        if set(message.header.get("kinds", ())) & set(self.kinds) <= parts.keys():
            return self._give(key)
        return self._give(next(iter(self.open))) if len(self.open) > 16 else []

    def flush(self) -> List[Result]:
        """What is open stays as it is: sqd sends all of a result in one go."""
        return [result for key in list(self.open) for result in self._give(key)]

    def _give(self, key: Tuple[str, str, int]) -> List[Result]:
        parts = self.open.pop(key)
        result = Result({kind: parts[kind] for kind in KINDS if kind in parts}, asked_for=self.kinds)
        epoch, uid, number = key
        if number <= self.given.get((epoch, uid), -1) or (result.missing and not result.is_final):
            return []
        self.given[epoch, uid] = number
        if len(self.given) > 256:
            self.given.popitem(last=False)
        return [result]


class _Waiting:
    """Results that nobody has taken yet, bounded: the oldest partial gives way first."""

    def __init__(self, most: int, most_bytes: int):
        self.most, self.most_bytes = most, most_bytes
        self.results: Deque[Result] = collections.deque()
        self.bytes = 0
        self.dropped = 0

    def put(self, result: Result) -> None:
        self.results.append(result)
        self.bytes += result.nbytes
        while len(self.results) > 1 and (len(self.results) > self.most or self.bytes > self.most_bytes):
            oldest = next((old for old in self.results if not old.is_final), self.results[0])
            self._remove(oldest)
            self.dropped += 1

    def take(self, every: bool) -> Optional[Result]:
        """The oldest; unless `every`, a partial only where nothing newer waits."""
        if not every:
            for superseded in [result for result in list(self.results)[:-1] if not result.is_final]:
                self._remove(superseded)
        if not self.results:
            return None
        result = self.results[0]
        self._remove(result)
        return result

    def _remove(self, result: Result) -> None:
        self.results.remove(result)
        self.bytes -= result.nbytes


class Scan:
    """A scan that was begun; `final()` once it has ended."""

    def __init__(self, client: Client, uid: str, id: str):
        self.client, self.uid, self.id = client, uid, id

    def final(self, timeout: float = 60.0) -> Result:
        """Its final result. Raises NoAnswer when there is none in time (of a scan without frames there never is one)."""
        return self.client.wait_final(self.uid, timeout)


class Client:
    """One service: its results, its heartbeat, its commands. Use it in a `with`, or close() it; from one thread."""

    def __init__(self, host: str = "127.0.0.1", *, results: Optional[str] = None, control: Optional[str] = None, key: Optional[PathLike] = None,
                 server_key: Optional[PathLike] = None, kinds: Sequence[str] = KINDS, timeout: float = 5.0, stale_after: float = 3.0,
                 most_waiting: int = MOST_WAITING):
        """Connects, and hears the latest of everything.

        results, control: endpoints, where they are not ports 5560 and 5561 of `host`.
        key, server_key: files of `sqd keygen`, where the service asks for keys; else what SQD_KEY and SQD_SERVER_KEY name.
        kinds: what of each result is wanted (KINDS); the rest does not go over the wire.
        timeout: of a command [s]. stale_after: without a heartbeat (they come every second) [s].
        most_waiting: results that are kept for a program that does not take them; the oldest partials go first.
        Raises NoAnswer, AccessDenied.
        """
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or isinstance(kinds, str) or not kinds:
            raise SqdError(f"kinds: {kinds!r} (a list of some of {', '.join(KINDS)})")
        key, server_key = key or os.environ.get("SQD_KEY") or None, server_key or os.environ.get("SQD_SERVER_KEY") or None
        if (key is None) != (server_key is None):
            raise SqdError("key and server_key go together: the file of your secret key, and the service's .pub file")
        self.stale_after = stale_after
        self.heartbeat: Json = {}  # the body of the last one: state, reason, alarms, scan, frames, rate_hz, eta_s, lag_s, counters, ...
        self.events: Deque[Json] = collections.deque(maxlen=256)  # starts and ends of series: {event, reason, scan, frames, ...}
        self.lost = 0  # messages that were published, did not come and are not kept: partial results
        self.recovered = 0  # messages that did not come and were fetched
        self.restarts = 0  # of the service, since this client is there
        self._seen: Dict[str, int] = {}
        self._heard = time.monotonic()
        self._waiting = _Waiting(most_waiting, MOST_WAITING_BYTES)
        self._assembler = _Assembler(kinds)
        keys = read_keys(key, server_key) if key is not None and server_key is not None else None
        self._context: zmq.Context[Any] = zmq.Context()
        try:
            self._control = _Control(self._context, control or f"tcp://{host}:5561", keys, timeout)
            told = self.ping()
            self.instance, self.epoch = str(told["instance"]), str(told["epoch"])
            self._topics = {f"{self.instance}/{kind}/" for kind in (*kinds, "series", "status")}
            self._socket: zmq.Socket[Any] = self._context.socket(zmq.SUB)
            self._socket.linger = 0
            self._socket.rcvhwm = 64
            self._socket.maxmsgsize = LONGEST_PART
            show_keys(self._socket, keys)
            for topic in self._topics:
                self._socket.subscribe(topic)
            self._socket.connect(results or f"tcp://{host}:5560")
            self._join()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hangs up; once or more often."""
        if hasattr(self, "_control"):
            self._control.close()
        self._context.destroy(linger=0)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- results

    def __iter__(self) -> Iterator[Result]:
        return self.results()

    def results(self, timeout: Optional[float] = None, *, every: bool = False) -> Iterator[Result]:
        """The latest results at once, then each one as it comes, without end; finals that were missed are fetched.

        Of partial results that wait, only the newest is given, so that a slow program is never behind; `every`: all of them.
        timeout: raises NoAnswer when there was no result for so long [s].
        """
        while True:
            result = self.next_result(timeout, every=every)
            if result is None:
                silent = f"nothing heard of the service for {self.age:.0f} s" if self.stale else f"{self.heartbeat.get('state')}: {self.heartbeat.get('reason')}"
                raise NoAnswer(f"no result in {timeout:g} s ({silent})")
            yield result

    def next_result(self, timeout: Optional[float] = 0.0, *, every: bool = False) -> Optional[Result]:
        """One of `results`, or None when none came in `timeout` seconds (None: waits)."""
        deadline = _seconds(timeout)
        self._listen(0)
        while True:
            result = self._waiting.take(every)
            if result is not None or time.monotonic() >= deadline:
                return result
            self._listen(_milliseconds(deadline))

    @property
    def age(self) -> float:
        """Seconds since something was heard of the service; its heart beats every second."""
        self._listen(0)
        return time.monotonic() - self._heard

    @property
    def stale(self) -> bool:
        """Nothing is heard of the service: what was shown last is old."""
        return self.age > self.stale_after

    @property
    def dropped(self) -> int:
        """Results that came and went because this program did not take them."""
        return self._waiting.dropped

    def _listen(self, milliseconds: int) -> None:
        """Takes all that has come; waits for it at most so long."""
        if not self._socket.poll(milliseconds):
            return
        with contextlib.suppress(zmq.Again):
            for _ in range(1024):  # whoever sends faster than this does not hold us for ever
                self._accept(parse_message(self._socket.recv_multipart(zmq.NOBLOCK)))

    def _accept(self, message: Message) -> None:
        if message.epoch != self.epoch:
            self._rejoin(message.epoch)
        self._heard = time.monotonic()
        before = self._seen.get(message.topic, 0)
        if message.seq <= before:
            return
        if message.kind == "status":
            self._beat(message)
        elif message.seq > before + 1:
            self._recover(message.topic, message.seq - 1)
        self._take(message)

    def _take(self, message: Message) -> None:
        self._seen[message.topic] = message.seq
        if message.kind == "series":
            self.events.append(message.header)
        elif message.kind != "status":
            for result in self._assembler.add(message):
                self._waiting.put(result)

    def _beat(self, message: Message) -> None:
        """What it names was sent before it: what of that did not come is lost or kept."""
        self.heartbeat = message.header
        for topic, seq in message.header.get("latest_seq", {}).items():
            if topic in self._topics and topic != message.topic and seq > self._seen.get(topic, 0):
                self._recover(topic, seq)
        for result in self._assembler.flush():
            self._waiting.put(result)

    def _recover(self, topic: str, last: int) -> None:
        """Fetches what is kept of a topic up to number `last`; the rest is lost."""
        asked, fetched, more = self._seen.get(topic, 0), 0, True
        with contextlib.suppress(NoAnswer):  # gone again: the next message will tell
            while more:
                reply = self.ask("history", topic=topic, after=self._seen.get(topic, 0))
                if reply["epoch"] != self.epoch:
                    return
                kept = [message for message in reply["messages"] if self._seen.get(topic, 0) < message.seq <= last]
                for message in kept:
                    self._take(message)
                fetched += len(kept)
                more = bool(reply.get("more")) and bool(kept)
        self.recovered += fetched
        self.lost += last - asked - fetched
        self._seen[topic] = last

    def _join(self) -> None:
        """The latest of every topic; finals of which one kind is the latest come whole."""
        reply = self.ask("snapshot")
        self.epoch = str(reply["epoch"])
        latest = [message for message in reply["messages"] if message.topic in self._topics]
        for message in latest:
            if message.kind == "status":
                self._seen[message.topic] = message.seq
                self.heartbeat = message.header
        results: List[Message] = [message for message in latest if message.kind in KINDS]
        for uid in {str(message.header["scan"]["uid"]) for message in results if message.header["state"] in FINAL_STATES}:
            with contextlib.suppress(Refused):  # it is not kept any more
                known = {(message.topic, message.seq) for message in results}
                results += [message for message in self.ask("history", scan=uid)["messages"]
                            if message.topic in self._topics and message.epoch == self.epoch and (message.topic, message.seq) not in known]
        events = [message for message in latest if message.kind == "series"]
        for message in sorted(results, key=lambda each: (str(each.header["time"].get("published", "")), each.seq)) + events:
            self._seen[message.topic] = max(message.seq, self._seen.get(message.topic, 0))
            for result in self._assembler.add(message) if message.kind in KINDS else ():
                self._waiting.put(result)
        self.events.extend(message.header for message in events)
        for result in self._assembler.flush():
            self._waiting.put(result)

    def _rejoin(self, epoch: str) -> None:
        """The service was restarted: finals of before that did not come, then all that it has said since."""
        gone, before = self.epoch, self._seen
        self.epoch, self._seen = epoch, {}
        self.restarts += 1
        with contextlib.suppress(NoAnswer, Refused):
            for final in self.ask("history")["finals"]:
                if final["epoch"] == gone and any(seq > before.get(topic, 0) for topic, seq in final["seq"].items() if topic in self._topics):
                    for message in self.ask("history", scan=final["uid"])["messages"]:
                        if message.epoch == gone and message.topic in self._topics:
                            self.recovered += message.seq > before.get(message.topic, 0)
                            for result in self._assembler.add(message):
                                self._waiting.put(result)
            for message in self.ask("snapshot")["messages"]:
                if message.kind == "status":
                    self.heartbeat = message.header
                elif message.topic in self._topics and message.epoch == epoch:
                    self._recover(message.topic, message.seq)

    # ---- control

    def ask(self, command: str, *, timeout: Optional[float] = None, **keys: Any) -> Json:
        """Any command (`describe` lists them) with its keys; the reply, with its further parts as `messages`. Raises Refused, NoAnswer, AccessDenied.

        With `request`, a UUID, a command that changes something acts once however often it is asked.
        """
        reply = self._control.ask(command, keys, timeout)
        if reply.messages or "messages" in reply.json:
            reply.json["messages"] = reply.messages
        return reply.json

    def ping(self) -> Json:
        """{time, instance, epoch}"""
        return self.ask("ping")

    def status(self) -> Json:
        """What the heartbeat says, now: state, reason, phase, alarms, counters, scan, frames, rate_hz, eta_s, lag_s, ..."""
        return self.ask("status")

    def config(self) -> str:
        """The effective configuration as YAML."""
        return str(self.ask("config")["yaml"])

    def describe(self) -> Json:
        """Commands and where they are allowed, kinds, states."""
        return self.ask("describe")

    def announce(self, **keys: Any) -> Json:
        """Says what the next series is: role, name, mount, calibrant, points, grid, pitch_um, snake, sample {composition, density_g_cm3, thickness_um,
        transmission, ...}, monitor, attenuation, parameters {temperature_K: 643, ...}."""
        return self.ask("announce", **keys)

    def begin(self, **keys: Any) -> Scan:
        """Opens a scan, with the keys of announce: all series until `end` are one."""
        scan = self.ask("begin", **keys)["scan"]
        return Scan(self, str(scan["uid"]), str(scan["id"]))

    def end(self) -> Json:
        """Ends the scan that runs, with a final. `done` in the reply: it is obeyed already."""
        return self.ask("end")

    def abort(self) -> Json:
        return self.ask("abort")

    def reset(self) -> Json:
        """Leaves a fault."""
        return self.ask("reset")

    @contextlib.contextmanager
    def scan(self, **keys: Any) -> Iterator[Scan]:
        """begin, and end behind the block; abort where the block raises. `scan.final()` after it is the result."""
        scan = self.begin(**keys)
        try:
            yield scan
        except BaseException:
            with contextlib.suppress(SqdError):  # what went wrong first is what matters
                self.abort()
            raise
        self.end()

    def background(self, use: Optional[str] = None, *, scan: Optional[str] = None) -> Json:
        """Chooses what is subtracted: use = latest, none, configured, or scan = uid or name of a background; without arguments: which is it?"""
        return self.ask("background", **_said(use=use, scan=scan))

    def reference(self, scan: Optional[str] = None, *, archive: Optional[str] = None, clear: bool = False) -> Json:
        """Chooses what later results are compared with; without arguments: which is it?"""
        return self.ask("reference", **_said(scan=scan, archive=archive, clear=clear or None))

    def acknowledge(self, *alarms: str) -> Json:
        """Takes note of these alarms, or of all."""
        return self.ask("acknowledge", **_said(alarm=list(alarms) or None))

    def shutdown(self) -> Json:
        return self.ask("shutdown")

    def history(self) -> List[Json]:
        """The finals that the service keeps, oldest first: {uid, id, role, result, state, durable, file, time, flags, bytes}."""
        return list(self.ask("history")["finals"])

    def final(self, scan: str) -> Result:
        """A final that the service keeps, by uid or name (the newest). Raises Refused (bad_value)."""
        messages = {message.kind: message for message in self.ask("history", scan=scan)["messages"]}
        return Result({kind: messages[kind] for kind in KINDS if kind in messages})

    def wait_final(self, scan: str, timeout: float = 60.0) -> Result:
        """The final of a scan, by uid, once it is there. Results that come meanwhile still wait for `results`."""
        deadline = _seconds(timeout)
        while True:
            with contextlib.suppress(Refused):
                return self.final(scan)
            if time.monotonic() >= deadline:
                raise NoAnswer(f"no final of {scan} in {timeout:g} s ({self.heartbeat.get('state')}: {self.heartbeat.get('reason')})")
            self._listen(_milliseconds(min(deadline, time.monotonic() + 0.5)))


def _said(**keys: Any) -> Json:
    return {key: value for key, value in keys.items() if value is not None}


# ---- archives --------------------------------------------------------------------------------------------------------------------

# kind -> array as it is published -> where it is below /entry
_ARCHIVED: Dict[str, Dict[str, str]] = {
    "pattern": {"q": "azimuthal_integration/data/q", "I": "azimuthal_integration/data/I", "I_sigma": "azimuthal_integration/data/I_errors",
                "pixels": "azimuthal_integration/data/pixels", "I_std": "azimuthal_integration/data/I_std",
                "I_correlation": "azimuthal_integration/data/I_correlation", "background": "background_subtraction/background/I",
                "background_sigma": "background_subtraction/background/I_errors", "net": "background_subtraction/data/I",
                "net_sigma": "background_subtraction/data/I_errors"},
    "sq": {"q": "structure_factor/data/q", "S": "structure_factor/data/S", "S_sigma": "structure_factor/data/S_errors", "F": "structure_factor/reduced/F",
           "S_background_sigma": "structure_factor/data/S_background_errors", "S_difference": "comparison/S/difference",
           "S_difference_sigma": "comparison/S/difference_errors"},
    "gr": {"r": "pair_distribution/data/r", "G": "pair_distribution/data/G", "G_sigma": "pair_distribution/data/G_errors",
           "G_background_sigma": "pair_distribution/data/G_background_errors", "g": "pair_distribution/pair/g", "RDF": "pair_distribution/radial/RDF",
           "T": "pair_distribution/total/T", "G_difference": "comparison/G/difference", "G_difference_sigma": "comparison/G/difference_errors"},
    "adhoc": {"q": "ad_hoc/reduced/q", "S": "ad_hoc/reduced/S", "S_sigma": "ad_hoc/reduced/S_errors", "F": "ad_hoc/reduced/F", "r": "ad_hoc/data/r",
              "G": "ad_hoc/data/G", "G_sigma": "ad_hoc/data/G_errors"},
    "fsdp": {"q": "fsdp/data/q", "data": "fsdp/data/data", "data_sigma": "fsdp/data/data_errors", "fit": "fsdp/data/fit", "residual": "fsdp/residual/residual"},
    "cake": {"radial": "azimuthal_integration_2d/data/radial_axis", "chi": "azimuthal_integration_2d/data/azimuthal_axis",
             "I": "azimuthal_integration_2d/data/I", "I_sigma": "azimuthal_integration_2d/data/I_errors", "count": "azimuthal_integration_2d/data/pixels"},
    "map": {"q1": "fsdp/map/q1", "q1_sigma": "fsdp/map/q1_errors", "fwhm": "fsdp/map/fwhm", "fwhm_sigma": "fsdp/map/fwhm_errors",
            "chi2_reduced": "fsdp/map/chi2_reduced"},
}
# Units as they are published, of arrays and of numbers that the archive gives none.
_UNITS = {"q": "1/angstrom", "r": "angstrom", "F": "1/angstrom", "RDF": "1/angstrom", "residual": "sigma", "chi": "deg", "fluorescence": "electron units",
          "constant": "electron units",
          **dict.fromkeys(("G", "G_sigma", "G_background_sigma", "G_difference", "G_difference_sigma", "T"), "1/angstrom^2")}
_MAP_UNITS = dict.fromkeys(("q1", "q1_sigma", "fwhm", "fwhm_sigma"), "1/angstrom")
# Groups of numbers of each kind, and those that are published under another name.
_NUMBERS = {"pattern": ["background_subtraction/parameters"], "sq": ["structure_factor/parameters", "structure_factor/checks"],
            "gr": ["pair_distribution/parameters"], "fsdp": ["fsdp/parameters"], "adhoc": ["ad_hoc/parameters"]}
_PUBLISHED_AS = {"pattern": {"scale": "background_scale", "scale_sigma": "background_scale_sigma", "scale_low": "background_scale_low",
                             "scale_high": "background_scale_high", "background_uid": ""},
                 "sq": {"method": "normalization", "density": "density_A3", "S_high_q_errors": "S_high_q_sigma", "F_mean_errors": "F_mean_sigma",
                        "density_low_r": "density_low_r_A3", "constant_subtracted": "", "multiple_scattering_subtracted": ""},
                 "gr": {"density": "", "refine_refused": ""}}
# Numbers that stand elsewhere.
_SINGLE = {"pattern": {"unit": "azimuthal_integration/data/radial_unit", "transmission": "sample/transmission",
                       "transmission_sigma": "uncertainty/transmission_sigma"},
           "sq": {"form": "structure_factor/form"},
           "fsdp": {f"{name}_on_pattern{sigma}": f"fsdp/on_pattern/{name}{sigma}" for name in ("q1", "fwhm") for sigma in ("", "_sigma")},
           "cake": {"unit": "azimuthal_integration_2d/data/radial_unit"}}


_FIRST_LAYOUT, _KNOWN_LAYOUTS = "sqd.archive/1.0", "sqd.archive/1."


def open_archive(file: PathLike) -> Result:
    """An archive (.nxs) as a Result: curves, numbers and maps as they were published, to the bit, and the points. Needs h5py.

    Findings and what stands under /entry/uncertainty but the advice are for h5py itself: daemon/archive/README.md has the layout.
    """
    try:
        import h5py
    except ImportError as error:
        raise SqdError("archives need h5py: apt install python3-h5py") from error
    name = os.fspath(file)
    try:
        with h5py.File(file, "r") as opened:
            said = {key: _text(opened.attrs.get(key, "")) for key in ("creator", "creator_version", "schema")}
            if said["creator"] != "sqd" or "entry" not in opened:
                raise SqdError(f"{name}: no archive of sqd ({said['creator'] or 'nobody'} says that it wrote it)")
            version, schema = said["creator_version"] or "?", said["schema"] or _FIRST_LAYOUT  # not stated at first
            if not schema.startswith(_KNOWN_LAYOUTS):
                raise SqdError(f"{name}: its layout {schema!r} is not known to sqd_client {__version__}: use the client of sqd {version}, which wrote it, or a later one")
            try:
                return _read_archive(opened["entry"])
            except (KeyError, IndexError, TypeError, ValueError) as error:
                raise SqdError(f"{name}: not what sqd {version} says it wrote ({error}): damaged, or changed since") from error
    except (OSError, RuntimeError) as error:
        raise SqdError(f"{name}: no archive of sqd, or damaged ({error})") from error


def _text(attribute: Any) -> str:
    return attribute.decode(errors="replace") if isinstance(attribute, bytes) else str(attribute)


def _value(dataset: Any) -> Any:
    """A number, a text or a list of texts as Python has them; an array as it is."""
    found = dataset[()]
    if isinstance(found, bytes):
        return found.decode()
    if getattr(found, "dtype", None) is not None and found.dtype.kind in "OS" and found.ndim == 1:
        return [each.decode() for each in found]
    return found.item() if isinstance(found, np.generic) else found


def _tree(group: Any) -> Json:
    """What a group holds but its arrays."""
    out: Json = {}
    for name, item in group.items():
        if hasattr(item, "items"):
            out[name] = _tree(item)
        elif not isinstance(value := _value(item), np.ndarray):
            out[name] = value
    return out


def _numbers(group: Any, published_as: Dict[str, str]) -> Tuple[Json, Dict[str, str]]:
    """Values and units of a group of parameters as a header has them: no NaN, no empty text, shells one by one."""
    values: Json = {}
    units: Dict[str, str] = {}
    for name, dataset in group.items():
        found, unit = _value(dataset), str(dataset.attrs.get("units", ""))
        shells = isinstance(found, np.ndarray) and name.startswith("shell_")
        if isinstance(found, list) or (isinstance(found, np.ndarray) and not shells):
            continue
        for number, value in enumerate(found if shells else [found], 1):
            published = f"shell{number}_{name[6:]}".replace("_errors", "_sigma") if shells else published_as.get(name, name)
            if published and value != "" and value == value:
                values[published] = float(value) if shells else value
                if unit or published in _UNITS:
                    units[published] = unit or _UNITS[published]
    return values, units


def _points(entry: Any) -> Optional[Points]:
    if "frames/points" not in entry:
        return None
    group = entry["frames/points"]
    number = group["number"][()]
    frames, numbers = (group["frames"][()], group["frame_numbers"][()]) if "frames" in group else (np.ones_like(number), number)
    return Points(number, _value(group["reason"]), group["exposure"][()], group["monitor"][()], group["bin_counts"][()], frames, numbers)


def _on_grid(points: Points, grid: Any) -> Dict[str, Array]:
    """counts and used of each point, laid out as the map is; frames of one point have the mean of its counts."""
    rows, cols, snake = int(grid["rows"][()]), int(grid["cols"][()]), bool(grid["snake"][()])
    number = points.frame_numbers.astype(np.int64)
    row, col = number // cols, number % cols
    place = row * cols + np.where(snake & (row % 2 == 1), cols - 1 - col, col)
    out = {}
    bins = points.bin_counts
    counts = (np.cumsum(bins, axis=1)[:, -1] if bins.shape[1] else np.zeros(len(bins))) / points.frames  # one by one, as the service sums
    for name, values in (("counts", counts), ("used", np.array([float(reason == "") for reason in points.reason]))):
        image = np.full(rows * cols, np.nan)
        inside = place < image.size
        image[place[inside]] = np.repeat(values, points.frames.astype(np.int64))[inside]
        out[name] = image.reshape(rows, cols)
    return out


def _header_of(kind: str, entry: Any, arrays: Dict[str, Array]) -> Json:
    """What the header of one kind says of its own."""
    values: Json = {}
    units: Dict[str, str] = {}
    for place in (place for place in _NUMBERS.get(kind, ()) if place in entry):
        more_values, more_units = _numbers(entry[place], _PUBLISHED_AS.get(kind, {}))
        values.update(more_values)
        units.update(more_units)
    for name, place in _SINGLE.get(kind, {}).items():
        if place in entry:
            values[name] = _value(entry[place])
            if unit := str(entry[place].attrs.get("units", "")):
                units[name] = unit
    if kind == "pattern" and "transmission" not in values:  # it stands for an empty beam then
        values.pop("transmission_sigma", None)
    if kind == "gr" and values.get("top_hat") == 0:  # none
        del values["top_hat"], units["top_hat"]
    array_units = {**_UNITS, **(_MAP_UNITS if kind == "map" else {})}
    listed = [{"name": name, "unit": array_units.get(name, ""), "dtype": array.dtype.str, "shape": list(array.shape)} for name, array in arrays.items()]
    header: Json = {"values": values, "units": units, "flags": _value(entry["provenance/flags"]), "arrays": listed}
    if kind == "fsdp":
        header["flags"] = header["flags"] + _value(entry["fsdp/parameters/flags"])
        if "uncertainty/advice" in entry:
            header["advice"] = _tree(entry["uncertainty/advice"])
    if kind in ("sq", "fsdp") and "comparison" in entry:
        reference = {"uid": _value(entry["comparison/reference_uid"]), "id": _value(entry["comparison/reference_id"])}
        header["comparison"] = {"reference": reference, **_tree(entry["comparison"])}
    return header


def _read_archive(entry: Any) -> Result:
    said, sample, frames = entry["provenance"], entry["sample"], entry["frames"]
    scan: Json = {"uid": _value(said["scan_uid"]), "id": _value(sample["name"]), "role": _value(sample["role"]), "series_id": _value(said["series_id"])}
    for name, value in (("series_unique_id", _value(said["series_unique_id"])), ("mount", _value(sample["mount"]))):
        if value:
            scan[name] = value
    if "grid" in sample:
        scan["grid"] = [_value(sample["grid/rows"]), _value(sample["grid/cols"])]
    parameters = dict(zip(_value(sample["parameters/name"]), sample["parameters/value"][()].tolist()))
    if parameters:
        scan["parameters"] = parameters
    accounting: Json = {name: _value(frames[name]) for name in ("expected", "received", "used", "rejected", "missing", "pending", "duplicate")}
    accounting["missing_ranges"] = frames["missing_ranges"][()].tolist()
    if "per_point" in frames:
        accounting["per_point"] = _value(frames["per_point"])
    accounting["rejected_by"] = dict(zip(_value(frames["rejected_by/reason"]), frames["rejected_by/frames"][()].tolist()))
    names = {"start_time": "first_frame", "end_time": "last_frame", "azimuthal_integration/date": "reduced"}
    base: Json = {"scan": scan, "result": _value(said["result"]), "state": _value(said["state"]), "durable": True, "frames": accounting, "epoch": "", "seq": 0,
                  "time": {published: _value(entry[name]) for name, published in names.items() if name in entry},
                  "provenance": {**{name: _value(said[name]) for name in ("version", "config_sha256", "geometry_sha256", "mask_sha256", "corrections")},
                                 "background": _value(said["background_uid"])}}
    points = _points(entry)
    messages: Dict[str, Message] = {}
    for kind, places in _ARCHIVED.items():
        arrays = {name: entry[place][()] for name, place in places.items() if place in entry}
        if kind == "map" and points and "grid" in sample:
            arrays = {**_on_grid(points, sample["grid"]), **arrays}
        if kind == "pattern" and _value(entry["azimuthal_integration/data/radial_unit"]) != "q_A^-1":
            arrays["radial"] = entry["azimuthal_integration/data/radial_axis"][()]
        if not {name for name in arrays if "difference" not in name}:
            continue
        messages[kind] = Message("", {"schema": f"sqd.{kind}/1.0", **base, **_header_of(kind, entry, arrays)}, arrays)
    for message in messages.values():
        message.header["kinds"] = list(messages)
    return Result(messages, points)
