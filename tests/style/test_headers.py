"""Every header compiles alone: what it needs, it includes.

A header that is read first, with nothing before it, has been compiled alone by the build: where sources are not joined most are the first
include of their own source, and the first include of such a header is read first, too. Only the others are compiled here.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("SQD_BUILD", ROOT / "build/release"))
ROOMS = ("pipeline", "detectors", "config", "daemon")


def include_flags(commands):
    """Include folders of all targets, from CMake's own list of compile commands."""
    flags = {f"-I{ROOT}"}
    for entry in commands:
        words = entry["command"].split()
        for i, word in enumerate(words):
            if word in ("-I", "-isystem"):
                flags.add("-isystem" + words[i + 1])
            elif word.startswith(("-I", "-D")) and "DSQD_VERSION" not in word:
                flags.add(word)
    return sorted(flags)


def first_include(path):
    """The project's header that is the first thing a file reads, or None."""
    first = re.search(r'^\s*#\s*include\s*(["<])([^">]+)', path.read_text(), re.M)
    header = first and first[1] == '"' and ROOT / first[2]
    return header if header and header.exists() else None


def read_first(commands):
    """Headers that the build has compiled with nothing before them. A source with a precompiled header (-include) shows nothing."""
    proven = set()
    for entry in commands:
        source, compiled = pathlib.Path(entry["file"]), pathlib.Path(entry["directory"], re.search(r" -o (\S+)", entry["command"])[1])
        if not source.exists() or not compiled.exists() or " -include " in entry["command"]:
            continue
        header, built = first_include(source), compiled.stat().st_mtime
        while header and header not in proven and header.stat().st_mtime < built:
            proven.add(header)
            header = first_include(header)
    return proven


class Headers(unittest.TestCase):
    def test_each_header_compiles_alone(self):
        commands = json.loads((BUILD / "compile_commands.json").read_text())
        flags = include_flags(commands)
        headers = {h for room in ROOMS for h in (ROOT / room).rglob("*.hpp")}
        self.assertGreater(len(headers), 30)
        left = sorted(headers - read_first(commands))
        print(f"{len(headers)} headers, {len(left)} of them to be compiled here")

        def compiles(header):
            command = ["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", '-DSQD_VERSION="x"', *flags, "-include", str(header), "/dev/null"]
            done = subprocess.run(command, capture_output=True, text=True)
            return "" if done.returncode == 0 else f"{header.relative_to(ROOT)}:\n{done.stderr[:800]}"

        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            bad = [text for text in pool.map(compiles, left) if text]
        self.assertEqual(bad, [])


if __name__ == "__main__":
    if not (BUILD / "compile_commands.json").exists():
        print("SKIPPED: no compile_commands.json in", BUILD)
        sys.exit(77)
    unittest.main()
