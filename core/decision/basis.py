"""What an event is judged on: its reference, and how much of its service the baseline knows."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from core.events import Reference
from core.features.batch import FeatureBatch
from core.features.service import OWN_SHARE
from core.support.arrays import Int64


class Basis(IntEnum):
    """What weights and curves are fitted for."""

    NONE = 0
    STREAM = 1
    PARTIAL = 2
    """The baseline knows the service from elsewhere: some of its templates are new to it."""
    BASELINE = 3

    @property
    def word(self) -> str:
        """`none`, `stream`, `partial` or `baseline`."""
        return self.name.lower()


_BASELINE: Final = int(Reference.BASELINE)


def bases_of(batch: FeatureBatch) -> Int64:
    """Return the codes of the basis of N events."""
    references = batch.column("reference").astype(np.int64)
    own = (references == _BASELINE) & (batch.column("fit_share") >= OWN_SHARE)
    bases: Int64 = references + own
    return bases
