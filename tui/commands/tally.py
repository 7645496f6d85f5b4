"""What became of the lines that were read, counted for the last line on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from core.decision.verdicts import VerdictKind
from core.errors import SourceError
from core.events import Continuation, Item, Notice, NoticeKind, ScoredEvent, State
from tui.look.text import plural

if TYPE_CHECKING:
    from core.decision.flagging import Flag

_BESIDE: Final = {
    NoticeKind.ASIDE: ("line of no event", "lines of no event"),
    NoticeKind.EXCESS: ("line of no event", "lines of no event"),
    NoticeKind.LEFT_OUT: ("file left out", "files left out"),
    NoticeKind.UNREADABLE: ("file left out", "files left out"),
    NoticeKind.SKIPPED: ("byte skipped", "bytes skipped"),
    NoticeKind.LOST: ("byte lost", "bytes lost"),
    NoticeKind.BACK: ("silence over", "silences over"),
}
"""What the count of a notice counts, as one and as several."""


class Tally:
    """Counts events and the lines beside them, by source."""

    def __init__(self) -> None:
        self._events = 0
        self._muted = 0
        self._normal = 0
        self._late = 0
        self._beside: Counter[tuple[str, str]] = Counter()
        self._unread: Counter[str] = Counter()
        self._sources: set[str] = set()

    def take(self, items: Iterable[Item]) -> list[ScoredEvent]:
        """Count what a batch brought; return its events, in order."""
        events = []
        for item in items:
            if isinstance(item, ScoredEvent):
                events.append(item)
                self._sources.add(item.event.source)
                if item.state is State.UNKNOWN_FORMAT:
                    self._unread[item.event.source] += item.event.extra_lines + 1
            elif isinstance(item, Continuation):
                self._late += 1
            elif isinstance(item, Notice) and item.count and item.kind in _BESIDE:
                self._beside[_BESIDE[item.kind]] += item.count
        self._events += len(events)
        return events

    def take_flags(self, flags: Iterable[Flag]) -> None:
        """Count events that are flagged, and muted or normal by verdict."""
        for flagged, muted, verdict in flags:
            if flagged:
                self._muted += muted
                self._normal += verdict is VerdictKind.NORMAL and not muted

    def report(self) -> None:
        """Print the counts, as one line on standard error."""
        parts = [f"{plural(self._events, 'event')} of {plural(len(self._sources), 'source')}"]
        if self._unread:
            where = ", ".join(f"{count:,} in {source}" for source, count in self._unread.most_common(5))
            if (more := len(self._unread) - 5) > 0:
                where += f" and {more:,} more"
            parts.append(f"{plural(self._unread.total(), 'line')} of unread form ({where})")
        counts = (
            (self._late, ("line that came after its event", "lines that came after their event")),
            *((count, names) for names, count in self._beside.items()),
            (self._muted, ("flagged event muted", "flagged events muted")),
            (self._normal, ("flagged event normal by verdict", "flagged events normal by verdict")),
        )
        parts += [f"{count:,} {one if count == 1 else several}" for count, (one, several) in counts if count]
        click.echo(f"tailsight: {'; '.join(parts)}", err=True)

    def refuse_unread(self) -> None:
        """Raise `SourceError` where there was a line of a form that no reader knows, or one that joined it."""
        if total := self._unread.total():
            verb = "has" if total == 1 else "have"
            raise SourceError(
                f"{plural(total, 'line')} {verb} a form that no reader knows; without --strict this is no error"
            )
