#!/usr/bin/env python3
"""What is shipped beside the program holds with the program: unit, dashboard, runbook, container file, report."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import unittest

import numpy as np

from sqd_testing import BINARY, ROOT, Daemon, Sender, set_source, station, temporary, v1_end, v1_header, v1_image
from test_web import WebDaemon, web_station

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "sqd@.service"
SHAPE = (256, 256)


def run(*arguments, **options):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)


def verbs():
    """{verb: text of its help}"""
    text = run("--help").stdout
    names = re.findall(r"^  ([a-z]+) {2,}", text[text.index("Set up:"):], re.M)
    return {name: run(name, "--help").stdout for name in names}


def unit():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(UNIT)
    return parser


def commands_of(text):
    """Every command line of a page: lines of its code blocks without comments, and what stands between backticks and begins with a program's name."""
    programs = "sqd|systemctl|journalctl|curl|df|ssh"
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if line := line.split("#")[0].strip():
                yield line
    for span in re.findall(r"`([^`\n]+)`", text):
        if re.match(rf"({programs}) ", span):
            yield span


class Unit(unittest.TestCase):
    def test_what_it_starts_exists(self):
        known = verbs()
        service = unit()["Service"]
        for key in ("ExecStartPre", "ExecStart"):
            program, verb, *rest = service[key].removeprefix("-").split()
            self.assertEqual(program, "/usr/bin/sqd")
            self.assertIn(verb, known)
            for option in (word for word in rest if word.startswith("-")):
                self.assertRegex(known[verb], rf"(?m)^\s*{option}\b|[, ]{option}\b")
        self.assertTrue(service["ExecStartPre"].startswith("-"), "a failed check would be tried again whatever its exit code")
        self.assertEqual(shlex.split(service["ExecReload"]), ["/bin/sh", "-c", 'kill -HUP "$MAINPID"'])

    def test_it_is_what_the_program_promises(self):
        service = unit()["Service"]
        self.assertEqual(service["Type"], "notify")
        self.assertEqual(service["Restart"], "on-failure")
        self.assertEqual(service["RestartPreventExitStatus"].split(), ["64", "65", "66", "78"])
        drain_s = float(re.search(r"drain_s = (\d+)", (ROOT / "daemon/verbs/stop_guard.hpp").read_text())[1])
        self.assertLess(drain_s, float(service["TimeoutStopSec"]), "the program must give up before systemd kills it")
        self.assertGreater(float(service["WatchdogSec"]), 15, "longer than /healthz waits")
        self.assertNotEqual(service["User"], "root")

    def test_systemd_takes_it(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        with temporary() as directory:
            path = f"{directory}/sqd@.service"
            with open(path, "w") as file:
                file.write(UNIT.read_text().replace("/usr/bin/sqd", BINARY))
            verify = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
            complaints = [line for line in verify.stderr.splitlines() if "sqd@" in line and "Failed to" not in line]
            self.assertEqual(complaints, [])
            security = subprocess.run(["systemd-analyze", "security", "--offline=true", path], capture_output=True, text=True)
            found = re.search(r"Overall exposure level for \S+: ([\d.]+)", security.stdout)
            if not found:
                self.skipTest("systemd-analyze security --offline does not run here: " + security.stderr.strip())
            print("exposure", found[1], "of 10")
            self.assertLess(float(found[1]), 2)


class Dashboard(unittest.TestCase):
    def test_every_metric_of_the_dashboard_is_served(self):
        dashboard = json.loads((DEPLOY / "grafana.json").read_text())
        texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        texts += [entry["query"] for entry in dashboard["templating"]["list"]]
        asked = {(name, tuple(sorted(set(re.findall(r"([a-z]+)=~?\"", labels))))) for text in texts for name, labels in re.findall(r"\b((?:sqd|process)_[a-z_]+)(\{[^}]*\})?", text)}
        self.assertGreater(len(asked), 30)
        legends = {(re.search(r"((?:sqd|process)_[a-z_]+)", target["expr"])[1], label) for panel in dashboard["panels"] for target in panel["targets"]
                   for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])}
        with temporary() as directory, Sender() as sender:
            config = web_station(directory)
            set_source(config, sender.endpoint)
            with WebDaemon(config) as daemon:
                sender.send(v1_header(1, SHAPE))
                sender.send(v1_image(1, 0, np.random.default_rng(5).poisson(20, SHAPE).astype("u4")))
                sender.send(v1_end(1))
                metrics = daemon.wait_metrics(lambda m: m[("sqd_results_published_total", ())] == 1, "a result")
        served = {}
        for name, labels in metrics:
            served.setdefault(name, set()).update(label for label, _ in labels)
        for name, labels in sorted(asked):
            self.assertIn(name, served)
            self.assertLessEqual(set(labels) - {"job"}, served[name], name)
        for name, label in legends:
            self.assertIn(label, served[name], name)


