"""Fits curves on healthy streams: strength to score, by counting episodes, with an exponential tail above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from core.episodes import GAP_SECONDS, LONG_SECONDS, episode_starts, log_seconds_seen
from core.scale import DECADES_PER_SCORE, LINEAR_BELOW, Curve, episodes_per_hour, score_of_rate
from core.support.arrays import Float64

_LEAST_COUNT: Final = 5
"""Episodes from which a rate is taken as counted; above, the tail goes on."""
_LEAST_HOURS: Final = 1e-3
_KNOTS_PER_DECADE: Final = 6
_SHARE_KNOTS: Final = 24
_APART: Final = 1e-5
"""Least distance of two knots: they are kept with six digits."""
_PRIOR_TAIL: Final = 1.0
"""Strength in which the rate falls by the factor e, where nothing is known of it."""


class Healthy(NamedTuple):
    """The strengths of one healthy stream, from a fresh state."""

    timestamps: Float64
    """[N] seconds."""
    strengths: Float64
    """[N] -inf where the event is not meant."""

    @property
    def hours(self) -> float:
        """Length of the stream; a pause counts for five minutes at most: it may be a gap."""
        return log_seconds_seen(self.timestamps) / 3600.0


@dataclass(frozen=True, slots=True)
class FittedCurve:
    """A curve and what it was counted from."""

    curve: Curve
    hours: float
    counted_to: float
    """Score up to which episodes were counted; above it the tail is extrapolated."""

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {**self.curve.to_plain(), "hours": round(self.hours, 2), "counted_to": round(self.counted_to, 3)}


def fit_curve(streams: Sequence[Healthy]) -> FittedCurve:
    """Fit the curve of one kind of strength on healthy streams.

    The rates of episodes are those of all streams together. Where no event is meant nothing is known: whatever comes is
    taken as rare as one episode in all these hours.
    """
    hours = max(sum(stream.hours for stream in streams), _LEAST_HOURS)
    merged = np.sort(np.concatenate([stream.strengths for stream in streams]))
    meant = merged[np.isfinite(merged)]
    if not len(meant):
        score = float(score_of_rate(np.array(1.0 / max(hours, 1.0))))
        return FittedCurve(
            Curve(np.array([-1.0, 0.0]), np.array([score - 0.1, score]), _tail(_PRIOR_TAIL)), hours, score
        )
    peaks = episode_peaks(streams)
    strengths, scores = _by_count(streams, peaks, hours)
    counted = (strengths, scores)
    tail_at = strengths[-1] if len(strengths) else float(meant[0])
    beyond = peaks[peaks > tail_at] - tail_at
    theta = (beyond.sum() + _PRIOR_TAIL) / (len(beyond) + 1.0)
    low_strengths, low_scores = _by_share(meant, counted)
    curve = _rising(np.concatenate((low_strengths, strengths)), np.concatenate((low_scores, scores)))
    return FittedCurve(Curve(*curve, _tail(float(theta))), hours, float(curve[1][-1]))


def _tail(theta: float) -> float:
    """Return the score per unit of strength where the rate falls by the factor e in `theta`."""
    return float(1.0 / (theta * np.log(10.0) * DECADES_PER_SCORE))


def episode_peaks(streams: Sequence[Healthy]) -> Float64:
    """Return the highest strength of every stretch of two minutes that has one, over all streams."""
    peaks = [np.zeros(0)]
    for stream in streams:
        keep = np.isfinite(stream.strengths)
        if keep.any():
            at, strengths = stream.timestamps[keep], stream.strengths[keep]
            blocks = ((at - at[0]) // GAP_SECONDS).astype(np.int64)
            highest: dict[int, float] = {}
            for block, strength in zip(blocks.tolist(), strengths.tolist(), strict=True):
                highest[block] = max(strength, highest.get(block, -np.inf))
            peaks.append(np.array(list(highest.values())))
    return np.sort(np.concatenate(peaks))


def count_episodes(streams: Sequence[Healthy], strength: float) -> int:
    """Count the episodes of events at least this strong; one that goes on counts again every ten minutes."""
    return sum(_count(stream.timestamps[stream.strengths >= strength]) for stream in streams)


def _count(at: Float64) -> int:
    if not len(at):
        return 0
    first = np.flatnonzero(episode_starts(at))
    last = np.append(first[1:], len(at)) - 1
    return len(first) + int((np.maximum(at[last] - at[first], 0.0) // LONG_SECONDS).sum())


def _by_count(streams: Sequence[Healthy], peaks: Float64, hours: float) -> tuple[Float64, Float64]:
    """Return strengths and scores where episodes can be counted: from score 0.2 to the least count."""
    most = episodes_per_hour(LINEAR_BELOW) * hours
    knots = max(int(np.log10(most / _LEAST_COUNT) * _KNOTS_PER_DECADE), 2) if most > _LEAST_COUNT else 1
    wanted = np.geomspace(most, min(most, _LEAST_COUNT), knots)
    strengths, scores = [], []
    for count in wanted.tolist():
        strength = _strength_of(streams, peaks, count)
        found = count_episodes(streams, strength)
        if found:
            strengths.append(strength)
            scores.append(float(score_of_rate(np.array(found / hours))))
    return np.array(strengths), np.array(scores)


def _strength_of(streams: Sequence[Healthy], peaks: Float64, count: float) -> float:
    """Return the lowest strength from which on no more than so many episodes reach any.

    It is looked for from the highest down: far below, where episodes run together, there are few again.
    """
    high, step = len(peaks) - 1, max(int(count), 1)
    while high > 0 and count_episodes(streams, float(peaks[max(high - step, 0)])) <= count:
        high = max(high - step, 0)
        step += step // 2 + 1
    low = max(high - step, 0)
    while low < high:
        middle = (low + high) // 2
        if count_episodes(streams, float(peaks[middle])) <= count:
            high = middle
        else:
            low = middle + 1
    return float(peaks[low])


def _by_share(meant: Float64, counted: tuple[Float64, Float64]) -> tuple[Float64, Float64]:
    """Return strengths and scores under 0.2: linear in the logarithm of the share of events at least as strong."""
    first, score = (float(each[0]) for each in counted) if len(counted[0]) else (float(meant[-1]), LINEAR_BELOW)
    score = min(score, LINEAR_BELOW)
    below = meant[meant < first]
    if not len(below):
        return np.zeros(0), np.zeros(0)
    events = len(meant)
    least = max((events - len(below)) / events, 1.0 / events)
    shares = np.geomspace(least, 1.0, _SHARE_KNOTS + 1)[1:][::-1]
    places = np.clip(events - np.ceil(shares * events), 0, events - 1).astype(np.int64)
    return meant[places], score * np.log(shares) / np.log(least)


def _rising(strengths: Float64, scores: Float64) -> tuple[Float64, Float64]:
    """Return the knots that rise in both."""
    kept: list[tuple[float, float]] = []
    for strength, score in zip(strengths.tolist(), scores.tolist(), strict=True):
        if not kept or (strength > kept[-1][0] + _APART and score > kept[-1][1] + _APART):
            kept.append((strength, score))
        elif kept and strength <= kept[-1][0] + _APART and score > kept[-1][1]:
            kept[-1] = (kept[-1][0], score)
    if len(kept) == 1:
        kept.insert(0, (kept[0][0] - 1.0, max(kept[0][1] - 0.1, -1.0)))
    return np.array([k[0] for k in kept]), np.array([k[1] for k in kept])
