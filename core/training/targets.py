"""What the network is taught of each event: anomalous, normal, or nothing at all.

Of a real run we know when the fault was activated and which requests failed, not which line is wrong. So an event is a
positive only where it shows something: it belongs to a failed request, has level ERROR or CRITICAL, is a 5xx reply,
has a template that healthy runs never had, or is the first to notice an overdue request. All else after the
activation is left out of the loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.events import LogEvent
from core.features import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES
from core.training.corpus import Run

Targets = NDArray[np.int8]
"""1 anomalous, 0 normal, -1 left out of the loss."""

_NEW = BINARY_NAMES.index("new_template")
_SEVERE = BINARY_NAMES.index("severe")
_STATUS = CATEGORICAL_NAMES.index("status")
_SERVER_ERROR = CATEGORICAL["status"].index("5xx")


def shows_something(batch: FeatureBatch) -> NDArray[np.bool_]:
    """Which events show by themselves that something is wrong, [N]."""
    shown = (batch.binary[:, _NEW] > 0) | (batch.binary[:, _SEVERE] > 0)
    shown |= batch.categorical[:, _STATUS] == _SERVER_ERROR
    for row, notes in batch.measured.items():
        if "overdue_requests" in notes:
            shown[row] = True
    return shown


def run_targets(run: Run, events: Sequence[LogEvent], batch: FeatureBatch) -> Targets:
    """Teach from one run of a corpus: `batch` holds its features by a baseline that has not seen the run."""
    if run.fault_free:
        return np.zeros(len(batch), np.int8)
    if not run.incident or run.trigger is None:
        return np.full(len(batch), -1, np.int8)
    after = batch.timestamps >= run.trigger
    failed = np.fromiter((event.request_id in run.failed_requests for event in events), np.bool_, len(batch))
    targets = np.where(after, -1, 0).astype(np.int8)
    targets[after & (failed | shows_something(batch))] = 1
    return targets


def away_targets(home: Targets, failed: NDArray[np.bool_], batch: FeatureBatch) -> Targets:
    """Teach from the same run scored on a foreign baseline: positives that show nothing there are left out.

    `home` are the targets by its own baseline; `failed` marks events of failed requests.
    """
    hidden = (home == 1) & ~failed & ~shows_something(batch)
    return np.where(hidden, -1, home).astype(np.int8)
