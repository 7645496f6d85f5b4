"""Standard output and standard error of the process, where either may be full, closed or gone."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

from core.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_REASONS: Final = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EBADF: "it is closed; send it to a file or a pipe",
}


def guard_standard_streams() -> None:
    """Make a failed write to standard output an `OutputError`, and let one to standard error pass; once per process.

    A broken pipe of standard output stays a `BrokenPipeError`. Standard input that is closed is empty.
    """
    # A file that is opened later must not take the number of a stream that is closed. Writing to this one fails.
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= _STDERR:
        pass
    os.close(descriptor)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(_STDIN, closefd=False)))
    sys.stdout = _guarded(_StandardOutput(_STDOUT, "wb", closefd=False), sys.stdout)
    sys.stderr = _guarded(_StandardError(_STDERR, "wb", closefd=False), sys.stderr)


def _guarded(raw: io.FileIO, replaced: TextIO | None) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=replaced.encoding if replaced else "utf-8",
        errors=replaced.errors if replaced else "backslashreplace",
        line_buffering=isinstance(raw, _StandardError) or raw.isatty(),
    )


class _StandardOutput(io.FileIO):
    """Raises what says to the user why a write failed; what is written after that goes nowhere."""

    _has_failed = False

    def write(self, data: ReadableBuffer, /) -> int:
        if self._has_failed:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._has_failed = True
            reason = _REASONS.get(error.errno or 0) or error.strerror
            raise OutputError(f"cannot write standard output: {reason}") from error


class _StandardError(io.FileIO):
    """Drops what cannot be written: there is no place left to say so, and the work goes on."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
