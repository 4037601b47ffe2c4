"""sqd in BLISS: a scan preset that makes each scan one of sqd, and q1 as counters.

    sqd = Client("id13")
    s = loopscan(10, 0.1, eiger, run=False)
    s.add_preset(preset := SqdPreset(sqd, name="vit4"))
    s.run(); preset.final(30).q1

    q1 = SqdCounters("sqd", sqd)          # in a measurement group: ct(1, q1), ascan(..., q1)

BLISS is one thread of greenlets: a call to sqd takes a millisecond, `final` blocks until the final is there.
"""

from __future__ import annotations

from typing import Any, List, Optional

from bliss.common.counter import SamplingCounter
from bliss.controllers.counter import SamplingCounterController
from bliss.scanning.scan import ScanPreset

from sqd_client import Client, Result, Scan

COUNTERS = ("q1", "q1_sigma", "fwhm", "fwhm_sigma")


class SqdPreset(ScanPreset):  # type: ignore[misc]
    """begin before the devices start, end after they have stopped. Keys are those of `announce`."""

    def __init__(self, client: Client, **announced: Any):
        super().__init__()
        self.client, self.announced = client, announced
        self.scan: Optional[Scan] = None

    def prepare(self, scan: Any) -> None:
        self.scan = self.client.begin(**{"name": scan.name, **self.announced})

    def stop(self, scan: Any) -> None:
        if self.scan is not None:
            self.client.end()

    def final(self, timeout: float = 60.0) -> Result:
        if self.scan is None:
            raise RuntimeError("no scan has run with this preset")
        return self.scan.final(timeout)


class SqdCounters(SamplingCounterController):  # type: ignore[misc]
    """Counters q1, q1_sigma, fwhm, fwhm_sigma [1/angstrom]: of the newest sample, NaN while there is none."""

    def __init__(self, name: str, client: Client):
        super().__init__(name)
        self.client = client
        self.result: Optional[Result] = None
        for counter in COUNTERS:
            self.create_counter(SamplingCounter, counter, unit="1/angstrom")

    def read_all(self, *counters: Any) -> List[float]:
        while (result := self.client.next_result()) is not None:
            self.result = result if result.role == "sample" else self.result
        return [self.result.value(each.name) if self.result is not None and each.name in self.result else float("nan") for each in counters]
