"""How this process shares the processor with others."""

from __future__ import annotations

import os
from typing import Final

_SPINS: Final = "1000"
"""Turns that a thread of OpenMP waits in a loop before it gives the core back. Its own default lasts milliseconds: on
a host whose cores are taken, scoring with two threads is five times as fast with this."""


def limit_spinning() -> None:
    """Let threads that wait for each other give the core back soon; read once, when PyTorch is imported."""
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)


def lower_priority(nice: int) -> None:
    """Give way to other programs, from 0 (no change) to 19."""
    if nice:
        os.nice(nice)
