"""What a newcomer types: init into check, completion in real shells, the manual page in man, the screen of watch on a real terminal."""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
import unittest

import zmq

from sqd_testing import BINARY, DATA, PATIENCE, ROOT, temporary


def sqd(*words, text=None, **how):
    return subprocess.run([BINARY, *map(str, words)], input=text, capture_output=True, text=True, timeout=PATIENCE, **how)


class Words(unittest.TestCase):
    def test_help_is_a_verb_too(self):
        self.assertEqual(sqd("help").stdout, sqd("--help").stdout)
        explained = sqd("help", "export")
        self.assertEqual((explained.returncode, explained.stdout), (0, sqd("export", "--help").stdout))
        self.assertIn("sqd export --series", explained.stdout)
        self.assertRegex(sqd("--version").stdout, r"^sqd \d+\.\d+\.\d+\n$")

    def test_a_slip_is_named(self):
        for words, said in ((["exprt", "archive/"], "sqd: no verb is called 'exprt'; did you mean 'export'? `sqd help` lists the verbs"),
                            (["frobnicate"], "sqd: no verb is called 'frobnicate'; `sqd help` lists"), ([], "sqd: a verb is missing; `sqd help` lists"),
                            (["--frob"], "sqd: no option is called '--frob'; "), (["export"], "archives is required"), (["help", "exprt"], "exprt not in {")):
            done = sqd(*words)
            self.assertEqual(done.returncode, 64)
            self.assertIn(said, done.stderr)

    def test_nothing_is_no_configuration(self):
        for text in ("", "# only a comment\n", "---\n"):
            done = sqd("check", "-", text=text)
            self.assertEqual(done.returncode, 78)
            self.assertRegex(done.stderr, r"^sqd: stdin:0: yaml: there is nothing in it \(.*did what writes it fail.*`sqd init`")


class Init(unittest.TestCase):
    def test_a_calibration_becomes_a_configuration_that_check_takes(self):
        calibrations = [ROOT / "config" / f"{name}.poni" for name in ("id13", "id15a", "p10", "simulated")]
        for poni in calibrations:
            made = sqd("init", "--poni", poni)
            self.assertEqual(made.returncode, 0, made.stderr)
            checked = sqd("check", "-", text=made.stdout)
            self.assertEqual((checked.returncode, checked.stdout.splitlines()[-1]), (0, "ok"), checked.stderr)
        foreign = DATA / "integration/dioptas_ceo2_pilatus1m/CeO2_Pilatus1M.poni"
        if foreign.exists():  # it names no detector: that is asked for
            self.assertEqual(sqd("init", "--poni", foreign).returncode, 65)
            made = sqd("init", "--poni", foreign, "--detector", "Pilatus1M")
            self.assertEqual(sqd("check", "-", text=made.stdout).returncode, 0, made.stderr)

    def test_a_calibration_of_the_image_upside_down_holds_with_the_line_that_the_page_tells(self):
        foreign = DATA / "integration/dioptas_ceo2_pilatus1m"
        if not foreign.exists():
            self.skipTest("no recordings")
        line = re.search(r"`(Detector_config: [^`]*)`", (ROOT / "config/README.md").read_text())[1]
        with temporary() as directory:
            for name, more, says in (("as_it_is", "", "CeO2: shifted"), ("turned_over", line + "\n", "CeO2: holds")):
                folder = pathlib.Path(directory) / name
                folder.mkdir()
                (folder / "own.poni").write_text((foreign / "CeO2_Pilatus1M.poni").read_text() + more)
                made = sqd("init", "--poni", folder / "own.poni", "--detector", "Pilatus1M", "-o", folder / "station.yaml")
                self.assertEqual(made.returncode, 0, made.stderr)
                self.assertEqual("Upside down" in (folder / "station.yaml").read_text(), not more)
                done = sqd("replay", "-c", folder / "station.yaml", foreign / "CeO2_Pilatus1M.tif", "--role", "calibrant", "--calibrant", "CeO2")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(says, done.stdout)

    def test_a_file_is_written_once(self):
        with temporary() as directory:
            path = pathlib.Path(directory) / "station.yaml"
            arguments = ("init", "--poni", ROOT / "config/id13.poni", "-o", path)
            self.assertEqual(sqd(*arguments).returncode, 0)
            self.assertEqual(sqd("check", path).returncode, 0)
            before = path.read_text()
            self.assertEqual((sqd(*arguments).returncode, path.read_text()), (74, before))


