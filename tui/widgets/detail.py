"""The detail of one event: why it has its score, what it says, where it stands and what is around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.style import Style

from core.decision.flagging import Flag
from core.decision.verdicts import VerdictKind
from core.events import CHANNELS, Channel, LogEvent, LogLine, Notice, Reason, Reference, ScoredEvent, State
from core.history.history import History
from core.schema import AGGREGATE_NAMES, BINARY_NAMES, CATEGORICAL_NAMES, NUMERICAL_NAMES
from core.support.printable import two_digits
from tui.look.drawing import Drawing
from tui.look.lines import Line, StyledText, line_width
from tui.look.rows import score_text
from tui.look.text import clock, count, fit_text, level_name, plural, shorten_ids
from tui.session.expected import Expectation, expectation_at
from tui.session.session import Session
from tui.widgets.event_table import is_related
from tui.widgets.sheet import Sheet

NEIGHBOURS: Final = 8
"""Events listed before and after."""

MESSAGE_LINES: Final = 60
"""Lines of a long message that are shown; the rest is counted."""

HEAD_LINES: Final = 3
"""Lines of the message that are shown at the top."""

MIN_WIDTH: Final = 20

NARROW: Final = 56
"""Width below which reasons are written without their channel."""

_BAR_CELLS: Final = 8
_CHANNEL_CELLS: Final = 9
"""Cells for `network` and the space before it."""

_INDENT: Final = "  "
_COMPARED_WITH: Final = {
    Reference.NONE: "nothing yet: too little is known of this service",
    Reference.STREAM: "this log's own past",
    Reference.BASELINE: "the baseline",
}
_SHARE_CELLS: Final = len("never")
_FEATURE_GROUPS: Final = {
    "numbers": NUMERICAL_NAMES,
    "flags": BINARY_NAMES,
    "kind of event": CATEGORICAL_NAMES,
    "last 5 minutes": ("recent", *AGGREGATE_NAMES),
    "events before": ("context",),
}


class Detail(Sheet):
    """The detail of the row under the cursor."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._inputs: tuple[object, ...] = ()

    def show_row(self, session: Session, row_id: int, drawing: Drawing) -> None:
        """Show a row; its lines take milliseconds, so they are written again only when an input has changed."""
        history = session.history
        drawing = drawing.resized(max(self.scrollable_content_region.width, MIN_WIDTH))
        index = history.row_of(row_id)
        late = 0 if index is None else history.late_count(index)
        after = min(history.row_id(len(history)) - row_id, NEIGHBOURS)
        inputs = (row_id, drawing, session.flag(row_id), session.threshold, late, after)
        if inputs != self._inputs:
            self._inputs = inputs
            self.show(detail_lines(session, row_id, drawing))


def detail_lines(session: Session, row_id: int, drawing: Drawing) -> list[Line]:
    """Write all about a row, in lines that fit the width."""
    row = session.row(row_id)
    if row is None:
        return [[("this event is no longer in the history", drawing.palette.faint)]]
    if isinstance(row, Notice):
        return [[(part, drawing.palette.accent)] for part in drawing.wrap(f"{row.source}: {row.text}")]
    index = session.history.row_of(row_id)
    assert index is not None
    writer = _DetailWriter(session, drawing.resized(max(drawing.width, MIN_WIDTH)))
    flag = session.flag(row_id)
    writer.head(row, flag)
    if drawing.width >= NARROW:
        writer.ids(row.event)
    writer.reasons(row, flag)
    writer.detectors(row)
    writer.groups(row.reasons)
    if drawing.width < NARROW:
        writer.ids(row.event)
    writer.expected(row, expectation_at(session.history, index, session.texts))
    writer.message(row, session.history.late_lines(index), session.history.late_count(index))
    writer.origin(row)
    writer.context(row, session.history, index)
    return writer.lines


