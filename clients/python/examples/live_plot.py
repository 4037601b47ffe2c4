#!/usr/bin/env python3
"""S(q) as it sharpens, and q1 of the finals: a window that is never behind and says when nothing comes.

    live_plot.py [HOST] [--results ENDPOINT] [--control ENDPOINT] [--save FILE.png] [--finals N]
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, List, Optional

import matplotlib

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    matplotlib.use("Agg")  # no screen: only --save shows anything
import matplotlib.pyplot as plt

from sqd_client import Client, Result

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "0.6"  # Okabe and Ito: told apart by everybody


class Plot:
    def __init__(self) -> None:
        self.figure, (self.curve, self.trend) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
        self.finals: List[Result] = []
        self.reference: Optional[Result] = None  # the first final sample

    def show(self, result: Result) -> None:
        axes = self.curve
        axes.clear()
        if self.reference is not None:
            axes.plot(self.reference.S.x, self.reference.S.y, "--", color=GREY, label=self.reference.id)
        x, y, sigma = result.S if "S" in result else result.I
        axes.fill_between(x, y - sigma, y + sigma, color=BLUE, alpha=0.3, lw=0)
        axes.plot(x, y, color=BLUE, lw=1, label=f"{result.id}: {result.used} frames, {result.state}")
        axes.set(xlabel="q (1/Å)", ylabel="S(q)" if "S" in result else "I(q)")
        axes.legend(loc="upper right")
        if result.is_final and "q1" in result:
            self.finals.append(result)
            self.reference = self.reference or result
            self.show_trend()

    def show_trend(self) -> None:
        self.trend.clear()
        self.trend.errorbar(range(len(self.finals)), [r.q1 for r in self.finals], [r.q1_sigma for r in self.finals], fmt="o", color=ORANGE, capsize=3)
        self.trend.set_xticks(range(len(self.finals)), [r.id for r in self.finals], rotation=45)
        self.trend.set_ylabel("q1 (1/Å)")

    def say(self, client: Client) -> None:
        """The state in words, STALE where no heartbeat comes."""
        beat: Any = client.heartbeat
        self.figure.suptitle(f"STALE for {client.age:.0f} s" if client.stale else f"{beat.get('state', '')}: {beat.get('reason', '')}",
                             color=ORANGE if client.stale or beat.get("alarm") else "0.2")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("host", nargs="?", default="127.0.0.1")
    parser.add_argument("--results")
    parser.add_argument("--control")
    parser.add_argument("--save", help="write the picture here, at each final")
    parser.add_argument("--finals", type=int, help="end after so many final samples")
    options = parser.parse_args()
    plot = Plot()
    with Client(options.host, results=options.results, control=options.control, kinds=("pattern", "sq", "fsdp")) as sqd:
        while options.finals is None or len(plot.finals) < options.finals:
            result = sqd.next_result(0.2)
            if result is not None and result.role == "sample":
                plot.show(result)
            plot.say(sqd)
            if options.save and result is not None and result.is_final:
                plot.figure.savefig(options.save, dpi=100)
            if matplotlib.get_backend().lower() != "agg":
                if not plt.fignum_exists(plot.figure.number):
                    break  # the window was closed
                plt.pause(0.01)
    return 0


if __name__ == "__main__":
    sys.exit(main())