class Pages(unittest.TestCase):
    def test_every_command_of_the_runbook_exists(self):
        known = verbs()
        seen = set()
        for command in commands_of((DEPLOY / "runbook.md").read_text()):
            words = command.split(">")[0].split()
            seen.add(words[0])
            if words[0] == "sqd":
                self.assertIn(words[1], known, command)
                for option in (word.split("=")[0] for word in words[2:] if word.startswith("-")):
                    self.assertIn(option, known[words[1]], command)
            elif words[0] == "systemctl":
                self.assertIn(words[1], {"status", "start", "restart", "reload", "edit", "reset-failed"}, command)
                self.assertTrue(words[2].startswith("sqd@"), command)
        self.assertLessEqual({"sqd", "systemctl", "journalctl"}, seen)

    def test_keys_and_metrics_of_the_runbook_exist(self):
        text = (DEPLOY / "runbook.md").read_text()
        keys = set(re.findall(r'^        \{"([a-z_]+\.[a-zA-Z_0-9.]+)"', (ROOT / "config/keys.cpp").read_text(), re.M))
        sections = {key.split(".")[0] for key in keys}
        for name in re.findall(r"`([a-z_]+\.[a-z_A-Z]+)`", text):
            if name.split(".")[0] in sections:
                self.assertTrue(name in keys or any(key.startswith(name + ".") for key in keys), name)
        sources = "".join(path.read_text() for path in (ROOT / "daemon/web").glob("*.cpp"))
        for name in re.findall(r"`(sqd_[a-z_]+)`", text):
            self.assertIn(name, sources)

    def test_the_container_file_uses_what_there_is(self):
        text = (DEPLOY / "Containerfile").read_text()
        for name in re.findall(r"(deploy/\S+\.sh)", text):
            self.assertTrue((ROOT / name).is_file(), name)
        for image in re.findall(r"(?m)^FROM (\S+)", text):
            self.assertEqual(image, "debian:12-slim")
        health = json.loads(re.search(r"HEALTHCHECK .*CMD (\[.*\])", text)[1])
        self.assertIn(health[1], verbs())
        if not shutil.which("podman"):
            print("SKIPPED building it: podman is not installed")


class Report(unittest.TestCase):
    def sections(self, text):
        return dict(re.findall(r"^== (\w+)\n(.*?)(?=^== |\Z)", text, re.M | re.S))

    def test_with_a_running_service(self):
        with temporary() as directory, Sender() as sender:
            config = station("simulated", directory)
            set_source(config, sender.endpoint)
            with Daemon(config) as daemon:
                sender.send(v1_header(1, SHAPE))
                sender.send(v1_image(1, 0, np.full(SHAPE, 7, "u4")))
                sender.send(v1_end(1))
                header, _ = daemon.wait_final("pattern", 1)
                daemon.wait_status(lambda s: s["counters"]["results_archived"] == 1, "the archive")
                report = run("status", "--report", "--control", daemon.control_endpoint)
                self.assertEqual(report.returncode, 0)
                parts = self.sections(report.stdout)
                self.assertEqual(set(parts), {"version", "machine", "status", "configuration", "archive", "journal", "log"})
                self.assertIn(daemon.ask("config")["yaml"], parts["configuration"])
                self.assertIn(daemon.ask("config")["sha256"], parts["configuration"])
                self.assertIn(os.uname().release, parts["machine"])
                self.assertIn(header["scan"]["uid"], parts["archive"])
                self.assertIn('"results_archived":1', parts["status"])
                self.assertIn("instructions", parts["version"])

    def test_without_one(self):
        with temporary() as directory:
            config = station("simulated", directory)
            nobody = f"ipc://{directory}/nobody"
            parts = self.sections(run("status", "--report", "--control", nobody, "--timeout", "0.1", "-c", config).stdout)
            self.assertIn("no answer", parts["status"])
            self.assertIn("composition: Zr46.8", parts["configuration"])
            self.assertIn("cannot be read", parts["archive"])
            broken = self.sections(run("status", "--report", "--control", nobody, "--timeout", "0.1", "-c", f"{directory}/none.yaml").stdout)
            self.assertIn("none.yaml", broken["configuration"])
            self.assertEqual(len(broken), 7)

    def test_no_secret_is_in_it(self):
        """Files that a configuration names for secrets are named, their contents are not read."""
        with temporary() as directory:
            secret = "0123456789abcdef-secret"
            token = f"{directory}/token"
            with open(token, "w") as file:
                file.write(secret)
            os.chmod(token, 0o600)
            config = station("simulated", directory, replace={"web: {listen: none}": f"web: {{listen: none, token: {token}}}"})
            report = run("status", "--report", "--control", f"ipc://{directory}/nobody", "--timeout", "0.1", "-c", config).stdout
            self.assertIn(token, report)
            self.assertNotIn(secret, report)


if __name__ == "__main__":
    unittest.main()
