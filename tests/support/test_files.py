"""The writer of files: whole or not at all, never onto what is not a regular file, nothing left behind."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import OutputError
from core.support import files
from core.support.files import check_file, make_folder, write_file, write_sealed, writing

ROOT = Path(__file__).parents[2]


def write_in_parts(path: Path, data: bytes, *, overwrite: bool = True, allow_device: bool = False) -> None:
    with writing(path, overwrite=overwrite, allow_device=allow_device) as file:
        for start in range(0, len(data), 7):
            file.write(data[start : start + 7])


FORMS = [write_file, write_in_parts]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fail_in(monkeypatch: pytest.MonkeyPatch, call: str, code: int, *, at: int | None = None) -> None:
    """Let a call of `os` fail: every time, or only the so many-th."""
    works, count = getattr(os, call), 0

    def fail(*arguments: object, **options: object) -> object:
        nonlocal count
        count += 1
        if at in {None, count}:
            raise OSError(code, os.strerror(code))
        return works(*arguments, **options)

    monkeypatch.setattr(os, call, fail)


def make_device(path: Path) -> None:
    """Put a null device there; a file system or a user that may not gets a link to one."""
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        path.write_bytes(b"")
    except OSError:
        path.unlink(missing_ok=True)
        if os.geteuid() == 0:
            pytest.skip("no device can be made here, and root could harm the real one")
        path.symlink_to(os.devnull)


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A folder with one of each that a name can stand for."""
    (tmp_path / "taken").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    make_device(tmp_path / "device")
    (tmp_path / "link-to-device").symlink_to("device")
    (tmp_path / "link-to-pipe").symlink_to("pipe")
    (tmp_path / "link-to-folder").symlink_to("folder")
    (tmp_path / "link-to-nothing").symlink_to("nothing")
    (tmp_path / "link-to-taken").symlink_to("taken")
    (tmp_path / "circle").symlink_to("circle")
    return tmp_path


def listing(folder: Path) -> list[tuple[str, int, bytes]]:
    """Names, kinds and contents in a folder."""
    return [
        (path.name, stat.S_IFMT(path.lstat().st_mode), path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.iterdir())
    ]


REFUSED = [
    ("missing/file.json", "the folder does not exist"),
    ("taken/file.json", "a part of the path is not a folder"),
    ("x" * 300, "the name is too long"),
    ("folder", "it is a folder"),
    ("link-to-folder", "it is a folder"),
    ("circle", "its symbolic links lead in a circle"),
    ("device", "it is not a regular file"),
    ("pipe", "it is not a regular file"),
    ("link-to-device", "it is not a regular file"),
    ("link-to-pipe", "it is not a regular file"),
]


@pytest.mark.parametrize(("place", "reason"), REFUSED)
@pytest.mark.parametrize("write", [*FORMS, lambda path, _: check_file(path)])
def test_what_cannot_be_written_costs_one_line_and_changes_nothing(
    places: Path, place: str, reason: str, write: Callable[[Path, bytes], None]
) -> None:
    before = listing(places)
    with pytest.raises(OutputError) as caught:
        write(places / place, b"data")
    assert f"cannot write {places / place}: {reason}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert listing(places) == before


@pytest.mark.parametrize("place", ["taken", "link-to-taken", "link-to-nothing"])
@pytest.mark.parametrize("write", [*FORMS, lambda path, _, overwrite: check_file(path, overwrite=overwrite)])
def test_a_name_that_is_taken_is_left_alone_unless_told(places: Path, place: str, write: Callable[..., None]) -> None:
    before = listing(places)
    with pytest.raises(OutputError, match="it exists already"):
        write(places / place, b"data", overwrite=False)
    assert listing(places) == before
    write(places / place, b"data", overwrite=True)


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "no permission"),
        (errno.EXDEV, "it is a mount point"),
        (errno.EBUSY, "it is a mount point or in use"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("write", FORMS)
def test_a_call_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Path, bytes], None],
    call: str,
    code: int,
    reason: str,
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        fail_in(patch, call, code)
        with pytest.raises(OutputError, match=reason):
            write(path, b"the new content")
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"old")]


@pytest.mark.parametrize("write", FORMS)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with largest_file(10_000), pytest.raises(OutputError, match=r"cannot write .*: File too large"):
        write(path, b"x" * 100_000)
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"old")]


@pytest.mark.parametrize("error", [ValueError("of the caller"), OSError(errno.EIO, "of another file"), SystemExit(143)])
def test_an_error_of_the_block_passes_unchanged_and_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with writing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert caught.value is error
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"old")]


@pytest.mark.parametrize(("code", "is_fine"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_file_system_that_cannot_sync_folders_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_fine: bool
) -> None:
    fail_in(monkeypatch, "fsync", code, at=2)  # the first is that of the file
    if is_fine:
        write_file(tmp_path / "file", b"data")
    else:
        with pytest.raises(OutputError, match="Input/output error"):
            write_file(tmp_path / "file", b"data")
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"data")]


