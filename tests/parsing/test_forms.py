"""Every sample of every form, the table as a whole, and what hostile lines cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.events import LogEvent, LogLine, NoticeKind
from core.parsing import Parser
from core.parsing.forms import FRAGMENTS, Form, Found, Kind, all_forms, alone, candidates
from core.parsing.reader import Reader
from core.parsing.readings import BARE, Fragment, Outer, Reading
from core.parsing.spellings import SPELLINGS
from core.parsing.stamps import Clock
from tests.helpers.cost import TENFOLD, growth
from tests.helpers.lines import log_lines

WRITTEN = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
SOURCE = "host.log"

FIELDS = frozenset({"timestamp", "level", "service", "logger", "pid", "request_id", "instance_id", "message"})
"""Of an event, as a sample may name them."""
OTHERS = frozenset({"line", "source", "aside", "part", "fragment", "unread"})
"""What else a sample may have: the file that it is in, and what it is if it is no event."""

SAMPLES = [
    pytest.param(form, sample, id=f"{form.name} {number}")
    for form in all_forms()
    for number, sample in enumerate(form.samples, start=1)
]


class RecordingReader(Reader):
    """A reader that remembers which forms it read lines by, those of wrappers first."""

    def __init__(self, source: str) -> None:
        super().__init__(source, Clock(UTC, lambda: WRITTEN))
        self.forms: list[str] = []

    def read_as(self, found: Found, line: LogLine, text: str, outer: Outer) -> Reading:
        self.forms.append(found.form.name)
        return super().read_as(found, line, text, outer)


def parse(text: str, source: str = SOURCE) -> list[Any]:
    parser = Parser(source, UTC, lambda: WRITTEN)
    return [*parser.feed(log_lines([text], source)), *parser.close()]


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sample_is_read_by_its_own_row(form: Form, sample: Mapping[str, Any]) -> None:
    reader = RecordingReader(sample.get("source", SOURCE))
    (line,) = log_lines([sample["line"]], reader.source)
    reader.read_text(line, line.text, BARE)
    assert form.name in reader.forms
    assert form.kind is Kind.BODY or reader.forms[0] == form.name or reader.forms[-1] == form.name


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sample_gives_the_fields_that_its_row_names(form: Form, sample: Mapping[str, Any]) -> None:
    assert sample.keys() <= FIELDS | OTHERS, form.name
    source = sample.get("source", SOURCE)
    (line,) = log_lines([sample["line"]], source)
    if sample.get("part"):
        parser = Parser(source, UTC, lambda: WRITTEN)
        assert parser.feed([line]) == []
        assert parser.close()
        return
    if "fragment" in sample:
        found = Reader(source, Clock(UTC, lambda: WRITTEN)).read(line)
        assert isinstance(found, Fragment)
        assert (found.text, found.alone) == (sample["fragment"], None)
        return
    (item,) = parse(sample["line"], source)
    if sample.get("aside"):
        assert (item.kind, item.count) == (NoticeKind.ASIDE, 1)
        return
    assert isinstance(item, LogEvent)
    assert item.known_format is not sample.get("unread", False)
    named = {name: value for name, value in sample.items() if name in FIELDS}
    stamp = named.pop("timestamp", None)
    assert {name: getattr(item, name) for name in named} == named
    if stamp is not None:
        moment = datetime.fromisoformat(stamp)
        assert item.timestamp == pytest.approx(moment.timestamp(), abs=0.001)
        assert item.utc_offset == (moment.utcoffset() or timedelta()).total_seconds()
    assert item.raw == sample["line"]


def test_every_row_has_a_sample_and_a_name_of_its_own_and_says_where_it_is_described() -> None:
    counts = Counter(form.name for form in all_forms())
    assert [name for name, count in counts.items() if count > 1] == []
    assert [form.name for form in all_forms() if not form.samples or not form.about] == []


def test_every_spelling_and_every_fragment_is_used() -> None:
    patterns = " ".join(form.pattern.pattern for form in all_forms())
    assert [name for name, spelling in SPELLINGS.items() if spelling.pattern not in patterns] == []
    assert [name for name, fragment in FRAGMENTS.items() if fragment not in patterns] == []


@pytest.mark.parametrize("outer", [None, Kind.LABEL, Kind.TRANSPORT, Kind.LOG])
def test_a_choice_finds_what_trying_its_forms_one_by_one_finds(outer: Kind | None) -> None:
    for choice in candidates(outer).values():
        for text in texts():
            one_by_one = (alone(form).first(text) for form in choice.forms)
            assert choice.first(text) == next((found for found in one_by_one if found is not None), None)


def texts() -> Iterable[str]:
    """Samples, what stands in their wrappers, and halves of both."""
    for form in all_forms():
        for sample in form.samples:
            line = sample["line"]
            yield line
            yield line[: len(line) // 2]
            payload = form.pattern.match(line)
            if payload is not None and form.is_wrapper:
                yield payload["payload"] or ""


UNITS = [
    "a", "a.", "a-", "a/", ".log", ".log:", "[", "]", "{", "(", '"', "a=", "a=1 ", "\\x1b[", "#033[", "req-", ":", "1:",
    " ", "2026-11-20 ", "2026-11-20 10:00:01 ", "20/Nov/2026:10:00:01 ", "Nov 20 10:00:01 ", "1 ", "a ", "a - ", "[a] ",
    "error ", "<1>", "|", "\\", '\\"', "level=", "\\x09", "-- ", "==> ", '[a="b"]', "9", "10.0.0.1 ",
]  # fmt: skip
HEADS = [
    "", "2026-11-20T10:00:01.123456Z ", "2026-11-20 10:00:01 ", "Nov 20 10:00:01 host a[1]: ", "<11>",
    "<11>1 2026-11-20T10:00:01Z h a 1 - ", "[", "[pid: 1|", "{", '{"log":"', "(a): ", "=", "type=", "1:M ", "nova.log:",
    "Fri ", "time=", "10.0.0.1 - - [", "E1120 ", "\\x1b[",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_a_longer_line_takes_no_more_than_its_length(head: str) -> None:
    for unit in UNITS:

        def parse_line(size: int, unit: str = unit) -> None:
            parse(head + unit * (size // len(unit)))

        assert growth(parse_line, 6_000) < TENFOLD, unit