class ZshLine:
    """An interactive zsh that knows how to complete sqd."""

    def __init__(self, folder):
        self.folder, self.line = folder, folder / "line"
        (folder / "_sqd").write_text(sqd("completion", "zsh").stdout)
        (folder / "station.yaml").touch()
        (folder / ".zshrc").write_text(
            "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; setopt no_beep no_always_last_prompt\n"
            "write() { print -rn -- $BUFFER > line.part && mv line.part line; BUFFER=; zle reset-prompt }; zle -N write; bindkey '^T' write; PS1='typed> '\n")

    def __enter__(self):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.process = subprocess.Popen(["zsh", "-d", "-i"], stdin=slave, stdout=slave, stderr=slave, cwd=self.folder, start_new_session=True,
                                        env={**os.environ, "HOME": str(self.folder), "ZDOTDIR": str(self.folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"})
        os.close(slave)
        self.shown = ""
        self.read_until(lambda: "typed> " in self.shown)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def read_until(self, true):
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.shown
            if select.select([self.master], [], [], 0.02)[0]:
                self.shown += os.read(self.master, 65536).decode(errors="replace")

    def completed(self, typed):
        """The line after the tab key; what zsh offers is in `shown`."""
        self.shown = ""
        os.write(self.master, typed.encode() + b"\t\x14")
        self.read_until(self.line.exists)
        line = self.line.read_text()
        self.line.unlink()
        return line


class Shells(unittest.TestCase):
    def completed(self, line):
        """What bash offers at the end of the line."""
        script = sqd("completion", "bash").stdout
        words = line.split(" ")
        script += f"COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _sqd; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()

    def test_bash_offers_verbs_options_and_choices(self):
        self.assertEqual(self.completed("sqd exp"), ["export"])
        self.assertEqual(self.completed("sqd export --ser"), ["--series"])
        self.assertIn("gr", self.completed("sqd export --format g"))
        self.assertEqual(self.completed("sqd completion "), ["bash", "zsh", "fish"])
        self.assertEqual(self.completed("sqd check stat"), [])  # files, by the shell

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh_completes_what_is_typed(self):
        """A terminal with zsh, its completion system and the script in $fpath; a key writes the line down as the tab key has left it."""
        with temporary() as directory, ZshLine(pathlib.Path(directory)) as zsh:
            self.assertEqual(zsh.completed("sqd exp"), "sqd export ")
            self.assertEqual(zsh.completed("sqd export --ser"), "sqd export --series ")
            self.assertEqual(zsh.completed("sqd export --format g"), "sqd export --format gr ")
            self.assertEqual(zsh.completed("sqd completion z"), "sqd completion zsh ")
            self.assertEqual(zsh.completed("sqd help mea"), "sqd help mea")  # nothing of that name
            self.assertEqual(zsh.completed("sqd check stat"), "sqd check station.yaml ")
            self.assertEqual(zsh.completed("sqd comp"), "sqd comp")  # compare or completion: it lists them
            self.assertIn("a script that completes verbs", zsh.shown)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish_offers_verbs_options_and_choices(self):
        with temporary() as directory:
            folder = pathlib.Path(directory)
            (folder / "sqd.fish").write_text(sqd("completion", "fish").stdout)
            (folder / "station.yaml").touch()
            lines = ("sqd exp", "sqd export --ser", "sqd export --format g", "sqd completion ", "sqd check stat")
            script = "source sqd.fish\n" + "".join(f"complete -C '{line}'; echo .\n" for line in lines)
            done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=60, cwd=folder,
                                  env={**os.environ, "HOME": directory, "XDG_CONFIG_HOME": directory, "XDG_DATA_HOME": directory})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            offered = [[line.split("\t")[0] for line in each.splitlines()] for each in done.stdout.split(".\n")[:-1]]
            self.assertEqual((offered[0], offered[1]), (["export"], ["--series"]))
            self.assertIn("gr", offered[2])
            self.assertEqual(sorted(offered[3]), ["bash", "fish", "zsh"])
            self.assertEqual(offered[4], ["station.yaml"])
            self.assertIn("archived scans as files", done.stdout)

    def test_man_shows_the_page(self):
        page = sqd("manual").stdout
        self.assertIn(".SS sqd export", page)
        if shutil.which("man"):
            shown = subprocess.run(["man", "--warnings", "-l", "-"], input=page, capture_output=True, text=True, timeout=60, env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "100"})
            self.assertEqual((shown.returncode, shown.stderr), (0, ""))
            self.assertIn("sqd export", shown.stdout)
            self.assertIn("--series", shown.stdout.replace("\N{HYPHEN}", "-"))


class Watch(unittest.TestCase):
    """Against a daemon that is played, on a terminal of 100 x 30."""

    def screen(self, until, *options, **environment):
        context = zmq.Context()
        results, control = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
        ports = [socket.bind_to_random_port("tcp://127.0.0.1") for socket in (results, control)]
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        watch = subprocess.Popen([BINARY, "watch", *options, "--results", f"tcp://127.0.0.1:{ports[0]}", "--control", f"tcp://127.0.0.1:{ports[1]}"],
                                 stdout=slave, stderr=slave, env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "", **environment})
        try:
            *envelope, _ = control.recv_multipart()
            results.recv()  # the subscription has arrived
            control.send_multipart([*envelope, b'{"id":1,"ok":true,"messages":[]}'])
            for parts in self.messages():
                results.send_multipart(parts)
            return self.read(master, until)
        finally:
            watch.kill()
            watch.wait()
            os.close(master)
            os.close(slave)
            context.destroy(0)

    @staticmethod
    def read(master, until):
        out, deadline = "", time.monotonic() + PATIENCE
        while until not in out and time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                out += os.read(master, 65536).decode(errors="replace")
        return out

    @staticmethod
    def messages():
        def header(kind, seq, **more):
            base = {"schema": f"sqd.{kind}/1.0", "instance": "played", "epoch": "e", "seq": seq, "arrays": []}
            return json.dumps({**base, **more}).encode()
        scan = {"uid": "u1", "id": "glass", "role": "sample"}
        status = dict(state="running", phase="collecting", scan=scan, rate_hz=50.0, eta_s=12.0, frames={"expected": 100, "received": 25, "missing": 0},
                      alarms=[{"name": "overload", "message": "3 frames lost"}])
        columns = [{"name": "q", "dtype": "<f8", "shape": [50]}, {"name": "S", "dtype": "<f8", "shape": [50]}]
        yield [b"played/status/", header("status", 1, **status)]
        yield [b"played/sq/", header("sq", 1, state="partial", result=1, scan=scan, **{"arrays": columns}),
               struct.pack("<50d", *(0.1 * i for i in range(50))), struct.pack("<50d", *(abs(i - 25) for i in range(50)))]
        yield [b"played/fsdp/", header("fsdp", 1, state="partial", result=1, scan=scan, values={"q1": 2.6243, "q1_sigma": 0.0003, "fwhm": 0.381, "fwhm_sigma": 0.0002},
                                       advice={"sentence": "count on"}, comparison={"sentence": "no change"})]
        yield [b"played/status/", header("status", 2, **{**status, "frames": {"expected": 100, "received": 77, "missing": 0}})]

    def test_a_terminal_shows_the_screen_and_draws_it_in_place(self):
        out = self.screen("77/100")
        for words in ("RUNNING", "glass", "25/100", "77/100 77%", "50.0 Hz", "ETA 12 s", "2.6243(3) 1/A", "S(q)", "count on", "no change", "overload: 3 frames lost"):
            self.assertIn(words, out)
        self.assertRegex(out, "[\u2801-\u28ff]")  # braille
        self.assertRegex(out, r"\x1b\[\d+A")  # back up, to draw in place
        self.assertIn("\x1b[32m", out)

    def test_no_color_and_other_locales_are_heeded(self):
        out = self.screen("77/100", NO_COLOR="1", LC_ALL="C")
        self.assertIsNone(re.search(r"\x1b\[\d*m", out))
        self.assertIsNone(re.search("[^\x00-\x7f]", out))

    def test_one_line_on_request(self):
        out = self.screen("77/100", "--line")
        self.assertNotIn("S(q)", out)
        self.assertNotIn("\n", out.strip())


if __name__ == "__main__":
    unittest.main(verbosity=2)
