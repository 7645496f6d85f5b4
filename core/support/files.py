"""Files that are either there in full or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import OutputError
from core.support.printable import escape

_REASONS: Final = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
    errno.EACCES: "no permission to write there; choose another folder",
    errno.EPERM: "no permission to write there; choose another folder",
    errno.EROFS: "the file system is read only; choose another folder",
    errno.ENOENT: "the folder does not exist; create it or choose another",
    errno.ENOTDIR: "a part of the path is no folder; choose another",
    errno.EISDIR: "that is a folder; name a file in it",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EEXIST: "it exists already; choose another name",
}


def write_atomically(path: Path, data: bytes, *, overwrite: bool, mode: int = 0o666) -> None:
    """Write a file by way of a temporary one beside it, so that a crash leaves the old file or the new one.

    Without `overwrite` a file that is there already, even one that appears meanwhile, is left alone. `mode` is
    subject to the umask. OutputError when it cannot be written; nothing is left behind then.
    """
    try:
        _write(path, data, overwrite=overwrite, mode=mode)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise OutputError(f"cannot write {escape(str(path))}: {reason}") from error


def _write(path: Path, data: bytes, *, overwrite: bool, mode: int) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    if not overwrite and path.exists():
        raise FileExistsError(errno.EEXIST, "exists")
    temporary = path.parent / f".{path.name[:32]}.{secrets.token_hex(8)}"
    # Opened here and not by tempfile, so that the umask holds as for any other file.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(path)
        else:
            _link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _link(temporary: Path, path: Path) -> None:
    """Give the file its name unless the name is taken."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}:
            raise
        # A file system without hard links: the look before has to do.
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    # The rename itself is durable only once the folder is.
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder; the file itself is safe.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


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
