from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.errors import OutputError
from core.support.files import write_atomically

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/file.json", "the folder does not exist"),
        ("taken", "it exists already"),
        ("folder", "that is a folder"),
        ("taken/file.json", "a part of the path is no folder"),
        ("x" * 300, "the name is too long"),
    ],
)
def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "taken").write_bytes(b"mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError) as caught:
        write_atomically(tmp_path / place, b"data", overwrite=False)
    assert reason in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match=r"disk is full" if code == errno.ENOSPC else r"Input/output error"):
        write_atomically(path, b"new", overwrite=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    sync = os.fsync

    def appear(descriptor: int) -> None:
        path.write_bytes(b"theirs")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", appear)
    with pytest.raises(OutputError, match="exists already"):
        write_atomically(path, b"ours", overwrite=False)
    assert path.read_bytes() == b"theirs"


def test_a_file_system_without_hard_links_is_supported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_names: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", fail)
    write_atomically(tmp_path / "file", b"data", overwrite=False)
    assert (tmp_path / "file").read_bytes() == b"data"


def test_the_umask_holds(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"data", overwrite=False)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_name_with_controls_is_escaped_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_atomically(tmp_path / "\x1b[31m" / "file", b"data", overwrite=False)
    assert "\x1b" not in str(caught.value)


@pytest.mark.slow
def test_a_disk_that_is_really_full_costs_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from core.errors import OutputError
        from core.support.files import write_atomically

        folder = Path(sys.argv[1])
        (folder / "old").write_bytes(b"old")
        try:
            write_atomically(folder / "old", b"x" * 1_000_000, overwrite=True)
        except OutputError as error:
            print(error)
        print(sorted(path.name for path in folder.iterdir()), (folder / "old").read_text())
        """
    )
    shell = 'mount -t tmpfs -o size=64k tailsight "$2" && exec "$0" -c "$1" "$2"'
    command = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        shell,
        sys.executable,
        script,
        str(tmp_path),
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system of one's own cannot be made here")
    assert done.stdout.splitlines() == [
        f"cannot write {tmp_path}/old: the disk is full; free some space or choose another folder",
        "['old'] old",
    ]
