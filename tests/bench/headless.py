"""`watch --headless` as its own process, and how far it has come."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.bench.figures import ROOT
from tests.bench.processes import TAILSIGHT


class Headless:
    """Follows logs; a thread counts what is printed, without looking at it."""

    def __init__(self, paths: Sequence[Path], *, start: str, model: Sequence[str], folder: Path) -> None:
        """`model` are options of `watch`; the checkpoint and what goes to standard error are in the folder."""
        checkpoint = folder / "checkpoint"
        checkpoint.unlink(missing_ok=True)
        options = ["--headless", "--from", start, "--checkpoint", str(checkpoint), *model]
        command = [*TAILSIGHT, "watch", *options, *map(str, paths)]
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
        self.pid = self._process.pid
        self.printed = 0
        self._last = b"{}\n"
        self._came = threading.Condition()
        self._counter = threading.Thread(target=self._count, daemon=True)
        self._counter.start()

    def __enter__(self) -> Headless:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._counter.join()

    @property
    def position(self) -> int:
        """Offset in its file after the event printed last."""
        event = json.loads(self._last)
        return int(event["offset"] + event["length"]) if event else 0

    def wait_for(self, events: int, seconds: float) -> None:
        """Wait until so many events are printed; TimeoutError."""
        with self._came:
            if not self._came.wait_for(lambda: self.printed >= events, seconds):
                raise TimeoutError(f"{self.printed:,} of {events:,} events are printed after {seconds:.0f} s")

    def _count(self) -> None:
        assert self._process.stdout is not None
        descriptor, tail = self._process.stdout.fileno(), b""
        while data := os.read(descriptor, 1 << 20):
            whole, newline, rest = data.rpartition(b"\n")
            with self._came:
                if newline:
                    self._last = (tail + whole).rpartition(b"\n")[2]
                    tail = b""
                    self.printed += data.count(b"\n")
                    self._came.notify_all()
            tail += rest
