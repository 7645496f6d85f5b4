"""What an event can be compared with."""

from __future__ import annotations

from enum import IntEnum


class Reference(IntEnum):
    """What an event is compared with."""

    NONE = 0
    """Neither the baseline nor the stream's own past knows the service: an unseen template means nothing yet."""
    STREAM = 1
    """The stream's own past: the service has gone on for a while with next to nothing new."""
    BASELINE = 2
    """The baseline: it knows nearly all that the service writes."""


NONE, STREAM, BASELINE = Reference
