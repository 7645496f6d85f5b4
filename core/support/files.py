"""The one writer of files: a file has its new content in full or its old content, also after a crash.

The content goes to a temporary file in the same folder, is synced to the disk and takes the name by a rename. What
stands under a name decides how it is written:

- nothing, or a regular file: replaced as a whole;
- a symbolic link: followed, so that the link stays and the file that it leads to is replaced. In a folder like /tmp,
  where everybody may place links, only one's own links and those of the folder's owner, as Linux's
  fs.protected_symlinks has it;
- a character device, a pipe or an open descriptor (/dev/stdout): written into where the caller allows it, else refused;
- anything else (a folder, a socket, a disk): refused.

A temporary file has a fixed name and is locked while it is written. So a killed run leaves at most one, which the
next write of the same file removes, and two programs never write into one.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from core.errors import OutputError
from core.support.printable import escape

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_REASONS: Final = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
    errno.EACCES: "no permission to write there; choose another folder",
    errno.EPERM: "no permission to write there; choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.ENOENT: "the folder does not exist; create it or choose another",
    errno.ENOTDIR: "a part of the path is not a folder; choose another",
    errno.EISDIR: "it is a folder; name a file in it",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EEXIST: "it exists already; choose another name",
    errno.ELOOP: "its symbolic links lead in a circle; choose another name",
    errno.EBUSY: "it is a mount point or in use; choose another name",
    errno.EXDEV: "it is a mount point; choose another name",
    errno.ENXIO: "nothing reads from it; choose a file",
}

_UNSUPPORTED: Final = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM, errno.EMLINK}
"""What file systems answer that have no hard links or no sync of a folder."""

_MAX_LINKS: Final = 40
_TRIES: Final = 20
_TRY_AGAIN_SECONDS: Final = 0.05


def write_file(
    path: Path, data: bytes, *, overwrite: bool = True, private: bool = False, allow_device: bool = False
) -> None:
    """Write a whole file; see `writing`."""
    with writing(path, overwrite=overwrite, private=private, allow_device=allow_device) as file:
        file.write(data)


@contextmanager
def writing(
    path: Path, *, overwrite: bool = True, private: bool = False, allow_device: bool = False
) -> Iterator[BinaryIO]:
    """Open a file to write; it takes its name when the block ends without an error, else nothing is left of it.

    Without `overwrite` a name that is taken, even one that is taken meanwhile, is left alone. `private` is for what
    may hold log text: mode 0600; else 0666 less the umask. With `allow_device` a device or a pipe is written into,
    whatever `overwrite` says. OutputError when the file cannot be written; BrokenPipeError when the reader of a pipe
    has gone.
    """
    with _explained(path):
        target, is_device = _destination(path, overwrite=overwrite, allow_device=allow_device)
        device = _open_device(target) if is_device else None
    if device is not None:
        with io.BufferedWriter(_Raw(device, path)) as file:
            yield cast("BinaryIO", file)
        return
    with _Temporary(target, path, private=private) as temporary:
        yield temporary.file
        temporary.complete()
        temporary.take_name(overwrite=overwrite)


@contextmanager
def open_output(path: Path | None) -> Iterator[BinaryIO]:
    """Open what a command puts out, which may hold log text: a file, a device, or standard output for None."""
    if path is None:
        yield sys.stdout.buffer
        return
    with writing(path, private=True, allow_device=True) as file:
        yield file


def write_sealed(folder: Path, files: Mapping[str, bytes], *, seal: str) -> None:
    """Write several files of one folder so that whoever asks for the file `seal` first sees all of them or none.

    All are on the disk before the first takes its name; the old seal is removed before that and the new one comes
    last. The folder is made where it is missing. OutputError when one of them cannot be written.
    """
    make_folder(folder)
    with ExitStack() as stack:
        temporaries = {}
        for name, content in files.items():
            path = folder / name
            with _explained(path):
                target, _ = _destination(path, overwrite=True, allow_device=False)
            temporaries[name] = temporary = stack.enter_context(_Temporary(target, path, private=False))
            temporary.file.write(content)
            temporary.complete()
        last = temporaries.pop(seal)
        last.remove_old()
        for temporary in temporaries.values():
            temporary.take_name(overwrite=True)
        last.take_name(overwrite=True)


def make_folder(folder: Path) -> None:
    """Make the folder unless it exists, and raise `OutputError` where nothing can be written to it."""
    with _explained(folder):
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputError(_refusal(folder, "it is not a folder; choose another name"))
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def check_file(
    path: Path, inputs: Sequence[Path | str] = (), *, overwrite: bool = True, allow_device: bool = False
) -> None:
    """Raise `OutputError` for a path that `writing` would refuse, or that is read too, before work is done for it."""
    with _explained(path):
        target, is_device = _destination(path, overwrite=True, allow_device=allow_device)
        if is_device:
            return
        if not overwrite and os.path.lexists(path):
            raise OutputError(_refusal(path, "it exists already; choose another name or add --force"))
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if target.exists() and any(Path(one).exists() and target.samefile(one) for one in inputs if one != "-"):
            raise OutputError(_refusal(path, "it is read and would be written over; choose another name"))


def _destination(path: Path, *, overwrite: bool, allow_device: bool) -> tuple[Path, bool]:
    """Return the file that a path leads to, and whether it is a device, a pipe or a descriptor; refuse all else."""
    target = _resolved(path)
    if _descriptor(target) is not None:
        kind = stat.S_IFIFO
    else:
        try:
            kind = stat.S_IFMT(target.lstat().st_mode)
        except FileNotFoundError:
            kind = 0
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    is_device = kind in {stat.S_IFCHR, stat.S_IFIFO}
    if (is_device and not allow_device) or not (is_device or kind in {0, stat.S_IFREG}):
        raise OutputError(_refusal(path, "it is not a regular file; name a file"))
    if not (is_device or overwrite) and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    if kind == stat.S_IFREG and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target, is_device


def _resolved(path: Path) -> Path:
    """Follow the links that a path's last part leads to, but for the names of open descriptors."""
    target = path
    for _ in range(_MAX_LINKS):
        if _descriptor(target) is not None or not target.is_symlink():
            return target
        folder, link = target.parent.stat(), target.lstat()
        is_open_to_all = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
        if is_open_to_all and link.st_uid not in {os.geteuid(), folder.st_uid}:
            raise OutputError(_refusal(path, "another user placed this symbolic link; choose another name"))
        target = target.parent / target.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _descriptor(path: Path) -> int | None:
    """Return the number of the open descriptor of this process that a path such as /dev/fd/1 names."""
    # /dev/fd is a link to /proc/self/fd on Linux.
    is_one = path.name.isdecimal() and os.path.realpath(path.parent) == os.path.realpath("/dev/fd")
    return int(path.name) if is_one else None


