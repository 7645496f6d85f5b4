"""Metrics of scores: incidents found, false episodes per hour, delay, ranking and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.decision.flagging import flagged_column
from core.episodes import episode_count, log_seconds_seen
from core.support.arrays import Float64
from core.training.corpus import Run

GRID: Final = np.unique(
    np.concatenate((np.linspace(0.0, 1.0, 101), 1 - np.logspace(-4, -2, 9), np.logspace(-4, -2, 9)))
)
"""Thresholds of the curves."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One stream with its scores and labels."""

    name: str
    timestamps: Float64
    scores: Float64
    onset: float | None = None
    """Second at which an incident began; None for a healthy stream."""
    client_failure: float | None = None
    silent: bool = False
    failed: NDArray[np.bool_] | None = None
    """Events that belong to failed requests, where that is known."""
    left_out_seconds: float = 0.0
    """What of its pauses is no time of the stream: where parts were taken out of it, each five minutes at most."""

    @classmethod
    def of_run(cls, run: Run, timestamps: Float64, scores: Float64, failed: NDArray[np.bool_]) -> Outcome:
        """Combine the labels of a run of a corpus with scores; `failed` [N] are the events of requests that failed."""
        if not run.incident:
            return cls(run.file, timestamps, scores)
        return cls(run.file, timestamps, scores, run.trigger, run.client_failure, run.silent, failed)

    @property
    def hours(self) -> float:
        """Length of the stream by its timestamps; a pause counts for five minutes at most: it may be a gap."""
        return max(0.0, log_seconds_seen(self.timestamps) - self.left_out_seconds) / 3600.0

    def episodes(self, threshold: float) -> int:
        """Number of episodes at a threshold."""
        return episode_count(self.timestamps[flagged_column(self.scores, threshold)])

    def best_after_onset(self) -> float:
        """Highest score from the onset on; 0 where nothing was logged after it."""
        after = self.scores[self.timestamps >= (self.onset or 0.0)]
        return float(after.max()) if len(after) else 0.0

    def first_flagged(self, threshold: float) -> float | None:
        """Second of the first event from the onset on that reaches the threshold."""
        hit = (self.timestamps >= (self.onset or 0.0)) & flagged_column(self.scores, threshold)
        return float(self.timestamps[hit][0]) if hit.any() else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The metrics of one contestant at one threshold."""

    incidents: int
    found: int
    silent: int
    silent_found: int
    hours: float
    false_episodes: int
    delay: float
    """Median seconds from the onset to the first flagged event."""
    before_client: int
    """Incidents flagged before the client saw a failure."""
    average_precision: float
    """Of the events of failed requests among all events of their runs after and before the onset; nan if unknown."""

    @property
    def recall(self) -> float:
        """Share of the incidents found."""
        return self.found / self.incidents if self.incidents else float("nan")

    @property
    def false_per_hour(self) -> float:
        """False episodes per hour of healthy log."""
        return self.false_episodes / self.hours if self.hours else float("nan")

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "incidents": self.incidents,
            "found": self.found,
            "recall": self.recall,
            "silent": self.silent,
            "silent_found": self.silent_found,
            "healthy_hours": round(self.hours, 2),
            "false_episodes": self.false_episodes,
            "false_episodes_per_hour": self.false_per_hour,
            "median_delay_seconds": self.delay,
            "before_client": self.before_client,
            "average_precision_failed_requests": self.average_precision,
        }


def summarise(outcomes: Sequence[Outcome], threshold: float) -> Summary:
    """Measure scores at a threshold."""
    incidents = [outcome for outcome in outcomes if outcome.onset is not None]
    healthy = [outcome for outcome in outcomes if outcome.onset is None]
    first = [(outcome, outcome.first_flagged(threshold)) for outcome in incidents]
    found = [(outcome, at) for outcome, at in first if at is not None]
    delays = [at - outcome.onset for outcome, at in found if outcome.onset is not None]
    return Summary(
        incidents=len(incidents),
        found=len(found),
        silent=sum(outcome.silent for outcome in incidents),
        silent_found=sum(outcome.silent for outcome, _ in found),
        hours=sum(outcome.hours for outcome in healthy),
        false_episodes=sum(outcome.episodes(threshold) for outcome in healthy),
        delay=float(np.median(delays)) if delays else float("nan"),
        before_client=sum(outcome.client_failure is not None and at <= outcome.client_failure for outcome, at in found),
        average_precision=failed_request_precision(outcomes),
    )


def average_precision(truth: NDArray[np.bool_], scores: Float64) -> float:
    """Average precision of scores as a ranking; nan where nothing is true."""
    if not truth.any():
        return float("nan")
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 (slow to import)

    return float(average_precision_score(truth, scores))


def failed_request_precision(outcomes: Sequence[Outcome]) -> float:
    """Average precision of the scores as a ranking of the events of failed requests among what came before the onset.

    Over the streams that have such requests; other events after the onset may be anomalous too, and are left out.
    """
    known = [outcome for outcome in outcomes if outcome.failed is not None and outcome.failed.any()]
    truth, scores = [np.zeros(0, np.bool_)], [np.zeros(0)]
    for outcome in known:
        assert outcome.failed is not None
        assert outcome.onset is not None
        before = outcome.timestamps < outcome.onset
        keep = outcome.failed ^ before  # events of a failed request before the onset are normal
        truth.append(outcome.failed[keep])
        scores.append(outcome.scores[keep])
    return average_precision(np.concatenate(truth), np.concatenate(scores))


def bootstrap_rate(outcomes: Sequence[Outcome], threshold: float, draws: int = 1000) -> tuple[float, float]:
    """95 % interval of the false episodes per hour, over resampled healthy streams."""
    healthy = [outcome for outcome in outcomes if outcome.onset is None]
    if not healthy:
        return float("nan"), float("nan")
    false = np.array([outcome.episodes(threshold) for outcome in healthy], np.float64)
    hours = np.array([outcome.hours for outcome in healthy])
    picks = np.random.default_rng(0).integers(0, len(healthy), (draws, len(healthy)))
    rates = false[picks].sum(axis=1) / np.maximum(hours[picks].sum(axis=1), 1e-9)
    low, high = np.quantile(rates, [0.025, 0.975])
    return float(low), float(high)


def threshold_curve(outcomes: Sequence[Outcome], thresholds: Float64 = GRID) -> list[dict[str, float]]:
    """Return false episodes per hour, and recall, at each threshold."""
    best = np.array([outcome.best_after_onset() for outcome in outcomes if outcome.onset is not None])
    healthy = [outcome for outcome in outcomes if outcome.onset is None]
    hours = sum(outcome.hours for outcome in healthy) or float("nan")
    return [
        {
            "threshold": threshold,
            "false_episodes_per_hour": sum(outcome.episodes(threshold) for outcome in healthy) / hours,
            "recall": float((best >= threshold).mean()) if len(best) else float("nan"),
        }
        for threshold in thresholds.tolist()
    ]


def event_figures(truth: NDArray[np.bool_], scores: Float64, threshold: float) -> dict[str, Any]:
    """Count single events: confusion matrix and what follows from it."""
    flagged = flagged_column(scores, threshold)
    tp, fp = int((flagged & truth).sum()), int((flagged & ~truth).sum())
    fn, tn = int((~flagged & truth).sum()), int((~flagged & ~truth).sum())
    return {
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "true_negatives": tn,
        "accuracy": _ratio(tp + tn, len(truth)),
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "average_precision": average_precision(truth, scores),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def precision_recall(truth: NDArray[np.bool_], scores: Float64) -> list[dict[str, float]]:
    """Precision and recall of single events at each threshold of the grid."""
    points = []
    for threshold in GRID:
        flagged = flagged_column(scores, threshold)
        if flagged.any() and truth.any():
            hits = float((flagged & truth).sum())
            points.append(
                {"threshold": float(threshold), "precision": hits / flagged.sum(), "recall": hits / truth.sum()}
            )
    return points
