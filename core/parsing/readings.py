"""What a line can be, as the reader of one source tells it."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from core.events import LogEvent
from core.parsing.event import NO_STAMP, Stamp
from core.parsing.forms import Kind


class RecordLine(NamedTuple):
    """A line that has the head of a record."""

    event: LogEvent
    """As its first line tells it."""
    writer: str
    """Which of the source's writers it is from: the file prefix, the tag and process, or empty."""
    continues: bool
    """Whether it may be a further line of a record: it repeats a head, and lacks the context that one begins with."""
    outer: float | None = None
    """Stamp of its wrapper, in seconds since 1970."""
    traceback: bool = False
    """Whether it is at a level that oslo writes tracebacks at, whatever the level of their record."""
    headed: bool = True
    """Whether it has a head of its own inside of its wrapper."""
    lines: int = 1
    """Lines of the file that it takes: more where a container runtime has cut it into parts."""
    process: str = ""
    """Which part of its writer it is from, where a form tells: further lines of its report come from the same."""


class Fragment(NamedTuple):
    """A line without the head of a record."""

    writer: str
    text: str
    alone: LogEvent | None
    """The event that it is where it belongs to no record; None where nothing, not even a wrapper, stamps it."""
    outer: float | None = None
    """Stamp of its wrapper, in seconds since 1970."""
    exact: bool = False
    """Whether that stamp has a fraction of a second."""
    logged: bool = False
    """Whether a log daemon wrote the wrapper: then each line is a record, unless it continues one."""
    lines: int = 1
    """Lines of the file that it takes."""


class Unread(NamedTuple):
    """A line that begins as a record does, and could not be read."""

    event: LogEvent


class Aside(NamedTuple):
    """A line that is not part of the log, such as the header that `tail` puts before a file."""

    text: str


class Piece(NamedTuple):
    """A piece of a line, or of a record that has a field a line: kept until the rest of it comes."""

    text: str


class Outer(NamedTuple):
    """What the wrappers of a line say of it."""

    stamp: Stamp = NO_STAMP
    within: float | None = None
    """Its instant, where a zone is named: stamps inside without a zone are nearest to it."""
    exact: bool = False
    """Whether its stamp has a fraction of a second."""
    writer: str = ""
    service: str = ""
    pid: int | None = None
    level: str = ""
    kind: Kind | None = None
    depth: int = 0


Reading = RecordLine | Fragment | Unread | Aside | Piece

# The constructors of named tuples are Python functions: going past them halves the cost of a line.
new_record_line: Final = partial(tuple.__new__, RecordLine)
new_fragment: Final = partial(tuple.__new__, Fragment)
new_outer: Final = partial(tuple.__new__, Outer)

BARE: Final = Outer()
"""Of a line that no wrapper holds."""


def of_lines(found: Reading, lines: int) -> Reading:
    """Say of a reading that it takes so many lines of the file."""
    if lines == 1:
        return found
    if isinstance(found, RecordLine):
        event = found.event
        return found._replace(event=event._replace(extra_lines=event.extra_lines + lines - 1), lines=lines)
    if isinstance(found, Fragment):
        alone = found.alone
        if alone is not None:
            alone = alone._replace(extra_lines=alone.extra_lines + lines - 1)
        return found._replace(alone=alone, lines=lines)
    if isinstance(found, Unread):
        return Unread(found.event._replace(extra_lines=lines - 1))
    return found
