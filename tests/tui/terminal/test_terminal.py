"""The app in a real pseudo-terminal: what it writes, and how it leaves."""

from __future__ import annotations

import os
import pty
import re
import signal
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.played import ATTACKS
from tests.helpers.terminal import ROOT, WAIT_SECONDS, Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SHOWN = "event number 50"


def played(name: str, *arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Terminal:
    command = [sys.executable, "-m", "tests.helpers.played", name, *arguments]
    return Terminal(command, columns=columns, rows=rows, environment=environment)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + WAIT_SECONDS
    while not is_so():
        assert time.perf_counter() < deadline
        time.sleep(0.05)


def wait_for_the_end_of(pid: int) -> None:
    wait_until(lambda: os.waitpid(pid, os.WNOHANG) != (0, 0))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (140, 40)])
def test_nothing_from_a_log_reaches_the_terminal_as_a_control(tmp_path: Path, columns: int, rows: int) -> None:
    visits = "g \r j j j ESC o o r r & owned\r ESC / message\r n x ESC I ESC i z i s ESC X G \r ESC"
    mutes = "g x \t why\r \r X ESC j j x why\r 7d\r X j \r ? q : mute ESC y m p p"
    keys = [{"ESC": "\x1b"}.get(key, key) for key in f"{visits} {mutes}".split(" ")]
    with played("hostile", str(tmp_path / "mutes.toml"), columns=columns, rows=rows) as terminal:
        terminal.wait_until("message")
        for key in keys:
            terminal.press(key)
            # The pause after a lone Esc is what makes it differ from the start of a sequence.
            time.sleep(0.3 if key == "\x1b" else 0.05)
        terminal.press("qqq")
        assert terminal.exit_code() == 0
        written = bytes(terminal.written)
    for attack in ATTACKS[:6]:
        assert attack not in written
    for title in re.findall(rb"\x1b\][^\x07\x1b]*", written):
        assert b"owned" not in title
    text = written.decode("utf-8")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\x80-\x9f\x00]", text)
    assert "\x1b]8;" not in text
    for copied in re.findall(r"\x1b\]52;c;([^\x07]*)", text):
        assert b64decode(copied).decode().replace("\n", "").isprintable()


def test_nothing_is_written_when_nothing_changes() -> None:
    with played("calm") as terminal:
        terminal.wait_until(SHOWN)
        before = -1
        # A slow machine may take its time with the first picture; a program that goes on writing is never quiet.
        while terminal.bytes_written != before:
            before = terminal.bytes_written
            time.sleep(2.0)
        terminal.press("q")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("name", ["calm", "stubborn"])
def test_a_signal_restores_the_terminal_and_ends_the_process(name: str, number: signal.Signals) -> None:
    with played(name) as terminal:
        terminal.wait_until("event number")
        terminal.signal(number)
        assert terminal.exit_code() == 128 + number
        for restored in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?7h"):
            assert restored in terminal.written[-300:]


@pytest.mark.parametrize("name", ["calm", "stubborn"])
def test_a_vanished_terminal_ends_the_process(name: str) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "tests.helpers.played", name])
    written = b""
    while b"event number" not in written:
        written += os.read(terminal, 65_536)
    os.close(terminal)
    wait_for_the_end_of(pid)


def test_q_does_not_wait_for_a_stubborn_worker() -> None:
    with played("stubborn") as terminal:
        terminal.wait_until("event number")
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_the_picture_comes_back_after_a_stop() -> None:
    with played("calm") as terminal:
        terminal.wait_until(SHOWN)
        terminal.press("\x1a")
        wait_until(lambda: _state(terminal.pid) == "T")
        before = terminal.bytes_written
        terminal.signal(signal.SIGCONT)
        wait_until(lambda: SHOWN.encode() in terminal.written[before:])
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_a_locale_without_utf8_gets_ascii() -> None:
    with played("calm", LC_ALL="C", columns=140, rows=40) as terminal:
        terminal.wait_until(SHOWN)
        terminal.press("\ri?")
        terminal.wait_until("next, previous anomaly")
        terminal.press("q:")
        terminal.wait_until("what do you want")
        terminal.press("\x1b")
        terminal.wait_until(lambda text: "what do you want" not in text)
        terminal.press("qqq")
        assert terminal.exit_code() == 0
        assert terminal.written.isascii()


def test_no_colour_means_none() -> None:
    with played("calm", NO_COLOR="1") as terminal:
        terminal.wait_until(SHOWN)
        terminal.press("q")
        assert terminal.exit_code() == 0
        colours = set(re.findall(rb"\x1b\[([0-9;]+)m", terminal.written))
        assert not [code for code in colours if re.search(rb"(^|;)(3[0-8]|4[0-8]|9\d|10\d)(;|$)", code)]


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0]


def test_a_slow_terminal_slows_the_picture_and_not_the_reading(tmp_path: Path) -> None:
    progress = tmp_path / "progress"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "tests.helpers.played", "flowing", str(progress)])
    began, taken = time.perf_counter(), 0
    # Unread, a pty holds a few kB: a picture or two. Whoever waited for it would let 8 updates through and no more.
    while not progress.exists() or int(progress.read_text() or 0) < 100:
        assert time.perf_counter() - began < WAIT_SECONDS
        if taken < 2_000 * (time.perf_counter() - began):
            taken += len(os.read(terminal, 200))
        time.sleep(0.02)
    os.kill(pid, signal.SIGTERM)
    wait_for_the_end_of(pid)
    os.close(terminal)
