"""Process settings for live work, which shares the host with what it watches: little memory, no idle threads."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8
"""Option of glibc's `mallopt`: the most heaps that there may be."""


def enter_live_mode() -> None:
    """Set up this process for live work; call it before NumPy is imported and before threads start.

    OpenBLAS would start a thread for each core, for products that are too small to be divided. glibc would give each
    thread a heap of its own, and keep in each what was freed there.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with suppress(AttributeError, OSError):  # not glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
