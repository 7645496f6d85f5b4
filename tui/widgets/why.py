"""What is said about one event: why it is scored so, what it says, where it stands and what is around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.style import Style

from core.decision.flagging import Flag
from core.events import Channel, LogEvent, LogLine, Notice, Reason, ScoredEvent, State
from core.history.history import History
from core.schema import AGGREGATE_NAMES, BINARY_NAMES, CATEGORICAL_NAMES, NUMERICAL_NAMES
from tui.look.glyphs import Glyphs
from tui.look.rows import Part, score_text
from tui.look.text import clock, count, draw, fit, level_name, plural, shorten_ids
from tui.look.themes import Palette
from tui.session.expected import Expectation, expectation_at
from tui.session.session import Session
from tui.widgets.event_table import same_thread
from tui.widgets.sheet import Line, elide, wrap

CONTEXT: Final = 8
"""Events shown before and after."""

MESSAGE_LINES: Final = 60
"""Lines of a long traceback that are shown before the rest is only counted."""

HEAD_LINES: Final = 3
"""Lines of a long message that are shown above everything else."""

NARROW: Final = 56
"""Width below which reasons take all the room there is."""

_BAR: Final = 8
_CHANNEL: Final = 9
"""Cells for `network` and what parts it from a reason."""

_INDENT: Final = "  "
_SHARE: Final = len("never")
_GROUPS: Final = {
    "numbers": NUMERICAL_NAMES,
    "flags": BINARY_NAMES,
    "kind of event": CATEGORICAL_NAMES,
    "last 5 minutes": ("recent", *AGGREGATE_NAMES),
    "events before": ("context",),
}


def why_lines(session: Session, row_id: int, width: int, palette: Palette, glyphs: Glyphs) -> list[Line]:
    """Tell all about a row in lines of at most `width` cells."""
    row = session.row(row_id)
    if row is None:
        return [[("this event is no longer held", palette.faint)]]
    if isinstance(row, Notice):
        text = f"{draw(row.source, glyphs)}: {draw(row.text, glyphs)}"
        return [[(part, palette.accent)] for part in wrap(text, width)]
    place = session.history.row_of(row_id)
    assert place is not None
    writer = _Writer(session, width, palette, glyphs)
    flag = session.flag(row_id)
    writer.head(row, flag)
    if width >= NARROW:
        writer.ids(row.event)
    writer.reasons(row, flag)
    writer.groups(row.reasons)
    if width < NARROW:
        writer.ids(row.event)
    writer.expected(row, expectation_at(session.history, place, session.texts))
    writer.message(row, session.history.late_lines(place), session.history.late_count(place))
    writer.origin(row)
    writer.context(row, session.history, place)
    return writer.lines


class _Writer:
    """Collects the lines."""

    def __init__(self, session: Session, width: int, palette: Palette, glyphs: Glyphs) -> None:
        self.lines: list[Line] = []
        self._session = session
        self._width = max(width, 20)
        self._palette, self._glyphs = palette, glyphs

    def head(self, row: ScoredEvent, flag: Flag) -> None:
        """Say what the event is and what its score says."""
        palette, glyphs, event = self._palette, self._glyphs, row.event
        score = [(f"{score_text(row).strip()}", palette.flagged if flag.alerting else palette.score)]
        level = [(event.level or "no level", palette.level(event.level))]
        service = [(draw(event.service, glyphs) or "no service", palette.heading)]
        line: Line = [(f"{glyphs.flagged} " if flag.alerting else "", palette.flagged_mark)]
        for part in (*score, *level, *service, (clock(event, 23), palette.faint)):
            line += [part, ("  ", palette.text)]
        self.lines.append(elide(line, self._width, glyphs.ellipsis))
        self._wrapped(_verdict(row, self._session.threshold, flag), palette.faint)
        said = wrap(draw(event.head, glyphs), self._width - len(_INDENT))
        if len(said) > HEAD_LINES:
            said[HEAD_LINES - 1] = fit(said[HEAD_LINES - 1] + " " * self._width, self._width - 2, glyphs.ellipsis)
        self.lines += [[(_INDENT + part, palette.level(event.level))] for part in said[:HEAD_LINES]]

    def ids(self, event: LogEvent) -> None:
        """Name the request and the instance in full, to be copied."""
        for one in (event.request_id, event.instance_id and f"instance {event.instance_id}"):
            if one:
                self._wrapped(draw(one, self._glyphs), self._palette.related)

    def reasons(self, row: ScoredEvent, flag: Flag) -> None:
        """List the reasons, strongest first."""
        palette, glyphs = self._palette, self._glyphs
        if not row.reasons:
            if flag.flagged:
                self._title("why")
                self._wrapped("no single reason stands out: the score comes from the events together", palette.faint)
            return
        self._title("why")
        narrow = self._width < NARROW
        bar_cells = _BAR // 2 if narrow else _BAR
        start = len(_INDENT) + bar_cells + 1
        strongest = max((reason.weight for reason in row.reasons), default=0.0)
        for reason in row.reasons:
            # A rule weighs nothing for the network, and yet it alone has raised the score.
            is_rule = reason.channel is Channel.RULE and not reason.weight
            share = 1.0 if is_rule else reason.weight / strongest if strongest > 0 else 0.0
            bar = (glyphs.bars[-1] * max(round(share * bar_cells), 1)).ljust(bar_cells)
            channel = "" if narrow else reason.channel.value
            text = wrap(draw(reason.text, glyphs), self._width - start - (0 if narrow else _CHANNEL))
            first: Line = [(f"{_INDENT}{bar} ", palette.flagged_mark), (text[0], palette.text)]
            room = self._width - start - cell_len(text[0]) - len(channel)
            self.lines.append([*first, (" " * room + channel, palette.faint)])
            self.lines += [[(" " * start + more, palette.text)] for more in text[1:]]

    def groups(self, reasons: Sequence[Reason]) -> None:
        """Say how much each group of features weighs."""
        weights: defaultdict[str, float] = defaultdict(float)
        for reason in reasons:
            group = next((name for name, members in _GROUPS.items() if reason.feature in members), "")
            if group and reason.weight > 0:
                weights[group] += reason.weight
        total = sum(weights.values())
        if total > 0 and len(weights) > 1:
            shares = sorted(weights.items(), key=lambda item: -item[1])
            text = f" {self._glyphs.separator} ".join(f"{name} {weight / total:.0%}" for name, weight in shares)
            self._wrapped(f"by group of features: {text}", self._palette.faint)

    def expected(self, row: ScoredEvent, expected: Expectation | None) -> None:
        """Say what usually follows the event before this one, and what came."""
        if expected is None:
            return
        self._title("what this log usually shows next" if expected.times else "what the model expected next")
        self._wrapped(self._before(expected), self._palette.faint)
        for template, share in expected.usual:
            self._likely(template, share, came=template == row.template)
        if all(template != row.template for template, _ in expected.usual):
            self._likely(row.template, expected.share, came=True)

    def _before(self, expected: Expectation) -> str:
        if expected.previous == "":
            return "at the start of a request"
        if expected.previous is None:
            return "after an event that is no longer held"
        seen = f", {plural(expected.times, 'time')} in view" if expected.times else ""
        return f"after {draw(expected.previous, self._glyphs)}{seen}"

    def _likely(self, template: str | None, share: float, *, came: bool) -> None:
        palette, glyphs = self._palette, self._glyphs
        text = "(a template not seen in this log)" if template is None else draw(template, glyphs)
        style = palette.heading if came else palette.faint if template is None else palette.text
        sign = glyphs.cursor if came else " "
        room = self._width - 3 - _SHARE - 2
        self.lines.append(
            [
                (f" {sign} {_percent(share):>{_SHARE}}  ", palette.faint),
                (fit(text, room, glyphs.ellipsis).rstrip(), style),
            ]
        )

    def message(self, row: ScoredEvent, late: Sequence[LogLine], late_count: int) -> None:
        """Write the whole message, with the lines that came late."""
        palette, glyphs = self._palette, self._glyphs
        lines = [*row.event.message.split("\n"), *(line.text for line in late)]
        if len(lines) > 1 or late_count or len(wrap(lines[0], self._width - len(_INDENT))) > HEAD_LINES:
            self._title("message")
            self._all_lines(row, lines, late_count - len(late))
        if row.template:
            self._title("template")
            self._wrapped(draw(row.template, glyphs), palette.text)

    def _all_lines(self, row: ScoredEvent, lines: Sequence[str], uncounted: int) -> None:
        palette, glyphs = self._palette, self._glyphs
        style = palette.level(row.event.level)
        for line in lines[:MESSAGE_LINES]:
            self._wrapped(draw(line, glyphs), style)
        hidden = len(lines) - MESSAGE_LINES + uncounted
        if hidden > 0:
            self._wrapped(f"{glyphs.ellipsis} {plural(hidden, 'more line')}", palette.faint)

    def origin(self, row: ScoredEvent) -> None:
        """Name the place in the file, and write the line as it stands there."""
        event, palette, glyphs = row.event, self._palette, self._glyphs
        self._title("raw line")
        self._wrapped(draw(event.raw, glyphs), palette.text)
        place = f"{draw(event.source, glyphs)}:{event.line}"
        self._wrapped(f"{place}  byte {count(event.offset)}, {plural(event.length, 'byte')}", palette.faint)

    def context(self, row: ScoredEvent, history: History, place: int) -> None:
        """List what came before and after, and mark what belongs to the same request."""
        self._title("before and after")
        for other in range(max(place - CONTEXT, 0), min(place + CONTEXT + 1, len(history))):
            around = history[other]
            if isinstance(around, Notice):
                self.lines.append(
                    [(fit(f"    {draw(around.text, self._glyphs)}", self._width, ""), self._palette.accent)]
                )
            else:
                self.lines.append(
                    self._neighbour(around, row, self._session.flag(history.row_id(other)), here=other == place)
                )

    def _neighbour(self, other: ScoredEvent, row: ScoredEvent, flag: Flag, *, here: bool) -> Line:
        palette, glyphs = self._palette, self._glyphs
        same = same_thread(other.event, row.event)
        sign: Part = (" ", palette.text)
        if here:
            sign = (glyphs.cursor, palette.heading)
        elif same:
            sign = (glyphs.related, palette.related)
        line: Line = [
            (_INDENT[1:], palette.text),
            sign,
            (f" {clock(other.event, 12)} ", palette.faint),
            (score_text(other).strip().rjust(5), palette.flagged if flag.alerting else palette.faint),
            (f" {level_name(other.event.level, 1)} ", palette.level(other.event.level)),
        ]
        if self._width >= 70:
            line.append((fit(draw(other.event.service, glyphs), 12, glyphs.ellipsis) + " ", palette.faint))
        room = self._width - sum(cell_len(text) for text, _ in line)
        head = shorten_ids(draw(other.event.head, glyphs), glyphs.ellipsis)
        style = palette.heading if here else palette.level(other.event.level)
        return [*line, (fit(head, room, glyphs.ellipsis), style)]

    def _title(self, text: str) -> None:
        self.lines += [[], [(text, self._palette.accent)]]

    def _wrapped(self, text: str, style: Style) -> None:
        self.lines += [[(_INDENT + part, style)] for part in wrap(text, self._width - len(_INDENT))]


def _verdict(row: ScoredEvent, threshold: float, flag: Flag) -> str:
    if row.state is State.UNKNOWN_FORMAT:
        return "not scored: the line is in no known format"
    warming = " (still warming up: little of this log has been seen)" if row.state is State.WARMING_UP else ""
    if not flag.flagged:
        return f"not flagged at {threshold:.2f}{warming}"
    return f"{'muted, else ' if flag.muted else ''}flagged at {threshold:.2f}{warming}"


def _percent(share: float) -> str:
    if not share:
        return "never"
    return "<1%" if share < 0.005 else f"{share:.0%}"
