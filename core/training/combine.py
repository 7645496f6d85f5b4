"""Fits the combination of the detectors: a logistic model of windows, each by its strongest events.

A window is two minutes of healthy log, or all anomalous events of an incident: what an operator is shown is an episode,
and one event is enough to show it. So the loss of a window is that of its strongest events, found anew after each fit.
The weights of each basis are drawn towards those of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from core.decision.basis import Basis, bases_of
from core.decision.combination import TERM_SIGNS, Combination
from core.decision.terms import TERMS, terms_of
from core.episodes import GAP_SECONDS
from core.events import Channel
from core.support.arrays import Float32, Float64, Int64
from core.training.dataset import Example

_KEPT: Final = 12
"""Events of a healthy window that are looked at: those with the most evidence."""
_KEPT_ANOMALOUS: Final = 40
_STRONGEST: Final = 3
"""Events of a window that share its loss."""
_ROUNDS: Final = 5
_PENALTY: Final = 1e-4
"""Of the squared difference between the weights of a basis and the common ones, a window."""
_PENALTY_COMMON: Final = 1e-5
_PENALTY_EVIDENCE: Final = 1e-2
"""The same for terms of the evidence once they were fitted alone."""
_START_SHARE: Final = 0.25
"""Share of the healthy events that the first fit is made on."""
_COUNT: Final = len(TERMS)
_BASES: Final = len(Basis)


_LINEAR: Final = np.arange(_COUNT) == 0
_LEAST_LINEAR: Final = 0.02
"""Least weight of the logit itself: events of the same evidence keep the order that the network gives them."""
_AWAY: Final = np.array([float(basis is not Basis.BASELINE) for basis in Basis])
_OF_NETWORK: Final = np.array([term.channel is Channel.NETWORK for term in TERMS])


class _Point(NamedTuple):
    weights: Float64
    """[4, T] at least 0."""
    biases: Float64
    """[4]"""


class _Prior(NamedTuple):
    """What is known of the weights before a fit."""

    free: NDArray[np.bool_]
    """[T] which are fitted."""
    expected: Float64
    """[4, T] what the weights are drawn to."""
    penalty: float
    """Of the squared difference to that, a window; for terms of the evidence."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The events of many windows, end to end."""

    terms: Float32
    """[N, T] at least 0, times the sign of the term."""
    bases: Int64
    """[N]"""
    window: Int64
    """[N] rising."""
    anomalous: NDArray[np.bool_]
    """[W]"""

    @classmethod
    def of(cls, examples: Sequence[Example], logits: Sequence[Float64]) -> Windows:
        """Cut examples into windows; `logits` of each are those of a network that was not trained on it."""
        draw = np.random.default_rng(0)
        terms, bases, sizes, anomalous = [], [], [], []
        for example, own in zip(examples, logits, strict=True):
            signed = (terms_of(example.batch, own.astype(np.float64)) * TERM_SIGNS).astype(np.float32)
            evidence = np.abs(signed[:, 1:]).sum(axis=1) + 0.3 * np.abs(signed[:, 0]) + 1e-3 * draw.random(len(signed))
            for is_anomalous, rows in _windows(example):
                most = _KEPT_ANOMALOUS if is_anomalous else _KEPT
                kept = rows if len(rows) <= most else rows[np.argsort(-evidence[rows], kind="stable")[:most]]
                terms.append(signed[kept])
                bases.append(bases_of(example.batch)[kept])
                sizes.append(len(kept))
                anomalous.append(is_anomalous)
        window = np.repeat(np.arange(len(sizes)), sizes)
        return cls(np.concatenate(terms), np.concatenate(bases), window, np.array(anomalous))


def fit_combination(windows: Windows) -> Combination:
    """Fit the weights of the terms; deterministic.

    The terms of the evidence come first, then the network is joined to them. Where the baseline of the own deployment
    is not the basis, the evidence keeps the weights that it had: what a network has learned of one deployment holds on
    another one less than the evidence does.
    """
    point = _Point(np.zeros((_BASES, _COUNT)), np.full(_BASES, -4.0))
    rows, shares = _start(windows)
    for _ in range(_ROUNDS):
        point = _minimised(windows, rows, shares, point, _Prior(~_OF_NETWORK, point.weights, 0.0))
        rows, shares = _strongest(windows, *point)
    prior = _Prior(np.ones(_COUNT, np.bool_), point.weights, _PENALTY_EVIDENCE)
    for _ in range(_ROUNDS):
        point = _minimised(windows, rows, shares, point, prior)
        rows, shares = _strongest(windows, *point)
    return Combination(point.weights * TERM_SIGNS, point.biases)