def test_both_the_file_and_the_folder_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, bool]] = []

    def sync(descriptor: int) -> None:
        synced.append((stat.S_IFMT(os.fstat(descriptor).st_mode), (tmp_path / "file").exists()))

    monkeypatch.setattr(os, "fsync", sync)
    write_file(tmp_path / "file", b"data")
    assert synced == [(stat.S_IFREG, False), (stat.S_IFDIR, True)]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    fail_in(monkeypatch, "link", code)
    write_file(tmp_path / "file", b"data", overwrite=False)
    with pytest.raises(OutputError, match="it exists already"):
        write_file(tmp_path / "file", b"other", overwrite=False)
    fail_in(monkeypatch, "replace", errno.EIO)
    with pytest.raises(OutputError, match="Input/output error"):
        write_file(tmp_path / "second", b"data", overwrite=False)
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"data")]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_appears_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    path = tmp_path / "file"
    if not has_links:
        fail_in(monkeypatch, "link", errno.EPERM)

    def write_while_another_does() -> None:
        with writing(path, overwrite=False) as file:
            file.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(OutputError, match="it exists already"):
        write_while_another_does()
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"theirs")]


@pytest.mark.parametrize("place", ["device", "link-to-device"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_device_is_written_into_where_that_is_allowed(places: Path, place: str, overwrite: bool) -> None:
    before = listing(places)
    check_file(places / place, overwrite=overwrite, allow_device=True)
    write_file(places / place, b"data", overwrite=overwrite, allow_device=True)
    assert listing(places) == before


@pytest.mark.parametrize("place", ["pipe", "link-to-pipe"])
def test_a_pipe_is_written_into_where_that_is_allowed(places: Path, place: str) -> None:
    reading = os.open(places / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_in_parts(places / place, b"for whoever reads", allow_device=True)
        assert os.read(reading, 100) == b"for whoever reads"
    finally:
        os.close(reading)
    assert (places / "pipe").is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_device_that_is_full_costs_one_line() -> None:
    with pytest.raises(OutputError, match="cannot write /dev/full: the disk is full"):
        write_file(Path("/dev/full"), b"data", allow_device=True)


def test_a_reader_that_has_gone_is_told_from_an_error_of_the_file() -> None:
    reading, descriptor = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(BrokenPipeError):
            write_file(Path(f"/dev/fd/{descriptor}"), b"data", allow_device=True)
    finally:
        os.close(descriptor)


def test_an_open_descriptor_keeps_what_others_wrote_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "redirected"
    with path.open("wb", buffering=0) as shell:
        shell.write(b"before, ")
        (tmp_path / "stdout").symlink_to(f"/dev/fd/{shell.fileno()}")
        write_file(tmp_path / "stdout", b"ours, ", allow_device=True)
        with pytest.raises(OutputError, match="it is not a regular file"):
            write_file(tmp_path / "stdout", b"a state")
        shell.write(b"after")
    assert path.read_bytes() == b"before, ours, after"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["redirected", "stdout"]


@pytest.mark.parametrize("link", ["beside", "folder/above"])
def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(tmp_path: Path, link: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "beside").symlink_to("real")
    (tmp_path / "folder" / "above").symlink_to("../beside")
    write_file(tmp_path / link, b"new")
    assert (tmp_path / link).is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["above", "beside", "folder", "real"]


def test_a_link_that_leads_nowhere_yet_makes_the_file(places: Path) -> None:
    write_file(places / "link-to-nothing", b"new")
    assert (places / "link-to-nothing").is_symlink()
    assert (places / "nothing").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("mode", "owner_of_the_folder", "is_followed"),
    [(0o1777, 1, False), (0o1777, 2, True), (0o777, 1, True), (0o1755, 1, True)],
)
def test_the_link_of_another_user_is_not_followed_where_everybody_may_place_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, owner_of_the_folder: int, is_followed: bool
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (tmp_path / "real").write_bytes(b"old")
    (folder / "link").symlink_to(tmp_path / "real")
    folder.chmod(mode)
    me = os.geteuid()
    status_of = Path.stat

    def stat_of_folder(path: Path, **options: bool) -> os.stat_result:
        found = status_of(path, **options)
        values = list(found)
        if path == folder:
            values[stat.ST_UID] = me + owner_of_the_folder
        elif path == folder / "link":
            values[stat.ST_UID] = me + 2
        return os.stat_result(values)

    monkeypatch.setattr(Path, "stat", stat_of_folder)
    if is_followed:
        write_file(folder / "link", b"new")
    else:
        with pytest.raises(OutputError, match="another user placed this symbolic link"):
            write_file(folder / "link", b"new")
    assert (tmp_path / "real").read_bytes() == (b"new" if is_followed else b"old")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("write", [*FORMS, lambda path, _: check_file(path)])
def test_a_read_only_folder_and_a_read_only_file_cost_one_line(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    (tmp_path / "folder").mkdir(mode=0o500)
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o400)
    for path in (tmp_path / "folder" / "new", tmp_path / "file"):
        with pytest.raises(OutputError, match="no permission"):
            write(path, b"data")
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("private", "mask", "mode"), [(False, 0o022, 0o644), (False, 0o027, 0o640), (True, 0, 0o600), (True, 0o022, 0o600)]
)
@pytest.mark.parametrize("before", [None, 0o666])
def test_what_may_hold_log_text_is_for_its_owner_alone(
    tmp_path: Path, private: bool, mask: int, mode: int, before: int | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.touch()
        path.chmod(before)
    with umask(mask), writing(path, private=private) as file:
        [temporary] = tmp_path.glob(".*")
        assert stat.S_IMODE(temporary.stat().st_mode) == mode
        file.write(b"data")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def killed_while_writing(path: Path) -> None:
    """Let a program write a file and be killed in the middle of it."""
    script = """
        import os, sys
        from pathlib import Path
        from core.support.files import writing
        with writing(Path(sys.argv[1])) as file:
            file.write(bytes(100_000))
            os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


def test_killed_runs_leave_one_temporary_file_which_the_next_write_removes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for _ in range(2):
        killed_while_writing(path)
        [abandoned] = tmp_path.iterdir()
        assert abandoned.name.startswith(".file.")
    abandoned.chmod(0o666)
    write_file(path, b"data", private=True)
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"data")]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_TRY_AGAIN_SECONDS", 0.0)
    path = tmp_path / "file"
    with writing(path) as first:
        first.write(b"first")
        with pytest.raises(OutputError, match="another program is writing it"):
            write_file(path, b"second")
        write_file(tmp_path / "other", b"other")
    assert path.read_bytes() == b"first"
    write_file(path, b"second")
    assert listing(tmp_path) == [("file", stat.S_IFREG, b"second"), ("other", stat.S_IFREG, b"other")]


def test_a_long_name_has_a_temporary_file_too(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    write_file(path, b"data")
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_with_controls_is_escaped_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_file(tmp_path / "\x1b[31m" / "file", b"data")
    assert "\x1b" not in str(caught.value)


OLD, NEW = ({name: f"{age} {name}".encode() for name in ("one", "two", "seal")} for age in ("old", "new"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_sealed_folder_has_all_files(tmp_path: Path) -> None:
    for files_of_it in (OLD, NEW):
        write_sealed(tmp_path / "a" / "folder", files_of_it, seal="seal")
        assert contents(tmp_path / "a" / "folder") == files_of_it


@pytest.mark.parametrize(
    ("call", "at"), [(call, at) for call in ("open", "fsync", "unlink", "replace") for at in range(1, 12)]
)
def test_a_folder_that_could_not_be_written_in_full_is_the_old_one_or_has_no_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    write_sealed(tmp_path, OLD, seal="seal")
    problem = ""
    with monkeypatch.context() as patch:
        fail_in(patch, call, errno.ENOSPC, at=at)
        try:
            write_sealed(tmp_path, NEW, seal="seal")
        except OutputError as error:
            problem = str(error)
    found = contents(tmp_path)
    assert "the disk is full" in problem or found == NEW
    assert "seal" not in found or found in (OLD, NEW)
    assert set(found) <= set(NEW)


@pytest.mark.parametrize("place", ["device", "pipe", "folder"])
def test_no_file_of_a_sealed_folder_replaces_what_is_not_one(places: Path, place: str) -> None:
    before = listing(places)
    with pytest.raises(OutputError, match=f"cannot write {places / place}: it is"):
        write_sealed(places, {place: b"", "seal": b""}, seal="seal")
    assert listing(places) == before


def test_a_folder_is_made_where_it_is_missing_and_possible(places: Path) -> None:
    make_folder(places / "new" / "below")
    make_folder(places / "new" / "below")
    assert (places / "new" / "below").is_dir()
    for place, reason in [("taken", "it is not a folder"), ("taken/below", "a part of the path is not a folder")]:
        with pytest.raises(OutputError, match=reason):
            make_folder(places / place)


@pytest.mark.parametrize("name", ["log", "link-to-log"])
def test_a_file_that_is_read_is_not_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "log").write_bytes(b"a line\n")
    (tmp_path / "link-to-log").symlink_to("log")
    with pytest.raises(OutputError, match="it is read and would be written over"):
        check_file(tmp_path / name, inputs=["-", tmp_path / "missing", tmp_path / "log"])
    check_file(tmp_path / "other", inputs=[tmp_path / "log"])


@pytest.mark.slow
def test_a_disk_that_is_really_full_costs_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from core.errors import OutputError
        from core.support.files import write_file

        folder = Path(sys.argv[1])
        (folder / "old").write_bytes(b"old")
        try:
            write_file(folder / "old", b"x" * 1_000_000)
        except OutputError as error:
            print(error)
        print(sorted(path.name for path in folder.iterdir()), (folder / "old").read_text())
    """
    shell = 'mount -t tmpfs -o size=64k tailsight "$2" && exec "$0" -c "$1" "$2"'
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", shell]
    command = [*unshare, sys.executable, textwrap.dedent(script), str(tmp_path)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system of one's own cannot be made here")
    assert done.stdout.splitlines() == [
        f"cannot write {tmp_path}/old: the disk is full; free some space or choose another folder",
        "['old'] old",
    ]
