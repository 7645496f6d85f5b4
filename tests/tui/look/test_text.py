"""Text that fits its cells and is safe to print."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from core.support.printable import duration
from tests.helpers.events import scored_event
from tui.look.glyphs import ASCII, UNICODE, glyphs_for
from tui.look.lines import Line, elide, line_width, wrap
from tui.look.text import clock, fit_text, level_name, safe_text, shorten_ids, shorten_path, size, sparkline


@given(st.text(), st.integers(0, 60), st.sampled_from(["…", "~", ""]))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int, ellipsis: str) -> None:
    assert cell_len(fit_text(safe_text(text, UNICODE), width, ellipsis)) == width


@pytest.mark.parametrize("letter", ["x", "é", "名", "e\u0301"])
def test_a_text_of_megabytes_is_fitted_as_its_beginning_is(letter: str) -> None:
    assert fit_text(letter * 1_000_000, 21, "…") == fit_text(letter * 100, 21, "…")


@given(st.text())
def test_drawn_text_holds_no_control(text: str) -> None:
    assert safe_text(text, UNICODE).isprintable()


@given(st.text())
def test_an_ascii_terminal_gets_ascii(text: str) -> None:
    assert safe_text(text, ASCII).isascii()


@given(st.lists(st.floats(0, 1), max_size=40), st.integers(0, 20))
def test_a_sparkline_has_a_fixed_scale(scores: list[float], width: int) -> None:
    line = sparkline(scores, width, UNICODE.bars)
    assert len(line) == width
    expected = [UNICODE.bars[1 + min(int(score * 8), 7)] for score in scores[-width:]] if width else []
    assert line.strip() == "".join(expected)


@given(st.text(alphabet="ab 名", max_size=80), st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)


def test_ids_are_shortened_to_what_people_go_by() -> None:
    uuid = "b9000564-fe1a-409b-b8cc-1e88b294cd1d"
    assert shorten_ids(f"[instance: {uuid}] and {uuid.replace('-', '')}", "…") == "[b9000564…] and b9000564…"


def test_a_path_loses_its_beginning() -> None:
    assert shorten_path("/var/log/nova/nova-api.log", 13, "…") == "…nova-api.log"


@pytest.mark.parametrize(
    ("width", "text"), [(23, "1970-01-01 00:16:40.250"), (12, "00:16:40.250"), (8, "00:16:40"), (5, "00:16")]
)
def test_time_is_written_in_the_zone_of_the_host(width: int, text: str) -> None:
    event = scored_event(timestamp=1_000.25).event._replace(utc_offset=7_200)
    assert clock(event, width) == text


@pytest.mark.parametrize(
    ("level", "width", "text"), [("CRITICAL", 8, "CRITICAL"), ("WARNING", 5, "WARN"), ("", 1, "-")]
)
def test_levels_give_way(level: str, width: int, text: str) -> None:
    assert level_name(level, width) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (99_900, "100 kB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_are_said_as_people_do(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "250 ms"), (42, "42 s"), (90, "1 min 30 s"), (7_200, "2 h 00 min"), (180_000, "2 d 2 h")],
)
def test_lengths_of_time_have_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({}, True),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, False),
        ({"LC_CTYPE": "de_DE.utf8", "LANG": "C"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, False),
    ],
)
def test_the_locale_decides_on_glyphs(environ: dict[str, str], unicode: bool) -> None:
    assert glyphs_for(environ) == (UNICODE if unicode else ASCII)


@given(st.lists(st.text(max_size=12), max_size=5), st.integers(1, 40))
def test_a_line_is_cut_to_its_width_and_says_so(texts: list[str], width: int) -> None:
    line: Line = [(safe_text(text, UNICODE), Style.null()) for text in texts]
    cut = elide(line, width, UNICODE.ellipsis)
    if line_width(line) <= width:
        assert cut == line
    else:
        assert line_width(cut) == width
        assert cut[-1][0].endswith(UNICODE.ellipsis)
