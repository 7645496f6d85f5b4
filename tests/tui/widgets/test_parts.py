"""The parts of the picture that need no screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.decision.flagging import Flag
from core.errors import UsageError
from core.events import LEVELS, Expected
from core.history.history import History
from core.history.timeline import Bins
from core.templates import stable_hash
from tests.helpers.events import notice, scored_event
from tests.helpers.screen import some_events
from tui.config import COLUMNS
from tui.keys import BINDINGS, COMMANDS, keys_of
from tui.look.glyphs import ASCII, UNICODE
from tui.look.layout import layout
from tui.look.rows import Look, Place, draw_row, highlight
from tui.look.themes import NO_COLOUR, PALETTES, THEMES, Palette
from tui.session.expected import Texts, expectation_at
from tui.session.rate import Rate
from tui.session.times import parse_length, parse_moment
from tui.session.view import View
from tui.terminal.clipboard import osc52
from tui.widgets.score_graph import graph_lines
from tui.widgets.timeline import timeline_lines, window

PALETTE = PALETTES["terminal"]
NOON = datetime(2017, 5, 16, 12, tzinfo=UTC).timestamp()


@given(st.integers(40, 300), st.integers(0, 60), st.sets(st.sampled_from(COLUMNS)))
def test_columns_never_take_more_than_the_width(width: int, widest: int, columns: set[str]) -> None:
    shares = layout(width, widest, columns)
    assert shares.message_start + shares.message == max(width, shares.message_start)
    assert shares.message >= width // 4


@given(
    st.integers(40, 200),
    st.text(max_size=300),
    st.sampled_from(["INFO", "ERROR", "", "CRITICAL"]),
    st.one_of(st.none(), st.floats(0, 1)),
    st.booleans(),
)
def test_a_row_takes_exactly_its_width(width: int, message: str, level: str, score: float | None, cursor: bool) -> None:
    row = scored_event(score, message=message, level=level, service=message[:30])
    look = Look(layout(width, 20, COLUMNS), PALETTE, UNICODE, 0.5, re.compile("a"))
    strip = draw_row(row, [0.1, 0.9], look, Place(cursor=cursor, late_lines=3))
    assert strip.cell_length == width
    assert strip.text.isprintable()


def test_a_notice_is_a_row_of_its_own_kind() -> None:
    look = Look(layout(80, 12, COLUMNS), PALETTE, UNICODE, 0.5)
    assert "rotated" in draw_row(notice(), [], look, Place()).text


def test_a_muted_anomaly_keeps_its_number_and_loses_its_alarm() -> None:
    look = Look(layout(100, 12, COLUMNS), PALETTE, UNICODE, 0.5)
    text = draw_row(scored_event(0.9), [], look, Place(flag=Flag(flagged=True, muted=True))).text
    assert UNICODE.muted in text
    assert UNICODE.flagged not in text
    assert "0.90" in text


def test_a_match_inside_a_shortened_id_brings_the_id_back() -> None:
    message = "instance b9000564-fe1a-409b-b8cc-1e88b294cd1d is gone"
    look = Look(layout(120, 12, COLUMNS), PALETTE, UNICODE, 0.5)
    assert "fe1a" not in draw_row(scored_event(message=message), [], look, Place()).text
    searching = Look(look.layout, PALETTE, UNICODE, 0.5, re.compile("fe1a"))
    assert "fe1a" in draw_row(scored_event(message=message), [], searching, Place()).text


@given(st.text(alphabet="abc", max_size=30), st.sampled_from(["a", "b*", "(a|c)+", "^a", "x?"]))
def test_highlighting_changes_no_text(text: str, pattern: str) -> None:
    parts = highlight(text, re.compile(pattern), Style.null(), Style(bold=True))
    assert "".join(part for part, _ in parts) == text


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=50), st.floats(0, 1), st.integers(1, 8))
def test_the_score_graph_fills_its_frame(scores: list[float], threshold: float, height: int) -> None:
    lines = graph_lines(scores, threshold, 30, height, PALETTE, UNICODE)
    assert len(lines) == height
    assert all(sum(len(text) for text, _ in line) == 5 + 30 for line in lines)


def test_the_score_graph_does_not_stretch_small_scores() -> None:
    lines = graph_lines([0.010, 0.011, 0.012], 0.5, 3, 3, PALETTE, UNICODE)
    text = ["".join(text for text, _ in line) for line in lines]
    assert text[2].endswith("▁▁▁")
    assert "▁" not in text[0] + text[1]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 16), st.floats(-1e6, 2e6))
def test_a_window_of_time_stays_in_the_span(first: float, seconds: float, zoom: int, center: float) -> None:
    start, end = window((first, first + seconds), zoom, center)
    assert start < end
    assert start >= first - 1e-6
    assert end <= first + max(seconds, 1.0) + 1.0


def test_the_timeline_stacks_severities_and_marks_what_is_flagged() -> None:
    levels = np.zeros((4, len(LEVELS)), np.int64)
    levels[0, LEVELS.index("INFO")] = 40
    levels[1, LEVELS.index("ERROR")] = 1
    levels[2, LEVELS.index("WARNING")] = 20
    bins = Bins(np.linspace(0.0, 40.0, 5), levels, np.array([2, 0, 0, 0]))
    lines = timeline_lines(bins, 6, 2, PALETTE, UNICODE)
    text = ["".join(text for text, _ in line) for line in lines]
    assert text[3].endswith("█▁█ ")
    assert text[4].endswith("◆ew ")
    assert text[5][6 + 2] == "▲"


def test_the_view_follows_its_question_as_rows_come_and_go() -> None:
    history = History(20)
    view = View(history)
    view.ask(lambda start: np.flatnonzero(history.alerting(0.5)[start:]) + start, 1)
    for _ in range(10):
        history.extend(some_events(7, flagged_every=5))
        view.catch_up()
        picked = np.flatnonzero(history.alerting(0.5))
        wanted = sorted({row for place in picked for row in (place - 1, place, place + 1) if 0 <= row < len(history)})
        shown = [view.row_id(index) - history.first_row_id for index in range(len(view))]
        # A row whose anomaly is gone stays as long as it is held itself.
        assert shown[-len(wanted) :] == wanted or shown == wanted
        assert view.hidden == len(history) - len(view)


def test_a_rate_goes_to_zero_when_nothing_comes() -> None:
    rate = Rate()
    for tick in range(40):
        rate.add(tick * 0.1, tick * 10)
    assert rate.per_second() == pytest.approx(100.0)
    for tick in range(4):
        rate.add(4.0 + tick, 390)
    assert rate.per_second() == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("11:30", NOON - 1_800),
        ("9:05:10", NOON - 3 * 3_600 + 310),
        ("12:30", NOON + 1_800 - 86_400),
        ("2017-05-16 05:21:45", NOON - 12 * 3_600 + 19_305),
        ("2017-05-16T07:21:45+02:00", NOON - 12 * 3_600 + 19_305),
        ("-15m", NOON - 900),
        ("- 2 h", NOON - 7_200),
        ("+30s", NOON - 570),
    ],
)
def test_moments_are_read_as_they_are_typed(text: str, seconds: float) -> None:
    assert parse_moment(text, NOON - 600, NOON) == seconds


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2017", "-15 parsecs"])
def test_what_is_no_moment_is_said_to_be_none(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        parse_moment(text, 0.0, 0.0)


def test_a_length_of_time_needs_its_unit() -> None:
    assert parse_length(" 7d ") == 604_800
    with pytest.raises(UsageError, match="7d, 12h or 30m"):
        parse_length("7")


def test_copying_reaches_the_terminal_through_tmux_too() -> None:
    assert osc52("hi", {}) == "\x1b]52;c;aGk=\x07"
    assert osc52("hi", {"TMUX": "1"}).endswith("\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\")


def test_no_key_does_two_things() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert not {"ctrl+s", "ctrl+q", "ctrl+b"} & set(keys)


def test_every_command_has_its_binding_and_its_line_of_help() -> None:
    assert [binding.action for binding in BINDINGS] == [command.action for command in COMMANDS]
    assert all(command.text for command in COMMANDS)
    down = next(command for command in COMMANDS if command.action == "down")
    assert keys_of(down, {}) == "j ↓"
    assert keys_of(down, {"down": "ctrl+n"}) == "^N"
    assert keys_of(down, {}, only_ascii=True) == "j Down"


def test_every_theme_has_a_palette_and_none_relies_on_colour_alone() -> None:
    assert {theme.name for theme in THEMES} == set(PALETTES)
    assert NO_COLOUR.flagged.reverse
    assert all(palette.flagged.bold for palette in PALETTES.values())


def test_the_terminals_own_theme_uses_its_sixteen_colours() -> None:
    palette = PALETTES["terminal"]
    for name in palette.__slots__:
        style = getattr(palette, name)
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_default or (colour.number is not None and colour.number < 16)


def test_plain_glyphs_are_ascii_and_take_one_cell() -> None:
    assert all(str(getattr(ASCII, name)).isascii() for name in ASCII.__slots__)
    assert len(ASCII.bars) == len(UNICODE.bars) == 9


@pytest.mark.parametrize("palette", [*PALETTES.values(), NO_COLOUR])
def test_the_number_of_an_anomaly_stands_out_under_the_cursor_too(palette: Palette) -> None:
    look = Look(layout(100, 12, COLUMNS), palette, UNICODE, 0.5)
    strip = draw_row(scored_event(0.9), [], look, Place(cursor=True, flag=Flag(flagged=True, muted=False)))
    number = next(segment for segment in strip if "0.90" in segment.text)
    rest = next(segment for segment in strip if "spawned" in segment.text)
    assert number.style is not None
    assert rest.style is not None
    assert (number.style.bgcolor, number.style.reverse) != (rest.style.bgcolor, rest.style.reverse) or number.style.bold


def test_what_the_baseline_expected_is_told_in_the_words_of_the_log() -> None:
    history = History()
    usual = ((stable_hash("spawned"), 0.8), (stable_hash("never seen here"), 0.1))
    history.extend(
        [
            scored_event(template="spawned"),
            scored_event(template="claim"),
            scored_event(template="weird", expected=Expected(stable_hash("claim"), usual, 0.0)),
            scored_event(template="first", expected=Expected(0, usual, 0.3)),
            scored_event(template="lost", expected=Expected(77, usual, 0.3)),
        ]
    )
    texts = Texts(history)
    weird, first, lost = (expectation_at(history, place, texts) for place in (2, 3, 4))
    assert weird == ("claim", (("spawned", 0.8), (None, 0.1)), 0.0, 0)
    assert first is not None
    assert lost is not None
    assert (first.previous, lost.previous) == ("", None)


def test_where_the_baseline_knows_nothing_the_log_tells_its_own_habits() -> None:
    names = ["claim", "spawn", "claim", "spawn", "claim", "fail", "claim", "weird"]
    history = History()
    history.extend(scored_event(template=name) for name in names)
    assert expectation_at(history, 7, Texts(history)) == ("claim", (("spawn", 2 / 3), ("fail", 1 / 3)), 0.0, 3)


def test_nothing_is_expected_where_nothing_is_known() -> None:
    history = History()
    history.extend([notice(), scored_event(None), scored_event(template="first"), scored_event(template="second")])
    texts = Texts(history)
    assert [expectation_at(history, place, texts) for place in range(4)] == [None] * 4


def test_texts_of_templates_outlive_their_rows() -> None:
    history = History(2)
    texts = Texts(history)
    for name in ("old", "new", "newer"):
        history.extend([scored_event(template=name)])
        texts.catch_up()
    assert texts.of(stable_hash("old")) == "old"
    assert texts.of(1) is None
