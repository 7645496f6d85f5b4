"""Targets of training: each event is anomalous, normal, or has no loss.

Of a real run it is known when the fault was activated and which requests failed, not which line is wrong. So an event
is a positive only where it shows an anomaly: it belongs to a failed request, has level ERROR or CRITICAL, is a 5xx
reply, has a template that healthy runs never had, or is the first to notice an overdue request. All other events after
the activation have no loss. The same holds in a simulated stream for the events of an incident; there all
others are known to be normal.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.features.batch import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES, NUMERICAL_NAMES
from core.support.arrays import Mask
from core.training.corpus import LabelledStream
from core.training.simulated import SimulatedStream

Targets = NDArray[np.int8]
"""1 anomalous, 0 normal, -1 left out of the loss."""

_NEW_TEMPLATE_COLUMN: Final = BINARY_NAMES.index("new_template")
_SEVERE_COLUMN: Final = BINARY_NAMES.index("severe")
_STATUS_COLUMN: Final = CATEGORICAL_NAMES.index("status")
_DEVIATION_COLUMNS: Final = [NUMERICAL_NAMES.index(name) for name in ("latency_z", "duration_z", "stage_z", "burst")]
_DEVIATES: Final = 1.0
"""Deviations from which a quantity shows an anomaly."""
_SERVER_ERROR: Final = CATEGORICAL["status"].index("5xx")


def shows_anomaly(batch: FeatureBatch) -> Mask:
    """Return which events show an anomaly by themselves, [N]."""
    shown = (batch.binary[:, _NEW_TEMPLATE_COLUMN] > 0) | (batch.binary[:, _SEVERE_COLUMN] > 0)
    shown |= batch.categorical[:, _STATUS_COLUMN] == _SERVER_ERROR
    return shown | (batch.column("timed_out") > 0)


def failed_events(stream: LabelledStream) -> Mask:
    """Return which events belong to requests that failed for the client, [N]."""
    failed = stream.run.failed_requests
    return np.fromiter((event.request_id in failed for event in stream.events), np.bool_, len(stream.events))


def run_targets(stream: LabelledStream, batch: FeatureBatch) -> Targets:
    """Return the targets of one run of a corpus, with its features by a baseline without the run."""
    run = stream.run
    if run.fault_free:
        return np.zeros(len(batch), np.int8)
    if not run.incident or run.trigger is None:
        return np.full(len(batch), -1, np.int8)
    stamps = np.array([event.timestamp or 0.0 for event in stream.events])
    after = stamps >= run.trigger
    targets = np.where(after, -1, 0).astype(np.int8)
    targets[after & (failed_events(stream) | shows_anomaly(batch))] = 1
    return targets


def unknown_deployment_targets(known: Targets, stream: LabelledStream, batch: FeatureBatch) -> Targets:
    """Return the targets of the same run by a baseline without the deployment: positives that show nothing are -1."""
    hidden = (known == 1) & ~failed_events(stream) & ~shows_anomaly(batch)
    return np.where(hidden, -1, known).astype(np.int8)


def simulated_targets(stream: SimulatedStream, batch: FeatureBatch) -> Targets:
    """Return the targets of a simulated stream."""
    wrong = np.array([bool(incident) for incident in stream.incidents])
    shown = shows_anomaly(batch)
    shown |= (np.abs(batch.numerical[:, _DEVIATION_COLUMNS]) > _DEVIATES).any(axis=1) & ~stream.recovering
    late = batch.column("timed_out") > 0
    if stream.onsets:
        late &= batch.timestamps >= min(stream.onsets.values())
    targets = np.where(wrong, -1, 0).astype(np.int8)
    targets[late] = -1
    targets[(wrong & shown & ~stream.recovering) | (late & bool(stream.onsets))] = 1
    return targets
