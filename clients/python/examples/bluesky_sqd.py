"""sqd in Bluesky: runs become scans of sqd, and q1 comes back as a signal. Needs nothing of bluesky: its protocols are plain methods.

    sqd = Client("id13")
    RE.subscribe(SqdRuns(sqd, name="vit4"))           # each run is a scan of sqd; what was measured is reduced together
    RE(bp.fly([SqdFlyer(sqd, name="vit4")]))          # or: a flyer that is a scan, whose event is the final q1
    RE(bp.scan([SqdReading(sqd)], motor, 0, 1, 11))   # or: the newest q1 as a reading at each point

A Client is for one thread; the RunEngine calls all of these from its own. Use it outside with another Client.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterator, List, Optional

from sqd_client import Client, Result, Scan

READ = ("q1", "q1_sigma", "fwhm", "fwhm_sigma")
Document = Dict[str, Any]


class Done:
    """A bluesky Status of something that has been done already, or failed."""

    def __init__(self, error: Optional[BaseException] = None):
        self._error = error
        self.done, self.success = True, error is None

    def exception(self, timeout: Optional[float] = 0.0) -> Optional[BaseException]:
        return self._error

    def add_callback(self, callback: Callable[[Done], None]) -> None:
        callback(self)


class SqdRuns:
    """A callback for RE.subscribe: begin at `start`, end at `stop`, abort where the run failed. `finals` has the results."""

    def __init__(self, client: Client, timeout: float = 30.0, **announced: Any):
        self.client, self.timeout, self.announced = client, timeout, announced
        self.scan: Optional[Scan] = None
        self.finals: List[Result] = []

    def __call__(self, name: str, document: Document) -> None:
        if name == "start":
            said = {"name": f"{document.get('plan_name', 'scan')}_{document['scan_id']}", **self.announced}
            if "num_points" in document:
                said.setdefault("points", document["num_points"])
            self.scan = self.client.begin(**said)
        elif name == "stop" and self.scan is not None:
            scan, self.scan = self.scan, None
            if document["exit_status"] != "success":
                self.client.abort()
                return
            self.client.end()
            self.finals.append(scan.final(self.timeout))


def _describe(source: str) -> Dict[str, Document]:
    return {f"sqd_{key}": {"source": source, "dtype": "number", "shape": [], "units": "1/angstrom"} for key in READ}


def _numbers(result: Optional[Result]) -> Dict[str, float]:
    """NaN where there is no peak (yet)."""
    return {f"sqd_{key}": result.value(key) if result is not None and key in result else float("nan") for key in READ}


class SqdReading:
    """Readable: q1 and width as they are now, of the frames so far. `trigger` takes in what has come; it waits for nothing."""

    parent = None

    def __init__(self, client: Client, name: str = "sqd"):
        self.client, self.name = client, name
        self.result: Optional[Result] = None

    def trigger(self) -> Done:
        while (result := self.client.next_result()) is not None:
            self.result = result if result.role == "sample" else self.result
        return Done()

    def describe(self) -> Dict[str, Document]:
        return _describe(f"sqd:{self.client.instance}")

    def read(self) -> Dict[str, Document]:
        return {key: {"value": value, "timestamp": time.time()} for key, value in _numbers(self.result).items()}

    def read_configuration(self) -> Dict[str, Document]:
        return {}

    def describe_configuration(self) -> Dict[str, Document]:
        return {}


class SqdFlyer:
    """Flyable: kickoff begins a scan, complete ends it and waits for its final, collect gives that as one event.

    `measure` is what happens between: it makes the detector go and returns when it has stopped. Without it the plan does that itself.
    """

    parent = None

    def __init__(self, client: Client, name: str = "sqd", measure: Optional[Callable[[], None]] = None, timeout: float = 60.0, **announced: Any):
        self.client, self.name, self.measure, self.timeout, self.announced = client, name, measure, timeout, announced
        self.scan: Optional[Scan] = None
        self.final: Optional[Result] = None

    def kickoff(self) -> Done:
        self.scan, self.final = self.client.begin(**{"name": self.name, **self.announced}), None
        return Done()

    def complete(self) -> Done:
        if self.scan is None:
            return Done(RuntimeError("complete before kickoff"))
        try:
            if self.measure:
                self.measure()
            self.client.end()
            self.final = self.scan.final(self.timeout)
        except Exception as error:  # the RunEngine raises it where the plan waits
            return Done(error)
        return Done()

    def describe_collect(self) -> Dict[str, Dict[str, Document]]:
        return {self.name: _describe(f"sqd:{self.client.instance}")}

    def collect(self) -> Iterator[Document]:
        data, now = _numbers(self.final), time.time()
        yield {"time": now, "data": data, "timestamps": dict.fromkeys(data, now)}
