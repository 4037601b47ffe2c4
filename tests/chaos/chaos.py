#!/usr/bin/python3
"""Misfortunes, and whether the promises hold. Prints figures; exit code 1 if any does not.

    chaos.py [--kills 200] [--seed 1] [--only NAME ...]
"""

import argparse
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "integration")]

import clients  # noqa: E402
import disk  # noqa: E402
import kills  # noqa: E402
import network  # noqa: E402

SCENARIOS = {
    "kills": lambda options: kills.run(options.kills, options.seed),
    "clients": lambda options: clients.run(options.seed),
    "disk": lambda options: disk.run(options.seed),
    "network": lambda options: network.run(options.seed),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS)
    options = parser.parse_args()
    wrong = []
    for name in options.only or SCENARIOS:
        wrong += SCENARIOS[name](options)
    for sentence in wrong[:50]:
        print("VIOLATION:", sentence)
    print(f"{len(wrong)} violations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
