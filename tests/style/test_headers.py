"""Every header compiles alone: what it needs, it includes."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("SQD_BUILD", ROOT / "build/release"))
ROOMS = ("pipeline", "detectors", "config", "daemon")


def include_flags():
    """Include folders of all targets, from CMake's own list of compile commands."""
    flags = {f"-I{ROOT}"}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        words = entry["command"].split()
        for i, word in enumerate(words):
            if word in ("-I", "-isystem"):
                flags.add("-isystem" + words[i + 1])
            elif word.startswith(("-I", "-D")) and "DSQD_VERSION" not in word:
                flags.add(word)
    return sorted(flags)


class Headers(unittest.TestCase):
    def test_each_header_compiles_alone(self):
        flags = include_flags()
        headers = sorted(h for room in ROOMS for h in (ROOT / room).rglob("*.hpp"))
        self.assertGreater(len(headers), 30)

        def compiles(header):
            command = ["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", '-DSQD_VERSION="x"', *flags, "-include", str(header), "/dev/null"]
            done = subprocess.run(command, capture_output=True, text=True)
            return "" if done.returncode == 0 else f"{header.relative_to(ROOT)}:\n{done.stderr[:800]}"

        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            bad = [text for text in pool.map(compiles, headers) if text]
        self.assertEqual(bad, [])


if __name__ == "__main__":
    if not (BUILD / "compile_commands.json").exists():
        print("SKIPPED: no compile_commands.json in", BUILD)
        sys.exit(77)
    unittest.main()
