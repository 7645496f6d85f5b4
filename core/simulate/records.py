"""The output of the simulator: one log record with its labels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The role of a record in an incident."""

    NONE = ""
    CAUSE = "cause"
    """It shows the fault itself."""
    SYMPTOM = "symptom"
    """It shows the effect of the fault on a request."""
    RECOVERY = "recovery"
    """It shows the end of the fault; neither normal nor anomalous."""


@dataclass(frozen=True, slots=True)
class Label:
    """Why a record was written, where it is not ordinary operation."""

    incident: str | None = None
    kind: str | None = None
    hard_normal: str | None = None
    role: Role = Role.NONE


NORMAL: Final = Label()


@dataclass(frozen=True, slots=True)
class SimulatedRecord:
    """One record as written to the log, with its labels."""

    timestamp: float
    """Seconds since 1970 at which it was written. Its lines have the time of the host's clock, which may be wrong."""
    service: str
    """Name of the service's log file without `.log`."""
    lines: tuple[str, ...]
    """Without terminators; a traceback's lines are part of the record."""
    incident: str | None
    """Identifier of the incident it belongs to."""
    kind: str | None
    """Kind of that incident, a key of `INCIDENTS`."""
    hard_normal: str | None
    """Key of `HARD_NORMALS` where it is unusual but not anomalous."""
    request_id: str
    role: Role
    file: str
    """File that it is written to where the layout is not merged, relative to the folder of the log."""
