"""Compressed files that are whole, joined, padded, followed by something else, cut off or damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tracemalloc
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
import zstandard

from core.events import LogLine, Notice, NoticeKind
from core.reading import read_file
from core.reading.content import Content
from core.reading.decompress import STEP_BYTES, Decompressor

Pack = Callable[[bytes], bytes]

PACKERS: dict[Content, Pack] = {
    Content.GZIP: gzip.compress,
    Content.BZIP2: partial(bz2.compress, compresslevel=1),
    Content.XZ: partial(lzma.compress, preset=0),
    Content.ZSTD: zstandard.compress,
}

LINES = [f"{number} {number * 7919 % 10_007} a line of the log" for number in range(6_000)]
LOG = "".join(f"{line}\n" for line in LINES).encode()
# Noise does not shrink, so that a part of the archive holds as large a part of the log.
NOISE = [f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}{line}" for number, line in enumerate(LINES * 2)]


@cache
def packed_noise(pack: Pack) -> bytes:
    return pack("".join(f"{line}\n" for line in NOISE).encode())


def read(path: Path, content: bytes, *, allow_empty: bool = False) -> tuple[list[str], list[Notice]]:
    path.write_bytes(content)
    items = [item for batch in read_file(path, allow_empty=allow_empty) for item in batch.items]
    return [item.text for item in items if isinstance(item, LogLine)], [i for i in items if isinstance(i, Notice)]


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize(
    "form",
    [
        lambda pack: pack(LOG),
        lambda pack: pack(LOG[:1000]) + pack(LOG[1000:]),
        lambda pack: pack(b"") + pack(LOG) + pack(b""),
        lambda pack: pack(LOG) + bytes(512),
        lambda pack: pack(LOG[:5]) + bytes(4) + pack(LOG[5:]) + bytes(200_000),
        lambda pack: gzip.compress(pack(LOG), mtime=0),
        lambda pack: pack(bz2.compress(LOG)),
    ],
    ids=["whole", "joined", "empty members", "padded", "padded between", "packed again", "packed before"],
)
def test_every_line_is_read_and_nothing_is_said(form: Callable[[Pack], bytes], pack: Pack, tmp_path: Path) -> None:
    assert read(tmp_path / "a.log", form(pack)) == (LINES, [])


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("behind", [b"GARBAGE", b"x" * 300_000, b"\x00\x00\x00G"])
def test_what_stands_behind_an_archive_is_counted_in_a_notice(behind: bytes, pack: Pack, tmp_path: Path) -> None:
    texts, [notice] = read(tmp_path / "a.log", pack(LOG) + behind)
    assert texts == LINES
    assert (notice.kind, notice.count) == (NoticeKind.SKIPPED, len(behind.lstrip(b"\x00")))
    assert str(notice.count) in notice.text


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("share", [0.5, 0.9, 1.0])
def test_a_cut_archive_gives_what_is_there_and_says_that_it_is_cut(share: float, pack: Pack, tmp_path: Path) -> None:
    packed = packed_noise(pack)
    texts, [notice] = read(tmp_path / "a.log", packed[: int(len(packed) * share) - 1])
    assert notice.kind is NoticeKind.DAMAGED
    assert "its end is missing" in notice.text
    assert texts[:-1] == NOISE[: len(texts) - 1]
    assert [*NOISE, ""][len(texts) - 1].startswith(texts[-1])
    assert len(texts) > 0.5 * share * len(NOISE)


def test_a_cut_member_after_whole_ones_costs_them_nothing(tmp_path: Path) -> None:
    texts, [notice] = read(tmp_path / "a.log", gzip.compress(LOG, mtime=0) + gzip.compress(b"more\n", mtime=0)[:-3])
    assert texts == [*LINES, "more"]
    assert notice.kind is NoticeKind.DAMAGED


def test_damage_inside_gives_what_stands_before_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LOG, mtime=0))
    packed[-6] ^= 0xFF
    texts, [notice] = read(tmp_path / "a.log", bytes(packed))
    assert texts == LINES
    assert (notice.kind, "incorrect data check" in notice.text) == (NoticeKind.DAMAGED, True)


@pytest.mark.parametrize(
    "content", [b"", gzip.compress(b"", mtime=0), gzip.compress(LOG, mtime=0)[:15]], ids=["file", "archive", "cut"]
)
def test_an_empty_file_is_a_notice_where_that_is_allowed(content: bytes, tmp_path: Path) -> None:
    texts, [notice] = read(tmp_path / "a.log", content, allow_empty=True)
    assert texts == []
    assert notice.kind in (NoticeKind.SKIPPED, NoticeKind.DAMAGED)
    assert notice.source == str(tmp_path / "a.log")


@pytest.mark.parametrize("content", PACKERS)
def test_an_archive_that_holds_far_more_than_it_is_takes_little_memory(content: Content) -> None:
    packed = io.BytesIO(b"".join([PACKERS[content](bytes(1 << 25))] * 2))
    tracemalloc.start()
    try:
        stream, total = Decompressor(packed, content), 0
        while data := stream.read1(1 << 30):
            assert len(data) <= 64 * STEP_BYTES
            total += len(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 2 << 25
    assert peak < 1 << 25


def test_a_pipe_gives_all_that_is_unpacked_before_it_is_waited_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as standard_input, os.fdopen(writing, "wb", buffering=0) as writer:
        monkeypatch.setattr(sys, "stdin", standard_input)
        packer = zstandard.ZstdCompressor().compressobj()
        writer.write(packer.compress(b"one line\n" * 50_000) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
        seen: list[str] = []
        for batch in read_file("-"):
            seen += [item.text for item in batch.items if isinstance(item, LogLine)]
            if not batch.items:
                break
    assert seen == ["one line"] * 50_000
