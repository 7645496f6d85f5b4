from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import UsageError
from core.events import State
from core.history.filters import FIELDS, parse_filter, with_context
from core.history.history import History, Row
from core.history.search import compile_pattern, searchable
from tests.helpers.events import notice, scored_event

ROWS: list[Row] = [
    scored_event(0.1, level="INFO", service="nova-api", request_id="req-3a1b", line=1),
    scored_event(0.5, level="WARNING", service="nova-compute", instance_id="F0E1-22", line=2),
    scored_event(
        0.9, level="ERROR", service="neutron-server", source="/var/log/neutron/server.log", message="Timed out"
    ),
    scored_event(None, level="", service="", message="no format at all"),
    scored_event(0.4, level="CRITICAL", service="nova-api", state=State.WARMING_UP, message="Traceback\n  KeyError: x"),
    notice(text="rotated: 12 bytes unread"),
]


def rows_of(text: str) -> list[int]:
    history = History()
    history.extend(ROWS)
    wanted = parse_filter(text)
    found: list[int] = wanted.rows(history).tolist()
    assert found == [row for row, item in enumerate(ROWS) if wanted.matches(item)]
    return found


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("level>=WARNING", [1, 2, 4]),
        ("level>WARN", [2, 4]),
        ("level<=info", [0, 3]),
        ("level=error,critical", [2, 4]),
        ("level!=INFO", [1, 2, 3, 4]),
        ("!level>=WARNING", [0, 3, 5]),
        ("service=nova-*", [0, 1, 4]),
        ("service!=nova-api", [1, 2, 3]),
        ("service~^neu", [2]),
        ("score>0.4", [1, 2]),
        ("score>=.4", [1, 2, 4]),
        ("score!=0.4", [0, 1, 2]),
        ("score=0.4", [4]),
        ("req=req-3a", [0]),
        ("request=3a1b", [0]),
        ("instance=f0e1", [1]),
        ("source=server.log", [2]),
        ("source=/var/log/neutron/*", [2]),
        ("source!=server.log", [0, 1, 3, 4, 5]),
        ("state=warming_up", [4]),
        ("state=unknown_format,warming_up", [3, 4]),
        ("pid=2931", [0, 1, 2, 3, 4]),
        ("logger=nova.compute.*", [0, 1, 2, 3, 4]),
        ("template~spawned", [0, 1]),
        ("message~keyerror", [4]),
        ("timed out", [2]),
        ("Timed", [2]),
        ("TIMED", []),
        ("timed  out", []),
        ('"timed out"', [2]),
        ("!spawned", [2, 3, 4, 5]),
        ("!spawned level>=WARNING", [2, 4]),
        ("!spawned timed out", [2]),
        ("level>=INFO !service=nova-api spawned", [1]),
        ("keyerror", [4]),
        (r"\d+ bytes", [5]),
        ("code=500", []),
        ('"level=ERROR"', []),
        ('service="nova-api"', [0, 4]),
        (r'"a \"quoted\" word"', []),
    ],
)
def test_a_filter_matches_the_rows_it_describes(text: str, rows: list[int]) -> None:
    assert rows_of(text) == rows


@pytest.mark.parametrize(
    ("text", "position", "what"),
    [
        ("level>=LOUD", 8, "unknown level 'LOUD' (TRACE"),
        ("level>=INFO,ERROR", 8, "one level"),
        ("level~x", 6, "does not support '~'"),
        ("score>x", 7, "invalid score 'x' (0 to 1)"),
        ("score>1.5", 7, "(0 to 1)"),
        ("score>nan", 7, "(0 to 1)"),
        ("service>nova", 8, "does not support '>', only = != ~"),
        ("a service=", 11, "needs a value"),
        ("state=new", 7, "unknown state 'new' (scored"),
        ("servce=nova", 1, "did you mean 'service'"),
        ("service~(", 9, "invalid regular expression"),
        ("foo (bar", 5, "invalid regular expression"),
        ('foo "bar', 5, "unclosed double quote"),
        ("foo !", 6, "directly before"),
        ("! foo", 2, "directly before"),
        ("x{99999999999}", 1, "invalid regular expression"),
        ("!!foo", 2, "only once"),
    ],
)
def test_an_invalid_filter_is_an_error_with_its_position(text: str, position: int, what: str) -> None:
    with pytest.raises(UsageError, match=f"filter, character {position}: .*{re.escape(what)}"):
        parse_filter(text)


@given(st.text(alphabet="ab(){}[]*+?\\!\"'=<>~, .,-^$|01levscorqinta_", max_size=30))
@example("level>=\\")
@example('service="')
def test_any_text_is_a_filter_or_an_error_of_one_line(text: str) -> None:
    wrong = ""
    try:
        wanted = parse_filter(text)
    except UsageError as error:
        wrong = str(error)
    if wrong:
        position = re.fullmatch(r"filter, character (\d+): .+", wrong)
        assert position
        assert 1 <= int(position[1]) <= len(text) + 1
        return
    history = History()
    history.extend(ROWS)
    assert wanted.rows(history).tolist() == [row for row, item in enumerate(ROWS) if wanted.matches(item)]


@given(
    st.lists(
        st.sampled_from(
            ["a", "b", "0", ".", "a*", "(a|b)", "b+?", r"\S", r"\d", r"\.", "^", "$", " "],
        )
        | st.sampled_from(["[ab]", "[^a]", "[a-c0-9]", "[^b-z]", "[!-b]", "(?:a|b)", "(?!b)"]),
        min_size=1,
    ),
    st.text("aAbBzZ0. _", max_size=12),
)
def test_a_pattern_without_capitals_finds_any_case(parts: list[str], text: str) -> None:
    # Quoted, because a space at an end parts terms otherwise.
    pattern = "".join(parts)
    row = notice(text=text)
    assert parse_filter(f'"{pattern}"').matches(row) == (re.search(pattern, text, re.IGNORECASE) is not None)
    assert (compile_pattern(pattern).search(text) is None) == (re.search(pattern, text, re.IGNORECASE) is None)


def test_a_pattern_is_case_sensitive_when_it_has_a_capital() -> None:
    assert compile_pattern("Error").search("an error") is None
    assert compile_pattern(r"\Serror").search("ANERROR")


def test_a_search_sees_every_line_of_a_message() -> None:
    assert "KeyError: x" in searchable(ROWS[4])
    assert searchable(ROWS[5]) == "rotated: 12 bytes unread"


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 4), st.integers(0, 4))
def test_context_is_what_is_near_a_match(wanted: list[bool], before: int, after: int) -> None:
    rows = np.flatnonzero(np.array(wanted, np.bool_))
    near = [row for row in range(len(wanted)) if any(match - before <= row <= match + after for match in rows.tolist())]
    assert with_context(rows, before, after, len(wanted)).tolist() == near


@given(st.integers(0, 6), st.integers(0, 6))
def test_only_the_rows_that_are_asked_about_are_searched(start: int, stop: int) -> None:
    history = History()
    history.extend(ROWS)
    wanted = parse_filter("!level=INFO")
    assert wanted.rows(history, start, stop).tolist() == [row for row in wanted.rows(history) if start <= row < stop]


def test_every_field_can_be_compared() -> None:
    for name in FIELDS:
        value = {"level": "INFO", "score": "0.5", "state": "scored"}.get(name, "x")
        assert parse_filter(f"{name}={value}").terms