def _open_device(target: Path) -> int:
    number = _descriptor(target)
    # What a shell redirected shares its place with other programs, and must not be truncated.
    return os.dup(number) if number is not None else os.open(target, os.O_WRONLY | os.O_NOCTTY | os.O_NOFOLLOW)


class _Raw(io.FileIO):
    """A descriptor that is written to, whose errors name the file that the user asked for."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        with _explained(self._path):
            return super().write(data)


class _Temporary:
    """The new content of a file, beside it and locked; removed when the block ends, unless it took the file's name."""

    def __init__(self, target: Path, path: Path, *, private: bool) -> None:
        """Create it for a file; `path` is what errors call the file."""
        self._target = target
        self._path = path
        digest = sha256(os.fsencode(target.name)).hexdigest()[:8]
        self._name = target.with_name(f".{target.name[:32]}.{digest}.tmp")
        self._is_temporary = True
        with _explained(path):
            descriptor = self._create(0o600 if private else 0o666)
        self.file: BinaryIO = cast("BinaryIO", io.BufferedWriter(_Raw(descriptor, path)))

    def __enter__(self) -> _Temporary:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_temporary:
            with suppress(OSError):
                self._name.unlink()
        with suppress(OSError, OutputError):
            self.file.close()

    def complete(self) -> None:
        """Bring what was written to the disk."""
        self.file.flush()
        with _explained(self._path):
            os.fsync(self.file.fileno())

    def remove_old(self) -> None:
        """Remove the file whose name this one is to take, for good."""
        with _explained(self._path):
            self._target.unlink(missing_ok=True)
            _sync_folder(self._target.parent)

    def take_name(self, *, overwrite: bool) -> None:
        """Give the file its name, for good; without `overwrite`, unless the name is taken."""
        with _explained(self._path):
            if overwrite:
                self._name.replace(self._target)
            else:
                self._take_free_name()
            self._is_temporary = False
            _sync_folder(self._target.parent)

    def _take_free_name(self) -> None:
        try:
            self._target.hardlink_to(self._name)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            # Without hard links: an empty file holds the name until the rename.
            os.close(os.open(self._target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            try:
                self._name.replace(self._target)
            except OSError:
                self._target.unlink()
                raise
        else:
            self._name.unlink()

    def _create(self, mode: int) -> int:
        """Create and lock the file; one that a killed run left under its name is removed."""
        for _ in range(_TRIES):
            with suppress(FileExistsError):
                descriptor = os.open(self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
                if _lock(descriptor) and _is_open_as(descriptor, self._name):
                    return descriptor
                os.close(descriptor)
            if not self._remove_abandoned():
                time.sleep(_TRY_AGAIN_SECONDS)
        raise OutputError(_refusal(self._path, "another program is writing it; wait for that or choose another name"))

    def _remove_abandoned(self) -> bool:
        """Remove a temporary file unless a program holds it locked; tell whether it is gone."""
        try:
            descriptor = os.open(self._name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            if not _lock(descriptor):
                return False
            if _is_open_as(descriptor, self._name):
                self._name.unlink()
            return True
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file for this descriptor; False where another has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _is_open_as(descriptor: int, name: Path) -> bool:
    """Tell whether this name still is that of the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), name.lstat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Bring a change of names to the disk: a rename is durable only once its folder is."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return  # a folder that may be written to and not read
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder; the file itself is safe.
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system says into one line about this path."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(_refusal(path, _REASONS.get(error.errno or 0) or error.strerror or str(error))) from error


def _refusal(path: Path, reason: str) -> str:
    return f"cannot write {escape(str(path))}: {reason}"