def _windows(example: Example) -> list[tuple[bool, Int64]]:
    found: list[tuple[bool, Int64]] = []
    anomalous, normal = np.flatnonzero(example.targets == 1), np.flatnonzero(example.targets == 0)
    if len(anomalous):
        found.append((True, anomalous))
    if len(normal):
        at = example.batch.timestamps[normal]
        cuts = np.flatnonzero(np.diff((at - at[0]) // GAP_SECONDS)) + 1
        found += [(False, part) for part in np.split(normal, cuts)]
    return found


def _start(windows: Windows) -> tuple[Int64, Float64]:
    """Return the events of the first fit, and the share of each in its window."""
    anomalous = windows.anomalous[windows.window]
    rows = np.flatnonzero(anomalous | (np.random.default_rng(0).random(len(anomalous)) < _START_SHARE))
    held = np.bincount(windows.window[rows], minlength=len(windows.anomalous))
    return rows, 1.0 / held[windows.window[rows]]


def _strongest(windows: Windows, weights: Float64, biases: Float64) -> tuple[Int64, Float64]:
    strengths = np.einsum("nt,nt->n", windows.terms, weights[windows.bases].astype(np.float32)) + biases[windows.bases]
    order = np.lexsort((-strengths, windows.window))
    first = np.flatnonzero(np.diff(windows.window[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    rows = order[rank < _STRONGEST]
    window = windows.window[rows]
    peak = np.full(len(windows.anomalous), -np.inf)
    np.maximum.at(peak, window, strengths[rows])
    shares = np.exp(strengths[rows] - peak[window])
    return rows, shares / np.bincount(window, shares, minlength=len(peak))[window]


def _minimised(windows: Windows, rows: Int64, shares: Float64, start: _Point, prior: _Prior) -> _Point:
    """Fit the weights of the free terms, and the biases; the other weights stay as they are."""
    free, expected = prior.free, prior.expected[:, prior.free]
    anomalous = windows.anomalous[windows.window[rows]]
    signs = np.where(anomalous, 1.0, -1.0)
    parts = []
    for basis in range(_BASES):
        part = np.flatnonzero(windows.bases[rows] == basis)
        terms = windows.terms[rows[part]].astype(np.float64)
        fixed = terms[:, ~free] @ start.weights[basis, ~free]
        parts.append((terms[:, free], fixed, signs[part], shares[part]))
    count = int(free.sum())
    drawn, ridge = _PENALTY * len(windows.anomalous), _PENALTY_COMMON * len(windows.anomalous)
    anchor = np.where(_OF_NETWORK[free], 0.0, prior.penalty) * len(windows.anomalous) * _AWAY[:, None]

    def loss(point: Float64) -> tuple[float, Float64]:
        common, own = point[:count], point[count:-_BASES].reshape(_BASES, count)
        apart = own - common
        moved = own - expected
        total = drawn * (apart**2).sum() + ridge * (common**2).sum() + (anchor * moved**2).sum()
        slopes, steps = 2 * drawn * apart + 2 * anchor * moved, np.zeros(_BASES)
        for basis, (terms, fixed, sign, weight) in enumerate(parts):
            margin = sign * (terms @ own[basis] + fixed + point[-_BASES + basis])
            total += (weight * np.logaddexp(0.0, -margin)).sum()
            pull = -weight * sign / (1.0 + np.exp(np.clip(margin, -60.0, 60.0)))
            slopes[basis] += pull @ terms
            steps[basis] = pull.sum()
        common_slope = 2 * ridge * common - 2 * drawn * apart.sum(axis=0)
        return float(total), np.concatenate((common_slope, slopes.ravel(), steps))

    # What lowers is at most 0 already in `terms`, so that no weight is under 0.
    least = np.where(_LINEAR[free], _LEAST_LINEAR, 0.0).tolist()
    bounds = [(low, None) for low in least * (1 + _BASES)] + [(None, None)] * _BASES
    begin = start.weights[:, free]
    point = np.concatenate((begin.mean(axis=0), begin.ravel(), start.biases))
    found = minimize(loss, point, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    weights = start.weights.copy()
    weights[:, free] = found[count:-_BASES].reshape(_BASES, count)
    return _Point(weights, found[-_BASES:])
