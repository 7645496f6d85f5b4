"""What became of the lines that were read, counted for the last line on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import click

from core.events import Continuation, Item, Notice, ScoredEvent, State
from tui.look.text import plural


class Tally:
    """Counts events and the lines beside them, by source."""

    def __init__(self) -> None:
        self._events = 0
        self._muted = 0
        self._late = 0
        self._other = 0
        self._unread: Counter[str] = Counter()
        self._sources: set[str] = set()

    @property
    def unread(self) -> int:
        """Lines of a form that no reader knows, and lines that joined them."""
        return self._unread.total()

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
            elif isinstance(item, Notice):
                self._other += item.count
        self._events += len(events)
        return events

    def mute(self, count: int) -> None:
        """Count events that are flagged and muted."""
        self._muted += count

    def report(self) -> None:
        """Print the counts, as one line on standard error."""
        parts = [f"{plural(self._events, 'event')} of {plural(len(self._sources), 'source')}"]
        if self._unread:
            where = ", ".join(f"{count:,} in {source}" for source, count in self._unread.most_common(5))
            more = len(self._unread) - 5
            parts.append(f"{self.unread:,} lines of unread form ({where}{f' and {more:,} more' if more > 0 else ''})")
        for count, what in (
            (self._late, "lines that came after their event"),
            (self._other, "other lines and bytes left out"),
            (self._muted, "flagged events muted"),
        ):
            if count:
                parts.append(f"{count:,} {what}")
        click.echo(f"tailsight: {'; '.join(parts)}", err=True)
