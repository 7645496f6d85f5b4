"""The default form of oslo.log, read by one expression and with names that it has met before.

It agrees with the table of forms (a test compares them), and costs a fifth of it.
"""

from __future__ import annotations

import re
from typing import Final

from core.events import LogLine
from core.parsing import levels, services
from core.parsing.event import UUID, new_event
from core.parsing.readings import RecordLine, new_record_line
from core.parsing.stamps import Clock

CACHED_NAMES: Final = 10_000
TRACEBACK_LEVELS: Final = frozenset({"ERROR", "TRACE", "CRITICAL"})
"""Levels at which oslo writes the lines of a traceback, whatever the level of the record."""
_MILLISECONDS: Final = {f"{value:03}": value / 1000 for value in range(1000)}
_DEFAULT_FORM: Final = re.compile(
    r"(?:([^\s.]*+\.log[^\s:]*+(?::\d\d)*+) )?"
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.,](\d{3})(Z|[+-]\d\d:?\d\d)? (\d{1,18}+) "
    r"([A-Z]{4,8}+ [^\s\[]\S*+) "
    # As `context` in the table, but no request is looked at twice.
    r"(\[(?:(req-[^\s\]]++)(?! req-[^\s\]])|(?:None|-|req-[^\s\]]*+) (req-[^\s\]]++)|None|-)(?: [^\]]*+)?\] )?"
    rf"(?:\[instance: ({UUID})\] )?",
    re.ASCII,
)


class Pids(dict[str, int]):
    """Numbers of processes by their digits; one object a number."""

    def __missing__(self, digits: str) -> int:
        if len(self) >= CACHED_NAMES:
            self.clear()
        self[digits] = number = int(digits)
        return number


class OsloReader:
    """Reads the lines of one source that oslo.log writes in its default form."""

    __slots__ = ("_clock", "_local", "_names", "_service", "pids")

    def __init__(self, clock: Clock, service: str) -> None:
        self._clock: Final = clock
        self._local: Final = clock.local
        self._service = service
        self._names: dict[str, dict[str, tuple[str, str, str]]] = {}
        """Writer -> `LEVEL logger` -> level, logger and service."""
        self.pids: Final = Pids()

    @property
    def has_read(self) -> bool:
        """Whether there was a line of this form since the service changed."""
        return bool(self._names)

    def change_service(self, service: str) -> None:
        """Say whose lines those are that name no service themselves."""
        self._service = service
        self._names.clear()

    def read(
        self,
        line: LogLine,
        text: str,
        writer: str = "",
        within: float | None = None,
        outer: float | None = None,
        service: str = "",
    ) -> RecordLine | None:
        """Read `[prefix ]date time.mmm pid LEVEL logger [context] [instance: id] message`; None for other forms.

        Inside of a wrapper: what it says of the writer and its instant, its stamp, and its service.
        """
        match = _DEFAULT_FORM.match(text)
        if match is None:
            return None
        prefix, second, fraction, zone, pid, named, context, request, behind, instance = match.groups("")
        message = text[match.end() :]
        if "[instance: " in message or (not context and message.lstrip(" ")[:1] == "["):
            return None
        source, number, offset, length, raw, _ = line
        if prefix:
            writer = f"{writer} {prefix}" if writer else prefix
        try:
            level, logger, service = self._names[writer][named]
        except KeyError:
            around = services.from_prefix(prefix) or service if prefix else service
            known = self._name_logger(named, writer, around)
            if known is None:
                return None
            level, logger, service = known
        try:
            if zone or within is not None:
                timestamp, east = self._clock.stamp(second, fraction, zone, within)
            else:
                instant, east = self._local[second]
                timestamp = instant + _MILLISECONDS[fraction]
            event = (
                source, number, offset, length, timestamp, east, level, service, logger, self.pids[pid],
                request or behind, instance, message, raw, 0, True, None,
            )  # fmt: skip
        except ValueError:  # there is no such moment
            return None
        bare = not context and level in TRACEBACK_LEVELS
        return new_record_line((new_event(event), writer, bare, outer, bare, True, 1, ""))

    def _name_logger(self, named: str, writer: str, service: str) -> tuple[str, str, str] | None:
        """Give the level, the logger and the service of `LEVEL logger`, and keep them; None for another word."""
        word, _, logger = named.partition(" ")
        level = levels.OSLO.get(word)
        if level is None or logger.endswith(":"):
            return None
        inner = self._service or services.from_logger(logger)
        found = level, logger, services.inside(service, inner)
        names = self._names.setdefault(writer, {})
        if max(len(names), len(self._names)) >= CACHED_NAMES:
            self._names = {}
        else:
            names[named] = found
        return found
