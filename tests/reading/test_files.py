"""Files and pipes that are read once."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard

from core.errors import SourceError
from core.events import LogLine
from core.reading import ReadBatch, read_file

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstandard.compress
}  # fmt: skip


def texts(batches: Iterable[ReadBatch]) -> list[str]:
    return [item.text for batch in batches for item in batch.items if isinstance(item, LogLine)]


def tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("nova.log")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def test_a_last_line_without_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo")
    assert texts(read_file(path)) == ["one", "two"]


def test_batches_are_of_the_size_asked_for_and_say_what_is_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"12345\n" * 7)
    assert [(len(batch.items), batch.behind) for batch in read_file(path, batch_lines=3)] == [(3, 24), (3, 6), (1, 0)]


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_files_are_read_part_by_part(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"misnamed{suffix[::-1]}"
    path.write_bytes(PACKERS[suffix](b"one\nt") + PACKERS[suffix](b"wo\n"))
    assert texts(read_file(path)) == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        ("a log\n".encode("utf-16"), "UTF-16"),
        ("a log of some lines\n".encode("utf-16-le") * 4, "UTF-16"),
        (bytes(range(256)) * 4, "binary"),
        (b"\x7fELF\x02\x01\x01", "binary"),
        (b"PK\x03\x04", "unzip"),
        (tar(b"a log\n"), "tar -xf"),
        (gzip.compress(tar(b"a log\n"), mtime=0), "tar -xf"),
        (bz2.compress("a log\n".encode("utf-16")), "unpack and convert it first"),
        (lzma.compress(bytes(range(256)) * 4), "binary"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(gzip.compress(gzip.compress(b"a log\n", mtime=0), mtime=0), mtime=0), "more than 2 times"),
        (gzip.compress(b"a log\n", mtime=0)[:10], "nothing can be read"),
    ],
    ids=[
        "empty",
        "UTF-16 with a mark",
        "UTF-16 without",
        "noise",
        "a program",
        "zip",
        "tar",
        "tar.gz",
        "UTF-16 inside",
        "noise inside",
        "nothing inside",
        "three layers",
        "cut before its first line",
    ],
)
def test_binary_data_is_refused_in_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        texts(read_file(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir])
def test_a_source_that_cannot_be_opened_is_an_error(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "a.log")
    with pytest.raises(SourceError, match=r"a\.log"):
        texts(read_file(tmp_path / "a.log"))


def test_a_name_that_is_not_printable_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m.log"
    path.write_bytes(b"one\n")
    assert next(read_file(path)).items[0].source.endswith(r"\x1b[31m.log")


def test_a_pipe_yields_what_it_has_and_an_empty_batch_when_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as standard_input, os.fdopen(writing, "wb", buffering=0) as writer:
        monkeypatch.setattr(sys, "stdin", standard_input)
        batches = read_file("-")
        writer.write(b"one\nha")
        assert texts([next(batches)]) == ["one"]
        assert next(batches) == ReadBatch()
        writer.write(b"lf\n")
        assert texts([next(batches)]) == ["half"]
        writer.write(gzip.compress(b"", mtime=0))
        writer.close()
        assert [line.startswith(r"\x1f") for line in texts(batches)] == [True]
