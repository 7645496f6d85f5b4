"""Scores of a stream, each event computed once, and what a score owes to each input."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import schema
from core.device import torch_threads
from core.inputs import EventFeatures, Features, InputEncoder, Inputs
from core.model import Transformer

CONTEXT: Final = len(schema.FEATURE_NAMES)
"""Column of `StreamScores.drops` after those of the features."""

_ROWS_AT_ONCE: Final = 48
"""Events explained together, with 38 variants each: bounds memory."""


class StreamScores(NamedTuple):
    """Scores of N events, and for K of them what they owe to each input."""

    scores: NDArray[np.float32]
    """[N] 0 to 1, high = anomalous."""
    explained: NDArray[np.int64]
    """[K] rows."""
    drops: NDArray[np.float32]
    """[K, 38] how far the logit falls when one feature alone is set to its usual value (in the order of
    `schema.FEATURE_NAMES`), and in column `CONTEXT` when the event attends to itself only."""


class StreamScorer:
    """The state of one stream; made by `AnomalyPredictor.stream`."""

    def __init__(
        self, model: Transformer, encoder: InputEncoder, usual: NDArray[np.float32], *, threads: int, at_once: int
    ) -> None:
        """Begin with no past. `usual` [37] is in native units; `at_once` events at most pass the network together."""
        self._model = model
        self._encoder = encoder
        self._usual = _usual_inputs(usual, encoder)
        self._threads = threads
        self._at_once = at_once
        self._cache = model.empty_cache()

    def reset(self) -> None:
        """Forget every event."""
        self._cache = self._model.empty_cache()

    def score(self, batch: Features, explain_from: float | None = None) -> StreamScores:
        """Score the next N events, however many the batch has; explain those that score `explain_from` or more.

        Raises ValueError for shapes or values that cannot be, before any event is taken.
        """
        scores, explained, drops = [torch.empty(0)], [torch.empty(0, dtype=torch.int64)], [torch.empty(0, CONTEXT + 1)]
        with torch.inference_mode(), torch_threads(self._threads):
            inputs = self._encoder(batch)
            for start in range(0, len(inputs.timestamps), self._at_once):
                part = Inputs(*(tensor[start : start + self._at_once] for tensor in inputs))
                logits, self._cache = self._model.step(*part, self._cache)
                scores.append(torch.sigmoid(logits).cpu())
                if explain_from is not None:
                    rows = torch.nonzero(scores[-1] >= explain_from)[:, 0]
                    explained.append(rows + start)
                    drops.extend(self._drops(part, some, logits) for some in torch.split(rows, _ROWS_AT_ONCE))
            self._cache = self._cache.last()
        return StreamScores(torch.cat(scores).numpy(), torch.cat(explained).numpy(), torch.cat(drops).numpy())

    def _drops(self, inputs: Inputs, rows: Tensor, logits: Tensor) -> Tensor:
        """Return [K, 38] for rows [K] of the last step, which had these inputs and logits [N]."""
        rows = rows.to(logits.device)
        variants, altered, first = [], [], 0
        for values, usual in zip(inputs[:4], self._usual, strict=True):
            columns = torch.arange(len(usual), device=rows.device)
            own = values[rows]
            variant = own[:, None].repeat(1, CONTEXT + 1, 1)
            variant[:, first + columns, columns] = usual
            variants.append(variant)
            altered.append(own != usual)
            first += len(usual)
        alone = torch.arange(CONTEXT + 1, device=rows.device) == CONTEXT
        numerical, binary, categorical, aggregates = variants
        after = self._model.probe(numerical, binary, categorical, aggregates, rows, self._cache, alone=alone)
        drops = logits[rows, None] - after
        drops[:, :CONTEXT].masked_fill_(~torch.cat(altered, dim=1), 0.0)  # rounding alone is no reason
        return drops.cpu()


def _usual_inputs(usual: NDArray[np.float32], encoder: InputEncoder) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split the usual values [37] into the inputs of one event: scaled [14], [8], codes [6] and [9]."""
    ends = np.cumsum([len(schema.NUMERICAL), len(schema.BINARY), len(schema.CATEGORICAL)])
    numerical, binary, categorical, aggregates = np.split(usual, ends)
    event = EventFeatures(numerical, binary, categorical.astype(np.int64), aggregates, np.zeros(()))
    inputs = encoder(event)
    return inputs.numerical, inputs.binary, inputs.categorical, inputs.aggregates
