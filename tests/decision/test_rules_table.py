"""The rules as a table: an event, the score that the network gave it, and the score that it has after the rules."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import Any, Final

import numpy as np
import pytest

from core import schema
from core.decision import rules
from core.events import State
from core.features.batch import FeatureBatch
from core.features.reference import Reference
from tests.helpers.stream import batch_of, event, with_evidence

HELD, RAISED = rules.HELD, rules.RAISED


def lowered(score: float, logits: float) -> float:
    odds = score / (1 - score) * np.exp(-logits)
    return float(odds / (1 + odds))


def code(vocabulary: str, word: str) -> int:
    return schema.CATEGORICAL[vocabulary].index(word)


PLAIN: Final[dict[str, Any]] = {
    "level": "INFO",
    "status": "unknown",
    "kind": "lifecycle",
    "familiarity": "always",
    "reference": Reference.BASELINE,
    "known": 1.0,
}
NEW: Final[dict[str, Any]] = {"new_template": 1.0, "familiarity": "never", "known": 0.0}
WARNING: Final[dict[str, Any]] = {"level": "WARNING", "warning": 1.0, "failure_words": 1.0}
ERROR: Final[dict[str, Any]] = {"level": "ERROR", "severe": 1.0, "failure_words": 1.0}
SERVER_ERROR: Final[dict[str, Any]] = {"status": "5xx", "kind": "http_reply"}
REFUSAL: Final[dict[str, Any]] = {"status": "4xx", "kind": "http_reply"}
AWAY: Final[dict[str, Any]] = {"reference": Reference.STREAM}
COLD: Final[dict[str, Any]] = {"reference": Reference.NONE, "familiarity": "unknown", "state": State.WARMING_UP}


def built(**values: Any) -> FeatureBatch:
    """One event that is what the values say, beside one that is nothing."""
    values = PLAIN | values
    batch = batch_of([event(), event()])
    state = values.pop("state", State.SCORED)
    batch = replace(batch, states=(State.SCORED, state))
    batch = with_evidence(batch, reference=Reference.BASELINE, known=1.0, novelty_age_s=nan)
    for name, value in values.items():
        if name in schema.CATEGORICAL_NAMES:
            batch.categorical[1, schema.CATEGORICAL_NAMES.index(name)] = code(name, value)
        elif name in schema.BINARY_NAMES:
            batch.binary[1, schema.BINARY_NAMES.index(name)] = value
        elif name in schema.NUMERICAL_NAMES:
            batch.numerical[1, schema.NUMERICAL_NAMES.index(name)] = value
        else:
            batch.column(name)[1] = value
    return batch


@pytest.mark.parametrize(
    ("values", "network", "score"),
    [
        # in a known service the score is that of the network
        ({}, 0.9, 0.9),
        (ERROR, 0.9, 0.9),
        (NEW | WARNING, 0.9, 0.9),
        # a DEBUG line is held down, whatever it is
        ({"level": "DEBUG"}, 0.9, HELD),
        ({"level": "DEBUG"}, 0.2, 0.2),
        # away from the baseline what shows nothing is held down
        (AWAY, 0.9, HELD),
        (AWAY, 0.3, 0.3),
        (AWAY | ERROR, 0.9, HELD),
        (AWAY | ERROR | {"familiarity": "never"}, 0.9, 0.9),
        (AWAY | ERROR | {"familiarity": "unknown"}, 0.9, 0.9),
        (AWAY | ERROR | {"familiarity": "rare"}, 0.9, HELD),
        (AWAY | {"familiarity": "never"}, 0.9, HELD),
        (AWAY | SERVER_ERROR, 0.9, 0.9),
        (AWAY | REFUSAL, 0.9, HELD),
        *[(AWAY | {name: 1.1}, 0.9, 0.9) for name in ("latency_z", "size_z", "duration_z", "stage_z", "burst")],
        *[(AWAY | {name: -1.1}, 0.9, 0.9) for name in ("latency_z", "size_z", "duration_z", "stage_z")],
        (AWAY | {"latency_z": 1.0}, 0.9, HELD),
        (AWAY | {"status_surprisal": 9.0}, 0.9, HELD),
        (AWAY | {"timed_out": 1.0}, 0.9, 0.9),
        # new in its details alone
        (NEW | WARNING | {"novel_variant": 1.0}, 0.95, lowered(0.95, 5.0)),
        (NEW | ERROR | {"novel_variant": 1.0}, 0.95, 0.95),
        # first seen ten minutes ago
        (NEW | WARNING | {"novelty_age_s": 600.0}, 0.95, lowered(0.95, 5.0)),
        (NEW | WARNING | {"novelty_age_s": 599.0}, 0.95, 0.95),
        (NEW | ERROR | {"novelty_age_s": 600.0}, 0.95, 0.95),
        (NEW | SERVER_ERROR | {"novelty_age_s": 600.0}, 0.95, 0.95),
        (NEW | WARNING | {"novelty_age_s": 600.0, "novel_variant": 1.0}, 0.95, lowered(0.95, 5.0)),
        # a new INFO message without a failure keyword
        (NEW, 0.95, lowered(0.95, 4.0)),
        (NEW | {"failure_words": 1.0}, 0.95, 0.95),
        (NEW | {"level": "AUDIT"}, 0.95, 0.95),
        (NEW | {"kind": "http_reply"}, 0.95, 0.95),
        (NEW | {"kind": "http_client"}, 0.95, 0.95),
        (NEW | {"novel_variant": 1.0}, 0.95, lowered(0.95, 5.0)),
        (NEW | {"novelty_age_s": 600.0}, 0.95, lowered(0.95, 9.0)),
        # new away from the baseline
        (NEW | AWAY | WARNING, 0.95, lowered(0.95, 2.5)),
        (NEW | AWAY, 0.95, lowered(0.95, 6.5)),
        (NEW | AWAY | ERROR, 0.95, 0.95),
        (NEW | AWAY | SERVER_ERROR, 0.95, 0.95),
        # what is raised
        (NEW | ERROR, 0.1, RAISED),
        (NEW | ERROR | {"failure_words": 0.0}, 0.1, 0.1),
        (ERROR, 0.1, 0.1),
        (NEW | WARNING, 0.1, 0.1),
        (NEW | SERVER_ERROR, 0.1, RAISED),
        (SERVER_ERROR, 0.1, 0.1),
        (COLD | ERROR, 0.1, RAISED),
        (COLD | SERVER_ERROR, 0.1, RAISED),
        (COLD | WARNING, 0.1, 0.1),
        (COLD | WARNING, 0.9, HELD),
        (NEW | REFUSAL, 0.1, RAISED),
        (NEW | REFUSAL | {"status": "404"}, 0.1, RAISED),
        (NEW | REFUSAL | {"status": "3xx"}, 0.1, 0.1),
        (NEW | REFUSAL | AWAY, 0.1, lowered(0.1, 2.5)),
        (REFUSAL, 0.1, 0.1),
        (NEW | REFUSAL | {"novelty_age_s": 600.0}, 0.1, lowered(0.1, 5.0)),
        ({"slow_again_nats": 40.0}, 0.1, RAISED),
        ({"repeated": 3.0}, 0.1, RAISED),
        (AWAY | {"slow_again_nats": 40.0, "duration_z": 4.0}, 0.1, 0.1),
        (AWAY | {"repeated": 3.0, "timed_out": 1.0}, 0.1, 0.1),
        # what is raised is not lowered
        (NEW | ERROR, 0.69, RAISED),
        (NEW | ERROR, 0.71, 0.71),
        ({"level": "DEBUG", "slow_again_nats": 40.0}, 0.9, RAISED),
    ],
)  # fmt: skip
def test_a_score_after_the_rules(values: dict[str, Any], network: float, score: float) -> None:
    scores, raised = rules.apply(built(**values), np.array([0.3, network], np.float32))
    assert scores[0] == np.float32(0.3)
    assert scores[1] == pytest.approx(score, rel=1e-5)
    assert scores.dtype == np.float32
    assert raised.tolist() == [False, score == RAISED]


def test_a_score_that_no_rule_touches_is_the_same_to_the_last_bit() -> None:
    network = np.array([0.1234567, 0.7654321], np.float32)
    assert rules.apply(built(), network)[0].tolist() == network.tolist()


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_the_ends_of_the_scale_stay_where_they_are(score: float) -> None:
    assert rules.apply(built(**NEW), np.array([score, score], np.float32))[0][1] == score
