"""Plain rules, for events that the network has no ground to judge."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.events import State
from core.feature_rows import FeatureBatch
from core.schema import BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES

RULE_SCORE: Final = 0.6
"""What a rule raises a score to: over the calibrated threshold, under what the network is sure of."""

_SEVERE = BINARY_NAMES.index("severe")
_FAILURE = BINARY_NAMES.index("failure_words")
_STATUS = CATEGORICAL_NAMES.index("status")
_SERVER_ERROR = CATEGORICAL["status"].index("5xx")


def rule_scores(batch: FeatureBatch) -> NDArray[np.float32]:
    """Least score of each event by the rules, [N]; 0 where the network can judge.

    While nothing is known of a service, an ERROR or CRITICAL that speaks of a failure, or a 5xx reply, is news.
    """
    cold = np.fromiter((state is State.WARMING_UP for state in batch.states), np.bool_, len(batch))
    failed = (batch.binary[:, _SEVERE] > 0) & (batch.binary[:, _FAILURE] > 0)
    failed |= batch.categorical[:, _STATUS] == _SERVER_ERROR
    return np.where(cold & failed, RULE_SCORE, 0.0).astype(np.float32)
