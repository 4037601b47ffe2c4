"""sqd in Sardana: macros sqd_begin and sqd_end (general hooks of scans: pre-scan and post-scan), and q1 as 0D channels.

The file serves both folders: macros for the MacroServer, the controller for the Pool (axes 1 to 4: q1, q1_sigma, fwhm, fwhm_sigma).
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

from sardana import State
from sardana.macroserver.macro import Macro, Type
from sardana.pool.controller import DefaultValue, Description, ZeroDController
from sardana.pool.controller import Type as PropertyType

from sqd_client import Client, Result

AXES = ("q1", "q1_sigma", "fwhm", "fwhm_sigma")
RESULTS, CONTROL = "tcp://127.0.0.1:5560", "tcp://127.0.0.1:5561"


class sqd_begin(Macro):  # type: ignore[misc]
    """Begins a scan of sqd: all detector series until sqd_end are one measurement."""

    param_def = [["name", Type.String, None, "name of the sample"], ["role", Type.String, "sample", "sample, background, dark or calibrant"],
                 ["points", Type.Integer, 0, "frames to come; 0 = not known"]]

    def run(self, name: str, role: str, points: int) -> None:
        with Client(results=RESULTS, control=CONTROL) as sqd:
            scan = sqd.begin(name=name, role=role, **({"points": points} if points else {}))
        self.output("sqd: %s begun (%s)", scan.id, scan.uid)


class sqd_end(Macro):  # type: ignore[misc]
    """Ends the scan of sqd and says what came out."""

    param_def = [["timeout", Type.Float, 30.0, "seconds to wait for the final"]]

    def run(self, timeout: float) -> None:
        with Client(results=RESULTS, control=CONTROL) as sqd:
            uid = str(sqd.status()["scan"]["uid"])
            sqd.end()
            result = sqd.wait_final(uid, timeout)
        if "q1" in result:
            self.output("sqd: %s q1 = %.5f +- %.5f 1/A, %d frames", result.id, result.q1, result.q1_sigma, result.used)
        else:
            self.output("sqd: %s, %d frames, no peak (%s)", result.id, result.used, ", ".join(result.flags))


class SqdZeroDController(ZeroDController):  # type: ignore[misc]
    """q1, q1_sigma, fwhm, fwhm_sigma of the newest sample; NaN while there is none."""

    ctrl_properties = {"Results": {PropertyType: str, Description: "results endpoint of sqd", DefaultValue: RESULTS},
                       "Control": {PropertyType: str, Description: "control endpoint of sqd", DefaultValue: CONTROL}}
    MaxDevice = len(AXES)

    def __init__(self, inst: str, props: Any, *args: Any, **kwargs: Any):
        super().__init__(inst, props, *args, **kwargs)
        self.client = Client(results=self.Results, control=self.Control, kinds=("fsdp",))
        self.result: Optional[Result] = None

    def AddDevice(self, axis: int) -> None:
        pass

    def DeleteDevice(self, axis: int) -> None:
        pass

    def StateOne(self, axis: int) -> Tuple[Any, str]:
        if self.client.stale:
            return State.Fault, f"no heartbeat of sqd for {self.client.age:.0f} s"
        return State.On, str(self.client.heartbeat.get("reason", ""))

    def PreReadAll(self) -> None:
        while (result := self.client.next_result()) is not None:
            self.result = result if result.role == "sample" else self.result

    def ReadOne(self, axis: int) -> float:
        name = AXES[axis - 1]
        return self.result.value(name) if self.result is not None and name in self.result else float("nan")

    def AbortOne(self, axis: int) -> None:
        pass
