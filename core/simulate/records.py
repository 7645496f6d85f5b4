"""What the simulator gives out: one log record with the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The part a record plays in an incident."""

    NONE = ""
    CAUSE = "cause"
    """It shows the fault itself: what an operator should be pointed at."""
    SYMPTOM = "symptom"
    """It shows what the fault did to somebody's request."""
    RECOVERY = "recovery"
    """It shows that the fault is over; neither normal life nor wrong."""


@dataclass(frozen=True, slots=True)
class Label:
    """Why a record was written, as far as it is not plain normal life."""

    incident: str | None = None
    kind: str | None = None
    hard_normal: str | None = None
    role: Role = Role.NONE


NORMAL = Label()


@dataclass(frozen=True, slots=True)
class SimulatedRecord:
    """One record as written to the log, and what is true about it."""

    timestamp: float
    """Seconds since 1970 at which it was written. The stamp in its lines is the host's clock, which may be wrong."""
    service: str
    """Name of the service's log file without `.log`."""
    lines: tuple[str, ...]
    """Without terminators; a traceback's lines are part of the record."""
    incident: str | None
    """Identifier of the incident it belongs to."""
    kind: str | None
    """Kind of that incident, a key of `INCIDENTS`."""
    hard_normal: str | None
    """Key of `HARD_NORMALS` where it is unusual but nothing is wrong."""
    request_id: str
    role: Role
