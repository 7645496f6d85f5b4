"""What the network is taught of each event: anomalous, normal, or nothing at all.

Of a real run we know when the fault was activated and which requests failed, not which line is wrong. So an event is a
positive only where it shows something: it belongs to a failed request, has level ERROR or CRITICAL, is a 5xx reply,
has a template that healthy runs never had, or is the first to notice an overdue request. All else after the
activation is left out of the loss. The same holds in a simulated stream for the events of an incident; there all
others are known to be normal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.features.batch import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES
from core.training.corpus import Stream
from core.training.simulated import SimulatedStream

Targets = NDArray[np.int8]
"""1 anomalous, 0 normal, -1 left out of the loss."""

Mask = NDArray[np.bool_]

_NEW = BINARY_NAMES.index("new_template")
_SEVERE = BINARY_NAMES.index("severe")
_STATUS = CATEGORICAL_NAMES.index("status")
_SERVER_ERROR = CATEGORICAL["status"].index("5xx")


def shows_something(batch: FeatureBatch) -> Mask:
    """Which events show by themselves that something is wrong, [N]."""
    shown = (batch.binary[:, _NEW] > 0) | (batch.binary[:, _SEVERE] > 0)
    shown |= batch.categorical[:, _STATUS] == _SERVER_ERROR
    return shown | _noted(batch, {"overdue_requests"})


def _noted(batch: FeatureBatch, names: set[str]) -> Mask:
    noted = np.zeros(len(batch), np.bool_)
    noted[[row for row, notes in batch.measured.items() if names & notes.keys()]] = True
    return noted


def failed_events(stream: Stream) -> Mask:
    """Which events belong to requests that the client saw fail, [N]."""
    failed = stream.run.failed_requests
    return np.fromiter((event.request_id in failed for event in stream.events), np.bool_, len(stream.events))


def run_targets(stream: Stream, batch: FeatureBatch) -> Targets:
    """Teach from one run of a corpus, with its features by a baseline that has not seen the run."""
    run = stream.run
    if run.fault_free:
        return np.zeros(len(batch), np.int8)
    if not run.incident or run.trigger is None:
        return np.full(len(batch), -1, np.int8)
    stamps = np.array([event.timestamp or 0.0 for event in stream.events])
    after = stamps >= run.trigger
    targets = np.where(after, -1, 0).astype(np.int8)
    targets[after & (failed_events(stream) | shows_something(batch))] = 1
    return targets


def away_targets(home: Targets, stream: Stream, batch: FeatureBatch) -> Targets:
    """Teach from the same run by a baseline that does not know it: positives that show nothing there are left out."""
    hidden = (home == 1) & ~failed_events(stream) & ~shows_something(batch)
    return np.where(hidden, -1, home).astype(np.int8)


def simulated_targets(stream: SimulatedStream, batch: FeatureBatch) -> Targets:
    """Teach from a simulated stream."""
    wrong = np.array([bool(incident) for incident in stream.incidents])
    shown = shows_something(batch)
    shown |= _noted(batch, {"latency_z", "duration_z", "stage_z", "burst"}) & ~stream.recovering
    late = _noted(batch, {"overdue_requests"})
    if stream.onsets:
        late &= batch.timestamps >= min(stream.onsets.values())
    targets = np.where(wrong, -1, 0).astype(np.int8)
    targets[late] = -1
    targets[(wrong & shown & ~stream.recovering) | (late & bool(stream.onsets))] = 1
    return targets
