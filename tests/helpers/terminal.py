"""A real pseudo-terminal with a program in it: what it shows, how much it writes, when a key takes effect."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

ROOT = Path(__file__).parents[2]

WAIT_SECONDS = 120.0
"""After so long what a test waits for does not come: no machine is that slow."""


class Terminal:
    """Runs a command in a pty of the given size and tells what its screen shows.

    The screen is what `pyte` makes of the bytes, so that a test reads what a person would. A thread takes the bytes
    and notes when each came; they are made a picture where somebody looks, so that drawing it delays no reading.
    """

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self.bytes_written = 0
        self.written = bytearray()
        self._came: deque[tuple[float, bytes]] = deque()
        self._changed = threading.Condition()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lines: dict[int, str] = {}
        self._ended = False
        # Readline, which pytest imports, tells the children of a process a size; the size here is the pty's.
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        env = {**inherited, "TERM": "xterm-256color", **(environment or {})}
        self.began = time.perf_counter()
        self._process = pexpect.spawn(command[0], list(command[1:]), cwd=str(ROOT), env=env, dimensions=(rows, columns))
        # A key is to go out when it is pressed, not the 50 ms later that pexpect would wait for a password prompt.
        self._process.delaybeforesend = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.isalive():
            self._process.kill(signal.SIGKILL)
        self._reader.join(WAIT_SECONDS)
        self._process.close(force=True)

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return int(self._process.pid)

    @property
    def text(self) -> str:
        """What the screen shows now, one line a row."""
        self.draw_what_came()
        return self.shown

    @property
    def shown(self) -> str:
        """What the screen showed when it was looked at last."""
        screen = self._screen
        # A row that was not drawn on says what it said; the second cell of a wide character is empty.
        for row in screen.dirty:
            self._lines[row] = "".join(screen.buffer[row][column].data for column in range(screen.columns))
        screen.dirty.clear()
        return "\n".join(self._lines[row] for row in range(screen.lines))

    def draw_what_came(self) -> None:
        """Make a picture of all bytes so far."""
        while self._draw_next(0.0) is not None:
            pass

    def press(self, keys: str) -> None:
        """Send keys as a keyboard would."""
        self._process.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging a window does."""
        self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._process.kill(number)

    def wait_until(self, shown: str | Callable[[str], bool], timeout: float = WAIT_SECONDS) -> float:
        """Wait until the screen shows a text or fulfils a condition; returns when the bytes for it came, or fails."""
        condition = shown if callable(shown) else lambda text: shown in text
        deadline = time.perf_counter() + timeout
        moment = time.perf_counter()
        while not condition(text := self.shown):
            came = self._draw_next(deadline - time.perf_counter())
            if came is None:
                why = "the program ended" if self._ended else f"not within {timeout} s"
                raise AssertionError(f"{why}; the screen shows:\n{text}")
            moment = came
        return moment

    def exit_code(self, timeout: float = WAIT_SECONDS) -> int:
        """Wait for the program to end and return its exit code."""
        self._reader.join(timeout)
        if self._reader.is_alive():
            raise AssertionError(f"still running after {timeout} s; the screen shows:\n{self.text}")
        self._process.wait()
        return int(self._process.exitstatus if self._process.exitstatus is not None else -self._process.signalstatus)

    def _draw_next(self, timeout: float) -> float | None:
        """Make the next bytes a picture and return when they came; None when there are none in time, or no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._came or self._ended, max(timeout, 0.0))
            if not self._came:
                return None
            moment, data = self._came.popleft()
        self._stream.feed(data)
        return moment

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._process.fileno(), 65_536)
            except OSError:
                data = b""
            moment = time.perf_counter()
            with self._changed:
                if data:
                    self.bytes_written += len(data)
                    self.written += data
                    self._came.append((moment, data))
                else:
                    self._ended = True
                self._changed.notify_all()
            if not data:
                return
