"""The terms of the detectors: what each makes of the evidence of an event, one column each.

A term is at least 0 and either raises the score or lowers it: the fitted weights (`core.decision.combination`) keep the
sign. A quantity enters as ramps between its knots, the last one without an end, so that any monotone course can be
fitted and nothing is capped. Slowness has no terms: it is calibrated by itself (`core.decision.calibration`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from core.decision.basis import Basis, bases_of
from core.events import Channel
from core.features.batch import FeatureBatch
from core.schema import AGGREGATE_NAMES, BINARY_NAMES, CATEGORICAL, CATEGORICAL_NAMES, NUMERICAL_NAMES
from core.support.arrays import Float64


class Term(NamedTuple):
    """One column of the terms."""

    channel: Channel
    name: str
    """The reason that it is worded by, and what tells it from others of that reason after a colon."""
    lowers: bool = False

    @property
    def reason(self) -> str:
        """Name of the reason."""
        return self.name.partition(":")[0]


_FAILURE, _REFUSAL, _NOVELTY = Channel.FAILURE, Channel.REFUSAL, Channel.NOVELTY
_FLAGS: Final = (
    Term(_FAILURE, "severe:unseen"),
    Term(_FAILURE, "severe:unjudged"),
    Term(_FAILURE, "severe:known"),
    Term(_FAILURE, "severe:critical"),
    Term(_FAILURE, "severe:keyword"),
    Term(_FAILURE, "severe:suspect"),
    Term(_FAILURE, "status:5xx"),
    Term(_FAILURE, "chronic", lowers=True),
    Term(_FAILURE, "request_in_trouble"),
    Term(_REFUSAL, "status:404"),
    Term(_REFUSAL, "status:denied"),
    Term(_REFUSAL, "status:rejected"),
    Term(_REFUSAL, "status:in_trouble"),
    Term(_NOVELTY, "new_template:debug"),
    Term(_NOVELTY, "new_template:info"),
    Term(_NOVELTY, "new_template:warning"),
    Term(_NOVELTY, "new_template:no_level"),
    Term(_NOVELTY, "near_duplicate", lowers=True),
    Term(_NOVELTY, "new_transition"),
)
_RAMPS: Final = (
    (Term(Channel.NETWORK, "network"), (-6.0, -3.0, 0.0, 3.0, 6.0)),
    (Term(_FAILURE, "severe:surprisal"), (0.0, 3.0, 6.0, 9.0)),
    (Term(_FAILURE, "failures"), (0.0, 1.0, 2.0)),
    (Term(_REFUSAL, "status:surprisal"), (2.0, 5.0)),
    (Term(_REFUSAL, "status:own_surprisal"), (2.0, 5.0)),
    (Term(_NOVELTY, "new_template:chance"), (2.0, 5.0)),
    (Term(_NOVELTY, "new_template:age", lowers=True), (0.0, 3.0)),
    (Term(_NOVELTY, "new_template:words"), (3.0, 7.0, 10.0)),
    (Term(_NOVELTY, "new_template:rarity"), (0.8,)),
    (Term(_NOVELTY, "new_template:rare"), (4.0, 8.0)),
    (Term(_NOVELTY, "new_transition:surprisal"), (3.0, 6.0)),
    (Term(Channel.BURST, "burst"), (0.0, 1.0)),
    (Term(Channel.BURST, "recent:rate"), (1.0, 2.5)),
    (Term(Channel.SILENCE, "overdue_requests"), (0.0,)),
    (Term(Channel.SILENCE, "overdue_requests:repeated"), (0.0, 1.5)),
)
_KNOTS: Final = np.array([knot for _, knots in _RAMPS for knot in knots])
_LENGTHS: Final = np.array([
    length for _, knots in _RAMPS for length in (*np.diff(knots).tolist(), np.inf)
])  # fmt: skip
_RAMP_OF: Final = np.repeat(np.arange(len(_RAMPS)), [len(knots) for _, knots in _RAMPS])

TERMS: Final[tuple[Term, ...]] = (
    Term(Channel.NETWORK, "network:linear"),
    *_FLAGS,
    *(_RAMPS[place][0] for place in _RAMP_OF.tolist()),
)
"""[T]"""

_SEVERE, _WARNING, _NEW, _KEYWORD, _TROUBLE, _TRANSITION = (
    BINARY_NAMES.index(name)
    for name in ("severe", "warning", "new_template", "failure_words", "request_in_trouble", "new_transition")
)
_LEVEL: Final = CATEGORICAL_NAMES.index("level")
_FAMILIARITY: Final = CATEGORICAL_NAMES.index("familiarity")
_DEBUG, _INFO, _CRITICAL = (CATEGORICAL["level"].index(name) for name in ("DEBUG", "INFO", "CRITICAL"))
_SURPRISAL, _TRANSITION_SURPRISAL, _WORDS, _RARITY, _STATUS_SURPRISAL, _BURST = (
    NUMERICAL_NAMES.index(name)
    for name in (
        "template_surprisal", "transition_surprisal", "word_surprisal", "rarity", "status_surprisal", "burst",
    )
)  # fmt: skip
_RATE: Final = AGGREGATE_NAMES.index("rate_ratio")
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403


def terms_of(batch: FeatureBatch, logits: Float64) -> Float64:
    """Return the terms [N, T] of N events; `logits` [N] are those of the network."""
    numerical, binary, level = batch.numerical.astype(np.float64), batch.binary > 0, batch.categorical[:, _LEVEL]
    status, judged = batch.column("http_status"), batch.categorical[:, _FAMILIARITY] > 0
    failure = batch.column("reports_failure") > 0
    refusal = (status >= 400) & (status < 500)
    new, keyword, trouble = binary[:, _NEW], binary[:, _KEYWORD], binary[:, _TROUBLE]
    chronic = batch.column("chronic") > 0
    novelty = new & ~failure & ~refusal
    warning = binary[:, _WARNING]
    info = (level >= _INFO) & ~warning & ~binary[:, _SEVERE]
    fresh = failure & ~chronic
    known = judged & ~new
    refused = refusal & new
    suspect = keyword & (warning | (level == 0)) & ~failure
    by_baseline = batch.by_baseline
    denied = (status == _UNAUTHORIZED) | (status == _FORBIDDEN)
    flags = (
        fresh & new, fresh & ~judged, fresh & known, fresh & (level == _CRITICAL), fresh & keyword,
        suspect & (new | ~judged),
        fresh & (status >= 500), failure & chronic, trouble & ~refusal,
        refused & (status == 404), refused & denied, refused & (status != 404) & ~denied, refused & trouble,
        novelty & (level <= _DEBUG) & (level > 0), novelty & info, novelty & warning, novelty & (level == 0),
        novelty & (batch.column("novel_variant") > 0), binary[:, _TRANSITION],
    )  # fmt: skip
    surprisal = numerical[:, _SURPRISAL]
    age = np.log1p(np.nan_to_num(batch.column("novelty_age_s")) / 60.0)
    columns = (
        logits,
        np.where(fresh & known, surprisal, 0.0),
        np.log(np.maximum(batch.column("recent_failures"), 1.0)),
        np.where(refusal & (bases_of(batch) == Basis.BASELINE), numerical[:, _STATUS_SURPRISAL], 0.0),
        np.where(refusal, batch.column("own_status_surprisal"), 0.0),
        np.where(novelty, surprisal, 0.0),
        np.where(novelty, age, 0.0),
        np.where(failure | refusal, 0.0, numerical[:, _WORDS]),
        np.where(known & ~failure, numerical[:, _RARITY], 0.0),
        np.where(known & ~failure, surprisal, 0.0),
        numerical[:, _TRANSITION_SURPRISAL],
        numerical[:, _BURST],
        batch.aggregates[:, _RATE],
        np.where(by_baseline, np.log1p(batch.column("timed_out")), 0.0),
        np.where(by_baseline, np.log1p(batch.column("repeated")), 0.0),
    )
    ramps = np.stack(columns, axis=1)[:, _RAMP_OF]
    return np.concatenate(
        (logits[:, None], np.stack(flags, axis=1), np.minimum(np.maximum(ramps - _KNOTS, 0.0), _LENGTHS)), axis=1
    )
