"""How the detectors are joined: an additive model of their terms, with weights for each basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from core.decision.basis import Basis, bases_of
from core.decision.terms import TERMS, terms_of
from core.errors import ArtifactError
from core.events import CHANNELS
from core.features.batch import FeatureBatch
from core.support.arrays import Float64, Int64, Mask

TERM_SIGNS: Final = np.array([-1.0 if term.lowers else 1.0 for term in TERMS])
"""[T] -1 for a term that lowers."""

OF_CHANNEL: Final = np.array([[float(term.channel is channel) for channel in CHANNELS] for term in TERMS])
"""[T, 7] which detector a term belongs to."""


class Strengths(NamedTuple):
    """What the model makes of N events."""

    terms: Float64
    """[N, T] what each term adds, in logits; below 0 where it lowers."""
    channels: Float64
    """[N, 7] what each detector adds."""
    combined: Float64
    """[N] the sum, and the bias of the basis."""
    bases: Int64
    """[N] codes of `Basis`."""

    def of(self, rows: Mask) -> Strengths:
        """Return those of some events."""
        terms, channels, combined, bases = self
        return Strengths(terms[rows], channels[rows], combined[rows], bases[rows])


@dataclass(frozen=True, slots=True)
class Combination:
    """The fitted model."""

    weights: Float64
    """[4, T] by basis; at least 0, times the sign of the term."""
    biases: Float64
    """[4] by basis."""

    def strengths(self, batch: FeatureBatch, logits: Float64) -> Strengths:
        """Return what N events add up to; `logits` [N] are those of the network."""
        bases = bases_of(batch)
        terms = terms_of(batch, logits) * self.weights[bases]
        terms[batch.given] = 0.0
        return Strengths(terms, terms @ OF_CHANNEL, terms.sum(axis=1) + self.biases[bases], bases)

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {
            basis.word: {
                "bias": float(self.biases[basis]),
                "weights": {_key(place): round(float(self.weights[basis, place]), 6) for place in range(len(TERMS))},
            }
            for basis in Basis
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Combination:
        """Read what `to_plain` gave. Raises ArtifactError where it does not fit."""
        try:
            parts = [plain[basis.word] for basis in Basis]
            weights = np.array([[float(part["weights"][_key(place)]) for place in range(len(TERMS))] for part in parts])
            biases = np.array([float(part["bias"]) for part in parts])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error
        if not (np.isfinite(weights).all() and np.isfinite(biases).all()) or (weights * TERM_SIGNS < 0).any():
            raise ArtifactError("calibration.json has a weight of the wrong sign: train the model again")
        return cls(weights, biases)


def _key(place: int) -> str:
    """Return the name of a term, with the number of its ramp where it has several."""
    before = sum(term == TERMS[place] for term in TERMS[:place])
    return f"{TERMS[place].channel.value}/{TERMS[place].name}" + (f"/{before + 1}" if before else "")
