"""Any split of the bytes gives the same printable lines."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import LogLine
from core.reading import decoder as module
from core.reading.decoder import LineDecoder
from core.support.printable import escape
from tests.helpers.lines import printable

# What logs are made of, and what may not reach a terminal.
pieces = st.sampled_from(
    [b"a", b" ", b"\n", b"\r\n", b"\r", b"\t", b"\x00", b"\x1b[31m", b"\x7f", b"\x85", b"\x9b", b"\xff", b"\xe2\x82",
     "é".encode(), "→".encode(), "\u202e".encode(), "\u2028".encode(), "\U000e0041".encode(), b"\xef\xbb\xbf"]
)  # fmt: skip
logs = st.lists(pieces, max_size=40).map(b"".join)


def decode(*blocks: bytes) -> list[LogLine]:
    decoder = LineDecoder("a.log")
    return [line for block in blocks for line in decoder.feed(block)] + decoder.flush()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(logs, st.lists(st.integers(0, 1000), max_size=6))
def test_any_split_of_the_bytes_gives_the_same_lines(data: bytes, places: list[int]) -> None:
    assert decode(*cut(data, places)) == decode(data)


@given(logs, st.lists(st.integers(0, 1000), max_size=6))
def test_any_split_gives_the_same_lines_where_lines_are_capped(data: bytes, places: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_LINE_BYTES", 5)
        assert decode(*cut(data, places)) == decode(data)


@given(logs)
def test_every_byte_is_in_exactly_one_line(data: bytes) -> None:
    lines = decode(data)
    assert [line.offset for line in lines] == [sum(line.length for line in lines[:i]) for i in range(len(lines))]
    assert sum(line.length for line in lines) == len(data)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@given(st.binary(max_size=200))
def test_nothing_that_is_not_printable_leaves(data: bytes) -> None:
    assert all(line.text.isprintable() for line in decode(data))


@given(st.text())
def test_printable_text_is_left_as_it_is(text: str) -> None:
    assert (escape(text) == text) == text.isprintable()


def test_a_long_text_is_escaped_whole() -> None:
    assert escape("\x01é" * 50_000) == "\\x01é" * 50_000


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[31mred", r"\x1b[31mred"),
        (b"a\x00b", r"a\x00b"),
        (b"\xff\xe2\x82", r"\xff\xe2\x82"),
        ("x\u202ey".encode(), r"x\u202ey"),
        ("\U000e0041".encode(), r"\U000e0041"),
        (b"tab\there", r"tab\x09here"),
        ("größe →".encode(), "größe →"),
    ],
)
def test_what_is_escaped_can_be_read(raw: bytes, text: str) -> None:
    assert printable(raw) == text
    assert [line.text for line in decode(raw + b"\n")] == [text]


def test_a_half_line_waits_for_its_end() -> None:
    decoder = LineDecoder("a.log")
    assert decoder.feed("half é".encode()[:-1]) == []
    assert decoder.pending == 6
    assert [line.text for line in decoder.feed("é\n".encode()[1:])] == ["half é"]


def test_only_a_newline_ends_a_line() -> None:
    assert [line.text for line in decode("a\rb\x0bc\u2028d\n".encode())] == [r"a\x0db\x0bc\u2028d"]


def test_a_carriage_return_before_the_newline_is_part_of_it() -> None:
    assert [(line.text, line.length) for line in decode(b"a\r\n\r\nb\r\r\n")] == [("a", 3), ("", 2), (r"b\x0d", 4)]


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (MARK + b"a\n" + MARK + b"b\n", ["a", "b"]),
        (b"a\n" + MARK + "é\n".encode(), ["a", "é"]),
        (b"a" + MARK + b"\n", [r"a\ufeff"]),
        (b"a\n" + bytes(300) + b"b\n", ["a", "b"]),
        (b"a\n" + bytes(300) + MARK + b"b", ["a", "b"]),
        (b"a\n" + bytes(300), ["a", ""]),
        (bytes(5) + b"\n\n", ["", ""]),
        (b"torn" + bytes(3) + b"\n", [r"torn\x00\x00\x00"]),
    ],
)
def test_a_byte_order_mark_and_nul_bytes_before_a_line_are_no_text_of_it(data: bytes, texts: list[str]) -> None:
    for lines in (decode(data), decode(*(data[place : place + 1] for place in range(len(data))))):
        assert [line.text for line in lines] == texts
        assert sum(line.length for line in lines) == len(data)


def test_a_line_after_more_nul_bytes_than_a_line_may_have_is_whole() -> None:
    lines = decode(b"before\n", *[bytes(1 << 20)] * 5, b"after\n")
    assert [(line.text, line.length, line.cut) for line in lines] == [("before", 7, 0), ("after", (5 << 20) + 6, 0)]


def test_a_line_of_a_hundred_megabytes_is_cut_and_counted() -> None:
    decoder = LineDecoder("a.log")
    block = b"x" * (1 << 20)
    for _ in range(100):
        assert decoder.feed(block) == []
    line, after = decoder.feed(b"\r\nafter\n")
    assert (len(line.text), line.cut, line.length) == (1 << 20, 99 << 20, (100 << 20) + 2)
    assert (after.text, after.offset, after.number) == ("after", line.length, 2)


def test_a_long_line_in_the_middle_of_a_block_is_cut_alone() -> None:
    long = b"x" * ((1 << 20) + 7)
    lines = decode(b"before\n" + long + b"\nafter\n")
    assert [(len(line.text), line.cut) for line in lines] == [(6, 0), (1 << 20, 7), (5, 0)]


def test_the_cap_divides_no_character() -> None:
    line = decode(b"x" * ((1 << 20) - 1) + "é".encode() + b"\n")[0]
    assert (len(line.text), line.cut) == ((1 << 20) - 1, 2)
