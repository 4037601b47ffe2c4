"""The rooms and their order are law: who includes whom, who links whom, what lies at the top level, how files look."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).parents[2]))

# Room -> rooms that it may include, besides itself.
MAY_INCLUDE = {
    "pipeline/core": [],
    "pipeline/reduce": ["pipeline/core"],
    "pipeline/stream": ["pipeline/core", "pipeline/reduce"],
    "detectors": ["pipeline/core"],
    "config": ["pipeline/core", "pipeline/reduce", "pipeline/stream", "detectors"],
    "daemon": ["pipeline/core", "pipeline/reduce", "pipeline/stream", "detectors", "config"],
}
# Headers of libraries that only some rooms may know.
RESERVED = {
    r"yaml-cpp/": ["config"],
    r"zmq(\.hpp|\.h)": ["daemon"],
    r"hdf5\.h|H5": ["daemon"],
    r"spdlog/": ["pipeline/stream", "daemon"],
    r"thread>|mutex>|condition_variable>": ["pipeline/stream", "daemon"],
    r"xraylib": ["pipeline/reduce", "daemon/simulate"],
}
TOP_LEVEL = {"CMakeLists.txt", "clients", "daemon", "pipeline", "detectors", "config", "tests", "deploy", "README.md", "CMakePresets.json", ".clang-format",
             ".clang-tidy", ".editorconfig", ".gitignore", ".ci", "CHANGELOG.md", "LICENSE"}
ORDER = ["sqd_core", "sqd_reduce", "sqd_stream", "sqd_detectors", "sqd_config", "sqd_daemon"]


def tracked():
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = out.stdout.split("\n") if out.returncode == 0 else []
    return [ROOT / n for n in names if n and (ROOT / n).exists()]


def sources():
    return [f for f in tracked() if f.suffix in (".hpp", ".cpp")]


def room_of(path):
    relative = str(path.relative_to(ROOT))
    return next((room for room in MAY_INCLUDE if relative.startswith(room + "/")), None)


class Layering(unittest.TestCase):
    def test_there_is_something_to_check(self):
        self.assertGreater(len(sources()), 50)

    def test_a_room_includes_only_rooms_below_it(self):
        bad = []
        for path in sources():
            room = room_of(path)
            if room is None:
                continue
            for number, line in enumerate(path.read_text().split("\n"), 1):
                found = re.match(r'#include "([^"]+)"', line)
                if not found:
                    continue
                target = room_of(ROOT / found.group(1))
                if target != room and target not in MAY_INCLUDE[room]:
                    bad.append(f"{path.relative_to(ROOT)}:{number}: {room} must not include {found.group(1)}")
        self.assertEqual(bad, [])

    def test_libraries_stay_in_their_rooms(self):
        bad = []
        for path in sources():
            relative = str(path.relative_to(ROOT))
            if room_of(path) is None:
                continue
            for pattern, rooms in RESERVED.items():
                for line in path.read_text().split("\n"):
                    if re.match(r"#include <(" + pattern + ")", line) and not any(relative.startswith(r + "/") for r in rooms):
                        bad.append(f"{relative}: {line}")
        self.assertEqual(bad, [])

    def test_targets_link_downwards(self):
        allowed = {"sqd_core": [], "sqd_reduce": ["sqd_core"], "sqd_stream": ["sqd_core", "sqd_reduce"], "sqd_detectors": ["sqd_core"],
                   "sqd_config": ["sqd_detectors", "sqd_reduce", "sqd_stream"], "sqd_daemon": ["sqd_config", "sqd_detectors", "sqd_stream", "sqd_reduce"]}
        seen = set()
        for name in ("pipeline", "detectors", "config", "daemon"):
            text = (ROOT / name / "CMakeLists.txt").read_text()
            for target, links in re.findall(r"target_link_libraries\((sqd_\w+)([^)]*)\)", text):
                rooms = [w for w in links.split() if w in ORDER]
                seen.add(target)
                self.assertTrue(set(rooms) <= set(allowed[target]), f"{target} links {rooms}")
        self.assertEqual(seen, set(ORDER))

    def test_the_top_level_is_as_designed(self):
        names = {str(p.relative_to(ROOT)).split("/")[0] for p in tracked()}
        self.assertEqual(names - TOP_LEVEL, set())


class Look(unittest.TestCase):
    def test_every_file_begins_with_its_purpose(self):
        bad = [str(p.relative_to(ROOT)) for p in sources() if p.suffix == ".hpp" and not p.read_text().startswith("// ")]
        self.assertEqual(bad, [])

    def test_headers_have_pragma_once_and_no_using_namespace(self):
        for path in sources():
            if path.suffix == ".hpp":
                text = path.read_text()
                self.assertIn("#pragma once", text, path)
                self.assertIsNone(re.search(r"^using namespace", text, re.M), path)

    def test_no_tabs_no_unfinished_marks(self):
        word = "TO" + "DO"
        bad = []
        for path in sources():
            for number, line in enumerate(path.read_text().split("\n"), 1):
                if "\t" in line or word in line or "FIX" + "ME" in line:
                    bad.append(f"{path.relative_to(ROOT)}:{number}")
        self.assertEqual(bad, [])

    def test_interfaces_are_few(self):
        # Virtual bases of the project: Decoder, TileReader, ResultSink, Clock.
        bases = set()
        for path in sources():
            if room_of(path):
                for name, body in re.findall(r"^class (\w+)[^;{]*\{(.*?)^\};", path.read_text(), re.M | re.S):
                    if re.search(r"virtual [^;]*= 0;", body):
                        bases.add(name)
        self.assertEqual(bases, {"Decoder", "TileReader", "ResultSink", "Clock"})

    def test_program_entry_is_small(self):
        self.assertLessEqual(len((ROOT / "daemon/main.cpp").read_text().split("\n")), 81)

    def test_nothing_built_is_tracked(self):
        bad = [str(p.relative_to(ROOT)) for p in tracked() if p.suffix in (".o", ".a", ".so", ".nxs", ".h5", ".log", ".pyc")]
        self.assertEqual(bad, [])
        big = [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > 1_000_000]
        self.assertEqual(big, [])


if __name__ == "__main__":
    unittest.main()
