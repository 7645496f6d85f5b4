"""What is watched for silence: services, their periodic templates, hosts and the stream, and whose part each is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Final

from core.events import LogEvent
from core.features.gaps import LEAST_GAPS, GapRecord
from core.parsing.services import canonical

EVERYTHING: Final = "all"
"""The name of the stream as a whole."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Something that comes regularly stayed away for longer than chance lets it."""

    service: str
    """The service; the host, where all of it is silent; or `EVERYTHING`."""
    host: str
    """The host of the service, where there are several and it is known; else empty."""
    template: str
    """The template that is missed, where its service goes on; else empty."""
    since: float
    """Second of its last line."""
    at: float
    """Second at which its timeout ran out."""
    usual_s: float
    """Its usual period in seconds, or the gap that 99.9 % of its gaps are below where it has no period."""
    is_periodic: bool
    strength: float
    """Minus the log of how many waits as unlikely, of everything watched, an hour has by chance."""
    last: LogEvent
    """Its last event."""
    last_template: str
    """Template of that event."""

    @property
    def who(self) -> str:
        """Name it."""
        return f"{self.service} on {self.host}" if self.host else self.service


@dataclass(frozen=True, slots=True)
class Return:
    """Something that was silent is back."""

    silence: Silence
    at: float
    """Second of its first line."""


class Watch:
    """One thing that is expected to come again."""

    __slots__ = (
        "event", "fault_at", "floor", "host", "is_armed", "is_excused", "is_fault", "is_held", "is_service",
        "is_watched", "last", "line", "name", "parent", "parts", "queued_at", "record", "silence", "start", "template",
        "timeout",
    )  # fmt: skip

    def __init__(
        self, name: str, parent: Watch | None, *, host: str = "", is_service: bool = False, line: str = ""
    ) -> None:
        self.name = name
        self.is_service = is_service
        self.line = line
        """Its template, where it is a line of a service."""
        self.parent = parent
        """What it is a part of."""
        self.host = host
        self.record = GapRecord()
        self.parts: dict[object, Watch] = {}
        """By template or name."""
        self.last = self.start = -inf
        """Seconds of its last line, and of its last arrival."""
        self.floor = -inf
        """Second before which nothing of its wait counts."""
        self.event: LogEvent | None = None
        self.template = ""
        """The last line, and its template."""
        self.timeout = inf
        """Seconds that it may stay away."""
        self.is_armed = False
        """Whether it is regular enough to be missed."""
        self.queued_at = inf
        """Second for which its timeout is in the queue."""
        self.is_excused = False
        """Whether it was stopped in good order."""
        self.fault_at = -inf
        """Second of its last line that a fault brought."""
        self.is_fault = False
        """Whether it is a line that a fault brings."""
        self.is_watched = True
        """False where it is never missed."""
        self.is_held = True
        """False where it has been forgotten."""
        self.silence: Silence | None = None
        """What was said of it, while it is silent."""

    @property
    def is_line(self) -> bool:
        """Whether it is a line of a service."""
        return bool(self.line)

    @property
    def seen(self) -> LogEvent:
        """Its last event; it has one."""
        if self.event is None:
            raise ValueError("nothing was seen of it")
        return self.event

    @property
    def due(self) -> float:
        """Second at which it will have been away for too long."""
        return max(self.last, self.floor) + self.timeout

    def wholes(self) -> Iterator[Watch]:
        """Give what it is a part of, the smallest first."""
        whole = self.parent
        while whole is not None:
            yield whole
            whole = whole.parent

    def siblings(self) -> Iterator[Watch]:
        """Give the other parts of the same whole."""
        parts = () if self.parent is None else self.parent.parts.values()
        return (part for part in parts if part is not self)

    def log_rate(self, moment: float) -> float:
        """Log of how many waits an hour by chance are as long as the one at this second."""
        return self.record.log_rate(moment - max(self.last, self.floor))

    def log_share(self, moment: float) -> float:
        """Log of the share of its waits that are as long as the one at this second."""
        return self.record.log_share(moment - max(self.last, self.floor))

    @property
    def is_expected(self) -> bool:
        """Whether it is to come again, as far as is known."""
        return self.is_armed and self.silence is None and not self.is_excused and self.last > -inf

    @property
    def late_at(self) -> float:
        """Second from which it is late."""
        return max(self.last, self.floor) + self.record.expected_s

    def below(self) -> Iterator[Watch]:
        """Give all its parts, and theirs."""
        for part in self.parts.values():
            yield part
            yield from part.below()

    def judge(self, log_rate: float) -> bool:
        """Set how long it may stay away, so that it does `log_rate` an hour by chance; tell whether it is watched.

        A line of a service is watched where it comes by the clock, and did for half of the time at least that its
        service was seen: what a fault or a piece of work repeats comes to its end. All else is watched wherever it
        comes often enough.
        """
        record = self.record
        self.is_armed = record.count >= LEAST_GAPS
        if self.is_armed and self.is_line and self.parent is not None:
            self.is_armed = record.is_regular and record.steady_s >= 0.5 * self.parent.record.seconds
        self.timeout = max(record.timeout(log_rate), LEAST_SILENCE_S) if self.is_armed else inf
        return self.is_armed

    def begin_again(self) -> None:
        """Forget its gaps."""
        self.record = GapRecord()
        self.timeout = inf
        self.is_armed = False

    def forget_wait(self) -> None:
        """Wait for nothing until its next line: the clock was set back."""
        self.last = self.start = self.floor = -inf
        self.queued_at = inf
        self.silence = None


