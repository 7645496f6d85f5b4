"""Plain rules, for events that the network has no ground to judge: some say so, some speak in its place."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.events import State
from core.features.batch import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES

RAISED: Final = 0.7
"""What a rule raises a score to: over the calibrated threshold, under what the network is sure of."""

HELD: Final = 0.45
"""What a rule holds a score down to: under the calibrated threshold, and still to be seen."""

DETAILS_LOGITS: Final = 5.0
"""What is taken off for a template that is new in its details alone."""

OLD_NEWS_LOGITS: Final = 5.0
"""What is taken off for a template that came first ten minutes ago, and has not become usual."""

REMARK_LOGITS: Final = 4.0
"""What is taken off for a new INFO message that speaks of no failure."""

STRANGER_LOGITS: Final = 2.5
"""What is taken off for what is new, and no error, where the baseline does not know the deployment."""

_NEW, _SEVERE, _FAILURE = (BINARY_NAMES.index(name) for name in ("new_template", "severe", "failure_words"))
_STATUS = CATEGORICAL_NAMES.index("status")
_CLIENT_ERRORS = [CATEGORICAL["status"].index(status) for status in ("4xx", "404")]
_SERVER_ERROR = CATEGORICAL["status"].index("5xx")
_FAMILIARITY = CATEGORICAL_NAMES.index("familiarity")
_NEVER = CATEGORICAL["familiarity"].index("never")
_LEVEL = CATEGORICAL_NAMES.index("level")
_OLD_SECONDS: Final = 600.0
_NOW: Final = (0.0, 0.0)
_KIND = CATEGORICAL_NAMES.index("kind")
_EXCHANGES = [code for code, kind in enumerate(CATEGORICAL["kind"]) if kind.startswith("http")]
_DEBUG = CATEGORICAL["level"].index("DEBUG")
_INFO = CATEGORICAL["level"].index("INFO")

Scores = NDArray[np.float32]


def apply(batch: FeatureBatch, network: Scores) -> tuple[Scores, NDArray[np.bool_]]:
    """Scores [N] after the rules, and which of them a rule has raised."""
    old = _old_news(batch)
    known = np.maximum(DETAILS_LOGITS * _details(batch), OLD_NEWS_LOGITS * old)
    alone = REMARK_LOGITS * _remarks(batch) + STRANGER_LOGITS * _strangers(batch)
    held = _discounted(network, known + alone)
    held = np.where(_groundless(batch), np.minimum(held, HELD), held)
    raised = (_new_failures(batch) | (_refusals(batch) & ~old) | _recurring(batch)) & (held < RAISED)
    return np.where(raised, RAISED, held).astype(np.float32), raised


def _groundless(batch: FeatureBatch) -> NDArray[np.bool_]:
    """Events that nobody can call wrong.

    A DEBUG line is written for those who look for it. Away from home the network has learned nothing of an event that
    is neither new there, nor an error that has not become usual, nor out of its own measure.
    """
    strange = batch.categorical[:, _FAMILIARITY] <= _NEVER
    shows = (batch.binary[:, _NEW] > 0) | (strange & (batch.binary[:, _SEVERE] > 0))
    shows |= batch.categorical[:, _STATUS] == _SERVER_ERROR
    shows[list(batch.measured)] = True
    groundless: NDArray[np.bool_] = (batch.categorical[:, _LEVEL] == _DEBUG) | ~(batch.home | shows)
    return groundless


def _discounted(network: Scores, logits: NDArray[np.float64]) -> Scores:
    """Take logits off scores; where there are none to take, a score stays as it is to the last bit."""
    scores = network.astype(np.float64)
    lowered = scores / (scores + (1.0 - scores) * np.exp(logits))
    return np.where(logits > 0, lowered, network).astype(np.float32)


def _details(batch: FeatureBatch) -> NDArray[np.bool_]:
    """New templates, no errors among them, that begin as a usual one does.

    Another release, locale or tenant words the same message anew; what is seldom more than that has to be very sure.
    """
    details: NDArray[np.bool_] = batch.variant & (batch.binary[:, _SEVERE] == 0)
    return details


def _old_news(batch: FeatureBatch) -> NDArray[np.bool_]:
    """What was news ten minutes ago and comes again, no error: whoever had to know has been told."""
    old = np.zeros(len(batch), np.bool_)
    old[[row for row, notes in batch.measured.items() if notes.get("new_template", _NOW)[0] >= _OLD_SECONDS]] = True
    return old & _mild(batch)


def _strangers(batch: FeatureBatch) -> NDArray[np.bool_]:
    """New templates, no errors among them, away from home: every deployment has more of them than were learned."""
    strangers: NDArray[np.bool_] = ~batch.home & (batch.binary[:, _NEW] > 0) & _mild(batch)
    return strangers


def _mild(batch: FeatureBatch) -> NDArray[np.bool_]:
    """Neither an ERROR or CRITICAL nor a 5xx reply."""
    mild: NDArray[np.bool_] = (batch.binary[:, _SEVERE] == 0) & (batch.categorical[:, _STATUS] != _SERVER_ERROR)
    return mild


def _remarks(batch: FeatureBatch) -> NDArray[np.bool_]:
    """New INFO messages in free words that speak of no failure, and do not vary a usual one."""
    remarks: NDArray[np.bool_] = (batch.binary[:, _NEW] > 0) & ~batch.variant & (batch.binary[:, _FAILURE] == 0)
    remarks &= (batch.categorical[:, _LEVEL] == _INFO) & ~np.isin(batch.categorical[:, _KIND], _EXCHANGES)
    return remarks


def _new_failures(batch: FeatureBatch) -> NDArray[np.bool_]:
    """An ERROR or CRITICAL that speaks of a failure, or a 5xx reply: news while nothing is known, and where it is new.

    A network that was taught on one cloud is less sure of another one's errors than whoever reads them.
    """
    cold = np.fromiter((state is State.WARMING_UP for state in batch.states), np.bool_, len(batch))
    failed = (batch.binary[:, _SEVERE] > 0) & (batch.binary[:, _FAILURE] > 0)
    failed |= batch.categorical[:, _STATUS] == _SERVER_ERROR
    failures: NDArray[np.bool_] = (cold | (batch.binary[:, _NEW] > 0)) & failed
    return failures


def _refusals(batch: FeatureBatch) -> NDArray[np.bool_]:
    """At home, a reply of 4xx that its route never gave on a healthy system: most faults without an ERROR look so."""
    return np.isin(batch.categorical[:, _STATUS], _CLIENT_ERRORS) & batch.home & (batch.binary[:, _NEW] > 0)


def _recurring(batch: FeatureBatch) -> NDArray[np.bool_]:
    """At home, what took far too long again, and one silence too many: each alone may be chance, and is not raised."""
    recurring = np.zeros(len(batch), np.bool_)
    recurring[[row for row, notes in batch.measured.items() if "slow_again" in notes or "silence" in notes]] = True
    found: NDArray[np.bool_] = recurring & batch.home
    return found
