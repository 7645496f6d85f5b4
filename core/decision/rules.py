"""Rules beside the network: some lower a score that it has no evidence for, some raise one in its place."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.events import State
from core.features.batch import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES, NUMERICAL_NAMES
from core.support.arrays import Float32, Mask

RAISED: Final = 0.7
"""What a rule raises a score to: over the calibrated threshold, under what the network is sure of."""

HELD: Final = 0.45
"""What a rule holds a score down to: under the calibrated threshold, and still to be seen."""

NEAR_DUPLICATE_LOGITS: Final = 5.0
"""What is taken off for a template that is new in its details alone."""

STALE_NOVELTY_LOGITS: Final = 5.0
"""What is taken off for a template that came first ten minutes ago, and has not become usual."""

UNSEEN_INFO_LOGITS: Final = 4.0
"""What is taken off for a new INFO message without a failure keyword."""

UNSEEN_AWAY_LOGITS: Final = 2.5
"""What is taken off for what is new, and no error, where the baseline does not know the service."""

_NEW, _SEVERE, _FAILURE = (BINARY_NAMES.index(name) for name in ("new_template", "severe", "failure_words"))
_STATUS: Final = CATEGORICAL_NAMES.index("status")
_CLIENT_ERRORS: Final = [CATEGORICAL["status"].index(status) for status in ("4xx", "404")]
_SERVER_ERROR: Final = CATEGORICAL["status"].index("5xx")
_FAMILIARITY: Final = CATEGORICAL_NAMES.index("familiarity")
_NEVER: Final = CATEGORICAL["familiarity"].index("never")
_LEVEL: Final = CATEGORICAL_NAMES.index("level")
_DEBUG: Final = CATEGORICAL["level"].index("DEBUG")
_INFO: Final = CATEGORICAL["level"].index("INFO")
_KIND: Final = CATEGORICAL_NAMES.index("kind")
_HTTP: Final = [code for code, kind in enumerate(CATEGORICAL["kind"]) if kind.startswith("http")]
_DEVIATIONS: Final = [NUMERICAL_NAMES.index(name) for name in ("latency_z", "size_z", "duration_z", "stage_z", "burst")]
_DEVIATES: Final = 1.0
"""Deviations, or log ratio of a burst, from which an event is out of its own measure."""
_STALE_SECONDS: Final = 600.0


def apply(batch: FeatureBatch, network: Float32) -> tuple[Float32, Mask]:
    """Return scores [N] after the rules, and which of them a rule has raised."""
    stale = stale_novelty(batch)
    known = np.maximum(NEAR_DUPLICATE_LOGITS * near_duplicate(batch), STALE_NOVELTY_LOGITS * stale)
    unseen = UNSEEN_INFO_LOGITS * unseen_info(batch) + UNSEEN_AWAY_LOGITS * unseen_away(batch)
    lowered = _lowered(network, known + unseen)
    lowered = np.where(out_of_scope(batch), np.minimum(lowered, HELD), lowered)
    raised = (new_failure(batch) | (new_refusal(batch) & ~stale) | recurring(batch)) & (lowered < RAISED)
    return np.where(raised, RAISED, lowered).astype(np.float32), raised


def out_of_scope(batch: FeatureBatch) -> Mask:
    """Return the events that the network has no evidence about.

    A DEBUG line is written for those who look for it. Away from the baseline the network has learned nothing of an
    event that is neither new there, nor an error that has not become usual, nor out of its own measure.
    """
    shows = (batch.binary[:, _NEW] > 0) | _is_server_error(batch)
    shows |= (batch.categorical[:, _FAMILIARITY] <= _NEVER) & (batch.binary[:, _SEVERE] > 0)
    shows |= (np.abs(batch.numerical[:, _DEVIATIONS]) > _DEVIATES).any(axis=1)
    shows |= batch.column("timed_out") > 0
    found: Mask = (batch.categorical[:, _LEVEL] == _DEBUG) | ~(batch.by_baseline | shows)
    return found


def near_duplicate(batch: FeatureBatch) -> Mask:
    """Return the new templates, no errors among them, that begin as a usual one does.

    Another release, locale or tenant words the same message differently; what is seldom more has to be very sure.
    """
    found: Mask = (batch.column("novel_variant") > 0) & (batch.binary[:, _SEVERE] == 0)
    return found


def stale_novelty(batch: FeatureBatch) -> Mask:
    """Return what was new ten minutes ago and comes again, no error: it was shown then."""
    found: Mask = (batch.column("novelty_age_s") >= _STALE_SECONDS) & _is_below_error(batch)  # nan is not
    return found


def unseen_away(batch: FeatureBatch) -> Mask:
    """Return new templates, no errors among them, away from the baseline: each deployment has some of its own."""
    found: Mask = ~batch.by_baseline & (batch.binary[:, _NEW] > 0) & _is_below_error(batch)
    return found


def unseen_info(batch: FeatureBatch) -> Mask:
    """Return new INFO messages in free words, without a failure keyword, that are no variant of a usual one."""
    found: Mask = (batch.binary[:, _NEW] > 0) & (batch.column("novel_variant") == 0) & (batch.binary[:, _FAILURE] == 0)
    found &= (batch.categorical[:, _LEVEL] == _INFO) & ~np.isin(batch.categorical[:, _KIND], _HTTP)
    return found


def new_failure(batch: FeatureBatch) -> Mask:
    """Return ERROR and CRITICAL with a failure keyword, and 5xx replies, where they are new or all is unknown yet.

    A network that was trained on one cloud is less sure of another one's errors than whoever reads them.
    """
    cold = np.fromiter((state is State.WARMING_UP for state in batch.states), np.bool_, len(batch))
    failed = ((batch.binary[:, _SEVERE] > 0) & (batch.binary[:, _FAILURE] > 0)) | _is_server_error(batch)
    found: Mask = (cold | (batch.binary[:, _NEW] > 0)) & failed
    return found


def new_refusal(batch: FeatureBatch) -> Mask:
    """Return replies of 4xx that a known route never gave on a healthy system: most faults without an ERROR look so."""
    return np.isin(batch.categorical[:, _STATUS], _CLIENT_ERRORS) & batch.by_baseline & (batch.binary[:, _NEW] > 0)


_SLOW_AGAIN: Final = 20.0
"""Nats: until slowness has a calibration of its own."""


def recurring(batch: FeatureBatch) -> Mask:
    """Return what is far too slow again, and one timeout too many, of known services: each alone may be chance."""
    found: Mask = ((batch.column("slow_again_nats") > _SLOW_AGAIN) | (batch.column("repeated") > 0)) & batch.by_baseline
    return found


def _is_below_error(batch: FeatureBatch) -> Mask:
    below: Mask = (batch.binary[:, _SEVERE] == 0) & ~_is_server_error(batch)
    return below


def _is_server_error(batch: FeatureBatch) -> Mask:
    found: Mask = batch.categorical[:, _STATUS] == _SERVER_ERROR
    return found


def _lowered(network: Float32, logits: NDArray[np.float64]) -> Float32:
    """Take logits off scores; where there are none to take, a score stays as it is to the last bit."""
    scores = network.astype(np.float64)
    lowered = scores / (scores + (1.0 - scores) * np.exp(logits))
    return np.where(logits > 0, lowered, network).astype(np.float32)