LEAST_SILENCE_S: Final = 30.0
"""Seconds: what stays away for less is back before anybody has looked."""

_STOPPED: Final = re.compile(
    r"(?:Stopp(?:ing|ed)(?! target) (?P<named>.{1,200}?)(?:\.\.\.|\.)?"
    r"|(?P<unit>\S{1,200}): (?:Deactivated successfully|Succeeded)\.?)"
)
_UNIT: Final = re.compile(r"(\S+\.service)\b")
_SHUT_DOWN: Final = re.compile(
    r"Reached target (?:.*\b)?(?:[Ss]hutdown|[Rr]eboot|[Pp]ower-?[Oo]ff|Halt|Unmount All Filesystems)\b"
)


def stopped_by(event: LogEvent) -> str | None:
    """Return what an event of systemd says to have been stopped in good order; None where it says no such thing.

    A unit gives the name of its service, a description itself in lower case, and the end of all units `EVERYTHING`.
    """
    if event.service != "systemd":
        return None
    message = event.head
    if _SHUT_DOWN.match(message):
        return EVERYTHING
    found = _STOPPED.fullmatch(message)
    if found is None:
        return None
    named = found["unit"] or found["named"]
    unit = _UNIT.search(named)
    return canonical(unit[1]) if unit else named.lower()


_OWN_STOP: Final = re.compile(
    r"\b(?:stopping (?:children|workers|service|rootwrap|wsgi|server)|killed by signal|signal handler called"
    r"|(?:caught|received|got) (?:the )?sig\w+|(?:process|server|service|daemon) (?:is )?(?:exiting|stopped|terminated)"
    r"|shutting down|wait called after thread killed)\b|, exiting\b",
    re.IGNORECASE,
)


# Once a template: to search every message costs as much as all else that is done for a silence.
@lru_cache(maxsize=20_000)
def says_it_stops(template: str) -> bool:
    """Tell whether a service writes that it stops itself: what follows is the start of another process, or nothing."""
    return _OWN_STOP.search(template) is not None


def is_named(service: str, stopped: str) -> bool:
    """Tell whether what was stopped is the service: by its name, or by a description that has all words of it."""
    return service == stopped or (" " in stopped and set(service.split("-")) <= set(re.findall(r"\w+", stopped)))


class Hosts:
    """Which host an event is of: what its syslog header names, or a folder of its file's path.

    A folder is that of a host if two files of one service have paths that differ in it alone.
    """

    __slots__ = ("_by_source", "_place", "_sources", "is_fresh")

    def __init__(self) -> None:
        self.is_fresh = False
        """Whether the folders of hosts have just been found: hosts told before were other ones."""
        self._by_source: dict[str, str] = {}
        self._sources: dict[str, list[str]] = {}
        self._place: int | None = None

    def of(self, event: LogEvent) -> str:
        """Return the host of an event; empty where nothing names it."""
        source = event.source
        host = self._by_source.get(source)
        if host is None:
            if self._place is None:
                self._find_place(event)
            parts = source.split("/")
            host = parts[self._place] if self._place is not None and len(parts) > self._place + 1 else ""
            if len(self._by_source) < _FILES:
                self._by_source[source] = host
        if host:
            return host
        raw = event.raw
        if raw[10:11] == "T" or raw[6:7] == " " or raw[:1] == "<":
            found = _SYSLOG.match(raw)
            if found:
                return found[1]
        return ""

    def _find_place(self, event: LogEvent) -> None:
        """Compare a new file with those that its service has."""
        others = self._sources.setdefault(event.service, [])
        parts = event.source.split("/")
        for other in others:
            pairs = zip(parts, other.split("/"), strict=False)
            differing = [place for place, (one, another) in enumerate(pairs) if one != another]
            if other.count("/") + 1 == len(parts) and len(differing) == 1 and differing[0] < len(parts) - 1:
                self._place = differing[0]
                self._by_source.clear()
                self.is_fresh = True
                return
        if len(others) < _OF_A_SERVICE:
            others.append(event.source)


_FILES: Final = 10_000
"""Files whose host is remembered."""
_OF_A_SERVICE: Final = 8
"""Files of one service that are compared."""
_SYSLOG: Final = re.compile(
    r"(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)) "
    r"([\w.-]{1,253}) [\w./@()-]{1,256}(?:\[\d{1,10}\])?: "
)
