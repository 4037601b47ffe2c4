"""The folder installs with pip, without a network, and what is installed is what it says."""

import importlib.util
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from beamline import CLIENT, ROOT, run_python, sqd_client


class Install(unittest.TestCase):
    def test_pip_installs_it_into_a_prefix(self):
        with tempfile.TemporaryDirectory(prefix="sqd-test-") as folder:
            source = pathlib.Path(folder) / "python"  # setuptools writes beside what it builds
            shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info", ".mypy_cache"))
            done = run_python("-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--prefix", f"{folder}/prefix", source,
                              timeout=120, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
            self.assertEqual(done.returncode, 0, done.stderr)
            (installed,) = pathlib.Path(folder, "prefix").rglob("sqd_client.py")
            self.assertEqual(installed.read_bytes(), (CLIENT / "sqd_client.py").read_bytes())
            code = "import sqd_client, importlib.metadata as m; print(sqd_client.__file__, sqd_client.__version__, m.version('sqd-client'), m.requires('sqd-client'))"
            done = run_python("-c", code, PYTHONPATH=str(installed.parent))
            self.assertEqual(done.returncode, 0, done.stderr)
            file, version, stated, *requires = done.stdout.split(maxsplit=3)
            self.assertEqual((file, version, stated), (str(installed), sqd_client.__version__, sqd_client.__version__))
            self.assertIn("'numpy', 'pyzmq'", requires[0])

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
