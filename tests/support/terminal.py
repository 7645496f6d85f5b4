"""A real pseudo-terminal with a program in it: what it shows, how much it writes, when a key takes effect."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs a command in a pty of the given size and keeps its screen up to date on a thread.

    The screen is what `pyte` makes of the bytes, so that a test reads what a person would.
    """

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, environment: Mapping[str, str] | None = None
    ) -> None:
        self.bytes_written = 0
        self.written = bytearray()
        self._changed = threading.Condition()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._ended = False
        # Readline, which pytest imports, tells the children of a process a size; the size here is the pty's.
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        env = {**inherited, "TERM": "xterm-256color", **(environment or {})}
        self.began = time.perf_counter()
        self._process = pexpect.spawn(command[0], list(command[1:]), cwd=str(ROOT), env=env, dimensions=(rows, columns))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.isalive():
            self._process.kill(signal.SIGKILL)
        self._reader.join(5)
        self._process.close(force=True)

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return int(self._process.pid)

    @property
    def text(self) -> str:
        """What the screen shows now, one line a row."""
        with self._changed:
            return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Send keys as a keyboard would."""
        self._process.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging a window does."""
        with self._changed:
            self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._process.kill(number)

    def wait_until(self, shown: str | Callable[[str], bool], timeout: float = 20.0) -> float:
        """Wait until the screen shows a text or fulfils a condition; returns the moment, or fails with the screen."""
        condition = shown if callable(shown) else lambda text: shown in text
        deadline = time.perf_counter() + timeout
        with self._changed:
            while not condition("\n".join(self._screen.display)):
                left = deadline - time.perf_counter()
                if left <= 0 or self._ended:
                    why = "the program ended" if self._ended else f"not within {timeout} s"
                    raise AssertionError(f"{why}; the screen shows:\n" + "\n".join(self._screen.display))
                self._changed.wait(left)
            return time.perf_counter()

    def exit_code(self, timeout: float = 20.0) -> int:
        """Wait for the program to end and return its exit code."""
        self._reader.join(timeout)
        if self._reader.is_alive():
            raise AssertionError(f"still running after {timeout} s; the screen shows:\n{self.text}")
        self._process.wait()
        return int(self._process.exitstatus if self._process.exitstatus is not None else -self._process.signalstatus)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._process.fileno(), 65_536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self.bytes_written += len(data)
                    self.written += data
                    self._stream.feed(data)
                else:
                    self._ended = True
                self._changed.notify_all()
            if not data:
                return