class _DetailWriter:
    """Collects the lines."""

    def __init__(self, session: Session, drawing: Drawing) -> None:
        self.lines: list[Line] = []
        self._session = session
        self._drawing = drawing
        self._palette, self._glyphs = drawing.palette, drawing.glyphs
        self._width = drawing.width

    def head(self, row: ScoredEvent, flag: Flag) -> None:
        """Write what the event is and whether it is flagged."""
        palette, glyphs, event = self._palette, self._glyphs, row.event
        score = [(f"{score_text(row).strip()}", palette.flagged if flag.alerting else palette.score)]
        level = [(event.level or "no level", palette.level(event.level))]
        service = [(self._drawing.safe(event.service) or "no service", palette.heading)]
        line: Line = [(f"{glyphs.flagged} " if flag.alerting else "", palette.flagged_mark)]
        for part in (*score, *level, *service, (clock(event, 23), palette.faint)):
            line += [part, ("  ", palette.text)]
        self.lines.append(self._drawing.elide(line))
        self._paragraph(_decision(row, self._session.threshold, flag), palette.faint)
        message = self._drawing.wrap(event.head, len(_INDENT))
        if len(message) > HEAD_LINES:
            last = message[HEAD_LINES - 1] + " " * self._width
            message[HEAD_LINES - 1] = self._drawing.fit(last, self._width - len(_INDENT))
        self.lines += [[(_INDENT + part, palette.level(event.level))] for part in message[:HEAD_LINES]]

    def ids(self, event: LogEvent) -> None:
        """Write the ids of request and instance in full, so that they can be copied."""
        for one in (event.request_id, event.instance_id and f"instance {event.instance_id}"):
            if one:
                self._paragraph(one, self._palette.related)

    def reasons(self, row: ScoredEvent, flag: Flag) -> None:
        """List the reasons, strongest first."""
        palette, glyphs = self._palette, self._glyphs
        if not row.reasons:
            if flag.flagged:
                self._title("why")
                self._paragraph("no single reason stands out: the score comes from the events together", palette.faint)
            return
        self._title("why")
        narrow = self._width < NARROW
        bar_cells = _BAR_CELLS // 2 if narrow else _BAR_CELLS
        start = len(_INDENT) + bar_cells + 1
        strongest = max((reason.weight for reason in row.reasons), default=0.0)
        for reason in row.reasons:
            share = reason.weight / strongest if strongest > 0 else 0.0
            # What lowers the score has no bar.
            bar = (glyphs.bars[-1] * max(round(share * bar_cells), int(share > 0))).ljust(bar_cells)
            channel = "" if narrow else reason.channel.value
            text = self._drawing.wrap(reason.text, start + (0 if narrow else _CHANNEL_CELLS))
            first: Line = [(f"{_INDENT}{bar} ", palette.flagged_mark), (text[0], palette.text)]
            room = self._width - start - cell_len(text[0]) - len(channel)
            self.lines.append([*first, (" " * room + channel, palette.faint)])
            self.lines += [[(" " * start + more, palette.text)] for more in text[1:]]

    def detectors(self, row: ScoredEvent) -> None:
        """Write what each detector that spoke gives by itself, and what the event is compared with."""
        spoke = [
            f"{channel.value} {two_digits(score)}"
            for channel, score in zip(CHANNELS, row.channels, strict=False)
            if score is not None
        ]
        if spoke:
            self._paragraph(f"each by itself: {'  '.join(spoke)}", self._palette.faint)
            self._paragraph(f"compared with {_COMPARED_WITH[row.reference]}", self._palette.faint)

    def groups(self, reasons: Sequence[Reason]) -> None:
        """Write how the reasons of the network spread over the groups of features."""
        weights: defaultdict[str, float] = defaultdict(float)
        for reason in reasons:
            group = next((name for name, members in _FEATURE_GROUPS.items() if reason.feature in members), "")
            if group and reason.weight > 0 and reason.channel is Channel.NETWORK:
                weights[group] += reason.weight
        total = sum(weights.values())
        if total > 0 and len(weights) > 1:
            shares = sorted(weights.items(), key=lambda item: -item[1])
            text = f" {self._glyphs.separator} ".join(f"{name} {weight / total:.0%}" for name, weight in shares)
            self._paragraph(f"the network by group of features: {text}", self._palette.faint)

    def expected(self, row: ScoredEvent, expected: Expectation | None) -> None:
        """Write what usually follows the event before this one, and what came."""
        if expected is None:
            return
        self._title("what this log usually shows next" if expected.times else "what the model expected next")
        self._paragraph(self._before(expected), self._palette.faint)
        for template, share in expected.usual:
            self._likely(template, share, came=template == row.template)
        if all(template != row.template for template, _ in expected.usual):
            self._likely(row.template, expected.share, came=True)

    def _before(self, expected: Expectation) -> str:
        if expected.previous == "":
            return "at the start of a request"
        if expected.previous is None:
            return "after an event that is no longer in the history"
        seen = f", {plural(expected.times, 'time')} in view" if expected.times else ""
        return f"after {expected.previous}{seen}"

    def _likely(self, template: str | None, share: float, *, came: bool) -> None:
        palette, glyphs = self._palette, self._glyphs
        text = "(a template not seen in this log)" if template is None else self._drawing.safe(template)
        style = palette.heading if came else palette.faint if template is None else palette.text
        sign = glyphs.cursor if came else " "
        room = self._width - 3 - _SHARE_CELLS - 2
        self.lines.append(
            [
                (f" {sign} {_percent(share):>{_SHARE_CELLS}}  ", palette.faint),
                (self._drawing.fit(text, room).rstrip(), style),
            ]
        )

    def message(self, row: ScoredEvent, late: Sequence[LogLine], late_count: int) -> None:
        """Write the whole message, with the lines that came late, and its template."""
        palette = self._palette
        lines = [*row.event.message.split("\n"), *(line.text for line in late)]
        if len(lines) > 1 or late_count or len(self._drawing.wrap(lines[0], len(_INDENT))) > HEAD_LINES:
            self._title("message")
            self._all_lines(row, lines, late_count - len(late))
        if row.template:
            self._title("template")
            self._paragraph(row.template, palette.text)

    def _all_lines(self, row: ScoredEvent, lines: Sequence[str], uncounted: int) -> None:
        palette, glyphs = self._palette, self._glyphs
        style = palette.level(row.event.level)
        for line in lines[:MESSAGE_LINES]:
            self._paragraph(line, style)
        hidden = len(lines) - MESSAGE_LINES + uncounted
        if hidden > 0:
            self._paragraph(f"{glyphs.ellipsis} {plural(hidden, 'more line')}", palette.faint)

    def origin(self, row: ScoredEvent) -> None:
        """Write the raw line and its position in the file."""
        event, palette = row.event, self._palette
        if not event.line:
            self._title("no line stands for it")
            self._paragraph(f"it is told by the clock; the last line was in {event.source}", palette.faint)
            return
        self._title("raw line")
        self._paragraph(event.raw, palette.text)
        position = f"byte {count(event.offset)}, {plural(event.length, 'byte')}"
        self._paragraph(f"{event.place}  {position}", palette.faint)

    def context(self, row: ScoredEvent, history: History, index: int) -> None:
        """List the events before and after, with those of the same request marked."""
        self._title("before and after")
        for other in range(max(index - NEIGHBOURS, 0), min(index + NEIGHBOURS + 1, len(history))):
            around = history[other]
            if isinstance(around, Notice):
                text = fit_text(f"    {self._drawing.safe(around.text)}", self._width, "")
                self.lines.append([(text, self._palette.accent)])
            else:
                flag = self._session.flag(history.row_id(other))
                self.lines.append(self._neighbour(around, row, flag, is_this=other == index))

    def _neighbour(self, other: ScoredEvent, row: ScoredEvent, flag: Flag, *, is_this: bool) -> Line:
        palette, glyphs = self._palette, self._glyphs
        sign: StyledText = (" ", palette.text)
        if is_this:
            sign = (glyphs.cursor, palette.heading)
        elif is_related(other.event, row.event):
            sign = (glyphs.related, palette.related)
        line: Line = [
            (_INDENT[1:], palette.text),
            sign,
            (f" {clock(other.event, 12)} ", palette.faint),
            (score_text(other).strip().rjust(5), palette.flagged if flag.alerting else palette.faint),
            (f" {level_name(other.event.level, 1)} ", palette.level(other.event.level)),
        ]
        if self._width >= 70:
            line.append((self._drawing.fit(self._drawing.safe(other.event.service), 12) + " ", palette.faint))
        room = self._width - line_width(line)
        head = shorten_ids(self._drawing.safe(other.event.head), glyphs.ellipsis)
        style = palette.heading if is_this else palette.level(other.event.level)
        return [*line, (self._drawing.fit(head, room), style)]

    def _title(self, text: str) -> None:
        self.lines += [[], [(text, self._palette.accent)]]

    def _paragraph(self, text: str, style: Style) -> None:
        self.lines += [[(_INDENT + part, style)] for part in self._drawing.wrap(text, len(_INDENT))]


def _decision(row: ScoredEvent, threshold: float, flag: Flag) -> str:
    if row.state is State.UNKNOWN_FORMAT:
        return "not scored: the line is in no known format"
    if row.state is State.FAILED:
        return "not scored: scoring this event failed each time"
    warming = " (still warming up: little of this log has been seen)" if row.state is State.WARMING_UP else ""
    if not flag.flagged:
        return f"not flagged at {threshold:.2f}{warming}"
    quiet = "muted, else " if flag.muted else "normal here by verdict, else " if not flag.alerting else ""
    real = "; real by verdict" if flag.verdict is VerdictKind.REAL else ""
    return f"{quiet}flagged at {threshold:.2f}{real}{warming}"


def _percent(share: float) -> str:
    if not share:
        return "never"
    return "<1%" if share < 0.005 else f"{share:.0%}"
