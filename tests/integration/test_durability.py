"""What was published as durable is in the archive, whatever happened to disks and program: kill -9, directories that are in the way, gone
or read-only, full disks, files that may not grow. Publication goes on, and everything recovers without a restart.
"""

import errno
import pathlib
import resource
import shutil
import signal
import subprocess
import unittest

import h5py
import numpy as np

from sqd_testing import BINARY, PATIENCE, SMALL, Daemon, Sender, set_source, station, temporary, v1_end, v1_header, v1_image

SHAPE = (256, 256)
FRAMES = 4
# Where the archive keeps what is published.
ARCHIVED = {"pattern": {"I": "azimuthal_integration/data/I", "I_sigma": "azimuthal_integration/data/I_errors", "q": "azimuthal_integration/data/q"},
            "sq": {"S": "structure_factor/data/S", "S_sigma": "structure_factor/data/S_errors"},
            "gr": {"G": "pair_distribution/data/G"}}


def remove(folder):
    """However often the service writes into it meanwhile."""
    while True:
        try:
            return shutil.rmtree(folder)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise


class Durability(unittest.TestCase):
    def setUp(self):
        directory = temporary()
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.archive, self.journal = self.folder / "archive", self.folder / "journal"
        self.sender = self.enterContext(Sender())
        self.series = 0
        self.random = np.random.default_rng(20261126)

    def config(self, own_journal=True):
        config = station("simulated", self.folder, replace={"background: {use: latest}": "background: {use: none}"})
        set_source(config, self.sender.endpoint)
        if own_journal:
            config.write_text(config.read_text() + f"journal: {{directory: {self.journal}}}\n")
        return config

    def begin(self):
        self.series += 1
        self.sender.send(v1_header(self.series, SHAPE, nimages=FRAMES, photon_energy=68500.0))
        self.send_image(0)

    def send_image(self, number):
        self.sender.send(v1_image(self.series, number, self.random.poisson(20, SHAPE).astype(np.uint32)))

    def end(self):
        for number in range(1, FRAMES):
            self.send_image(number)
        self.sender.send(v1_end(self.series))

    def published(self, daemon):
        """The final of the series that was just played: its messages by kind."""
        daemon.wait_final("gr", self.series)  # the last kind but the peak
        return {kind: daemon.wait_final(kind, self.series) for kind in ARCHIVED}

    def scan(self, daemon):
        self.begin()
        self.end()
        return self.published(daemon)

    def assert_durable(self, messages, durable=True):
        for header, _ in messages.values():
            if not (SMALL and durable):  # a sanitizer may take longer than the second that a final waits
                self.assertEqual(header["durable"], durable, header["scan"])

    def files(self, uid):
        return [path for path in self.archive.glob("*") if uid in path.name]

    def assert_archived(self, messages):
        """In one file, bit for bit what went out."""
        for kind, (header, arrays) in messages.items():
            files = self.files(header["scan"]["uid"])
            self.assertEqual(len(files), 1, files)
            with h5py.File(files[0]) as file:
                self.assertEqual(int(file["entry/provenance/result"][()]), header["result"])
                for name, path in ARCHIVED[kind].items():
                    self.assertEqual(file["entry"][path][()].tobytes(), arrays[name].tobytes(), (kind, name))

    def wait_archived(self, daemon, count):
        daemon.wait_status(lambda s: s["counters"]["results_archived"] == count, f"{count} archived")

    def wait_alarms(self, daemon, wanted):
        return daemon.wait_status(lambda s: {a["name"] for a in s["alarms"] if a["active"]} & {"archive", "journal", "disk"} == wanted, f"alarms {wanted}")

    def check_trouble(self, daemon, trouble):
        """Trouble with the archive in the middle of a scan: what is published then is durable all the same; returns it."""
        before = self.scan(daemon)
        self.assert_durable(before)
        self.wait_archived(daemon, 1)
        self.begin()
        daemon.wait_status(lambda s: s["state"] == "running", "a running scan")
        trouble()
        self.end()
        messages = self.published(daemon)
        self.assert_durable(messages)
        return messages

    def test_a_file_in_the_place_of_the_archive(self):
        def trouble():
            self.archive.rename(self.folder / "aside")
            self.archive.write_text("in the way")

        with Daemon(self.config()) as daemon:
            messages = self.check_trouble(daemon, trouble)
            self.wait_alarms(daemon, {"archive"})
            self.assert_durable(self.scan(daemon))  # and the next one
            self.archive.unlink()
            self.wait_archived(daemon, 3)
            self.assert_archived(messages)
            self.wait_alarms(daemon, set())
            self.assertEqual(daemon.stop(), 0)

    def test_the_archive_is_removed_and_the_journal_in_it(self):
        with Daemon(self.config(own_journal=False)) as daemon:
            messages = self.check_trouble(daemon, lambda: remove(self.archive))
            self.wait_archived(daemon, 2)
            self.assert_archived(messages)
            self.wait_alarms(daemon, set())
            self.assertEqual(list(self.archive.glob(".journal/*.sqdj")), [self.archive / ".journal/00000002.sqdj"])
            self.assertEqual(daemon.stop(), 0)

    def test_files_that_may_not_grow(self):
        """Journal and archive both fail: not durable, alarms, nothing lost when they work again."""
        with Daemon(self.config()) as daemon:
            limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (1000, limits[1]))
            messages = self.scan(daemon)
            self.assert_durable(messages, False)
            self.wait_alarms(daemon, {"journal", "archive"})
            self.assertEqual(self.files(messages["sq"][0]["scan"]["uid"]), [])
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, limits)
            self.wait_archived(daemon, 1)
            self.assert_archived(messages)
            self.wait_alarms(daemon, set())
            self.assertEqual(daemon.counters()["results_lost"], 0)
            self.assertEqual(daemon.stop(), 0)

    def test_kill_9_after_a_durable_final(self):
        config = self.config()
        seen = []
        for archive_works in (True, False, True):
            with Daemon(config) as daemon:
                if not archive_works:
                    remove(self.archive)
                    self.archive.write_text("in the way")
                messages = self.scan(daemon)
                daemon.process.kill()
                self.assertEqual(daemon.finish(), -signal.SIGKILL)
            self.assert_durable(messages)
            if messages["sq"][0]["durable"]:
                seen.append(messages)
            if not archive_works:
                self.archive.unlink()
                seen = [messages]  # those before were archived, and then somebody took them away
        with Daemon(config) as daemon:
            daemon.wait_status(lambda s: all(self.files(m["sq"][0]["scan"]["uid"]) for m in seen), "all that was durable")
            for messages in seen:
                self.assert_archived(messages)
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(list(self.archive.glob("*.tmp")), [])

    def test_a_second_service_on_one_journal_is_refused(self):
        config = self.config()
        with Daemon(config):
            other = subprocess.run([BINARY, "run", "-c", config], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(other.returncode, 74)
        self.assertIn("journal.directory", other.stderr)
        self.assertIn("in use", other.stderr)

    def mounted_daemon(self, size):
        """A daemon whose archive is a small disk of its own, which only its name space sees; as root of that alone."""
        self.archive.mkdir()
        mount = f"mount -t tmpfs -o size={size} tmpfs {self.archive} && exec \"$@\""
        inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
        if shutil.which("unshare") is None or subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
            self.skipTest("SKIPPED: this machine gives no name space of one's own")
        config = self.config()
        config.write_text(config.read_text().replace(f"directory: {self.archive}}}", f"directory: {self.archive}, min_free_GB: 0.0001}}"))
        daemon = self.enterContext(Daemon(config, inside=inside))
        self.archive = pathlib.Path(f"/proc/{daemon.process.pid}/root") / self.archive.relative_to("/")  # as it sees it
        return daemon

    def remount(self, daemon, how):
        where = "/" / self.archive.relative_to(f"/proc/{daemon.process.pid}/root")
        subprocess.run(["nsenter", "--preserve-credentials", "--user", "--mount", f"--target={daemon.process.pid}", "mount", "-o", f"remount,{how}", where],
                       check=True)

    def test_a_read_only_archive(self):
        daemon = self.mounted_daemon("64m")
        messages = self.check_trouble(daemon, lambda: self.remount(daemon, "ro"))
        alarm = self.wait_alarms(daemon, {"archive"})["alarms"][0]
        self.assertIn("Read-only file system", alarm["message"])
        self.remount(daemon, "rw")
        self.wait_archived(daemon, 2)
        self.assert_archived(messages)
        self.wait_alarms(daemon, set())
        self.assertEqual(daemon.stop(), 0)

    def test_a_full_disk(self):
        daemon = self.mounted_daemon("8m")
        filler = self.archive / "filler"

        def fill():
            with open(filler, "wb", buffering=0) as file:
                try:
                    while file.write(bytes(4096)) == 4096:
                        pass
                except OSError:
                    pass

        messages = self.check_trouble(daemon, fill)
        status = self.wait_alarms(daemon, {"archive", "disk"})
        self.assertIn("No space left", next(a["message"] for a in status["alarms"] if a["name"] == "archive"))
        self.assertEqual(list(self.archive.glob("*.tmp")), [])
        filler.unlink()
        self.wait_archived(daemon, 2)
        self.assert_archived(messages)
        self.wait_alarms(daemon, set())
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
