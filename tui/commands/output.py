"""Files that commands write: there in full or not at all."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import OutputError


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """A stream to write a file to, None for standard output; raises `OutputError`.

    The file takes its name when the block ends well. A device or a pipe is written to as it is.
    """
    if path is None:
        yield sys.stdout.buffer
        return
    temporary = path.with_name(f".{path.name[:32]}.{secrets.token_hex(8)}")
    target = temporary if path.is_file() or not path.exists() else path
    try:
        with target.open("wb") as file:
            yield file
        if target is temporary:
            temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}): choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Make the folder unless it is there, and raise `OutputError` where nothing can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}): choose another place") from error
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{folder} cannot be written to: choose another place")


def check_file(path: Path, inputs: Sequence[Path | str] = (), *, overwrite: bool = True) -> None:
    """Raise `OutputError` for a path at which no file can be written, before work is done for it."""
    if path.is_dir():
        raise OutputError(f"{path} is a directory: name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written (there is no folder {path.parent}): create it first")
    if path.is_file() and not overwrite:
        raise OutputError(f"{path} is there already: choose another name or add --force")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"{path} cannot be written (no permission): choose another place")
    if any(one != "-" and path.is_file() and path.samefile(one) for one in inputs):
        raise OutputError(f"{path} is read and would be written over: choose another name")
