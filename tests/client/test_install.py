"""The folder installs with pip, without a network, and what is installed is what it says."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from beamline import CLIENT, ROOT, run_python, sqd_client


class Install(unittest.TestCase):
    def test_pip_installs_it_into_a_virtual_environment(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            source = pathlib.Path(folder) / "python"  # setuptools writes beside what it builds
            shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info", ".mypy_cache"))
            done = run_python("-m", "venv", "--system-site-packages", "--without-pip", f"{folder}/venv")  # Debian's pip is there, and quicker than a new one
            self.assertEqual(done.returncode, 0, done.stderr)

            def inside(*arguments):
                environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
                return subprocess.run([f"{folder}/venv/bin/python", *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=folder,
                                      env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "MPLCONFIGDIR": folder, "DISPLAY": ""})

            done = inside("-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--quiet", source)
            self.assertEqual(done.returncode, 0, done.stderr)
            (installed,) = pathlib.Path(folder, "venv").rglob("sqd_client.py")
            self.assertEqual(installed.read_bytes(), (CLIENT / "sqd_client.py").read_bytes())
            code = "import sqd_client, importlib.metadata as m; print(sqd_client.__file__, sqd_client.__version__, m.version('sqd-client'), m.requires('sqd-client'))"
            done = inside("-c", code)
            self.assertEqual(done.returncode, 0, done.stderr)
            file, version, stated, *requires = done.stdout.split(maxsplit=3)
            self.assertEqual((file, version, stated), (str(installed), sqd_client.__version__, sqd_client.__version__))
            self.assertIn("'numpy', 'pyzmq'", requires[0])
            shown = inside(CLIENT / "examples/live_plot.py", "--help")  # what is beside it is found: matplotlib without a screen, the client
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("--save", shown.stdout)

    def test_its_version_is_that_of_the_service(self):
        stated = re.search(r"project\(sqd\s+VERSION\s+(\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertEqual(stated, sqd_client.__version__)
        self.assertIn(f'version = "{stated}"', (CLIENT / "pyproject.toml").read_text())

    def test_it_needs_nothing_but_numpy_and_pyzmq(self):
        code = "import sys; sys.modules['h5py'] = None; import sqd_client; sqd_client.open_archive('x.nxs')"
        done = run_python("-c", code, PYTHONPATH=str(CLIENT))
        self.assertIn("SqdError: archives need h5py", done.stderr)
        code = "import sys; before = set(sys.modules); import numpy, zmq, zmq.utils.monitor; had = set(sys.modules); import sqd_client; print(*sorted({m.split('.')[0] for m in set(sys.modules) - had}))"
        done = run_python("-c", code, PYTHONPATH=str(CLIENT))
        self.assertEqual(done.returncode, 0, done.stderr)
        foreign = [name for name in done.stdout.split() if name != "sqd_client" and name not in sys.stdlib_module_names]
        self.assertEqual(foreign, [])


if __name__ == "__main__":
    if absent := [name for name in ("pip", "setuptools", "wheel") if importlib.util.find_spec(name) is None]:
        print("SKIPPED: not installed:", *absent)
        sys.exit(77)
    unittest.main()
