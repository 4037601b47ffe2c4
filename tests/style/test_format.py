"""All C++ files look as .clang-format says."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("SQD_SOURCE", pathlib.Path(__file__).parents[2]))


class Format(unittest.TestCase):
    def test_clang_format_changes_nothing(self):
        files = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        self.assertGreater(len(files), 100)
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, "run clang-format -i on these:\n" + done.stderr[:4000])


if __name__ == "__main__":
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout if shutil.which("clang-format") else ""
    if " 14." not in version:
        print("SKIPPED: clang-format 14 is not here")
        sys.exit(77)
    unittest.main()
