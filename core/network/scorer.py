"""Scores of a stream, each event computed once, explained by occlusion of inputs."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core import schema
from core.network.device import torch_threads
from core.network.inputs import EventFeatures, FeatureArrays, InputEncoder, Inputs
from core.network.model import Transformer

_MAX_PROBES: Final = 1024
"""Altered events that are scored together: bounds memory."""


class StreamScores(NamedTuple):
    """Logits of N events, and for K of them the logit drops of G feature groups."""

    logits: NDArray[np.float32]
    """[N] high = anomalous."""
    explained: NDArray[np.int64]
    """[K] rows."""
    logit_drops: NDArray[np.float32]
    """[K, G] how far the logit falls when the inputs of one feature group are set to their usual values."""


def single_feature_groups() -> NDArray[np.bool_]:
    """Return [38, 37]: each input alone, in the order of `schema.FEATURE_NAMES`, then the context."""
    return np.eye(len(schema.FEATURE_NAMES) + 1, len(schema.FEATURE_NAMES), dtype=np.bool_)


class StreamScorer:
    """The state of one stream; made by `AnomalyPredictor.stream`."""

    def __init__(
        self,
        model: Transformer,
        encoder: InputEncoder,
        usual: NDArray[np.float32],
        feature_groups: NDArray[np.bool_],
        *,
        threads: int,
        at_once: int,
    ) -> None:
        """Start without past events.

        `usual` [37] is in native units. `feature_groups` [G, 37] are the inputs that are set to usual values together
        to explain a score; a group without inputs stands for the context: the event then attends to itself only.
        At most `at_once` events pass the network together.
        """
        self._model = model
        self._encoder = encoder
        self._usual = _usual_inputs(usual, encoder)
        self._feature_groups = torch.from_numpy(feature_groups).to(model.device)
        self._threads = threads
        self._at_once = at_once
        self._cache = model.empty_cache()

    def reset(self) -> None:
        """Forget every event."""
        self._cache = self._model.empty_cache()

    def score(self, batch: FeatureArrays, explain_from: float | None = None) -> StreamScores:
        """Score the next N events, however many the batch has; explain those whose logit is `explain_from` or more.

        Raises ValueError for invalid shapes or values, before the state changes.
        """
        found, explained = [torch.empty(0)], [torch.empty(0, dtype=torch.int64)]
        drops = [torch.empty(0, len(self._feature_groups))]
        rows_at_once = max(1, _MAX_PROBES // len(self._feature_groups))
        with torch.inference_mode(), torch_threads(self._threads, len(batch.timestamps)):
            inputs = self._encoder(batch)
            for start in range(0, len(inputs.timestamps), self._at_once):
                part = Inputs(*(tensor[start : start + self._at_once] for tensor in inputs))
                logits, self._cache = self._model.step(*part, self._cache)
                found.append(logits.cpu().float())
                if explain_from is not None:
                    rows = torch.nonzero(found[-1] >= explain_from)[:, 0]
                    explained.append(rows + start)
                    some_at_once = torch.split(rows, rows_at_once) if len(rows) else ()
                    drops.extend(self._drops(part, some, logits) for some in some_at_once)
            self._cache = self._cache.last()
        return StreamScores(torch.cat(found).numpy(), torch.cat(explained).numpy(), torch.cat(drops).numpy())

    def _drops(self, inputs: Inputs, rows: Tensor, logits: Tensor) -> Tensor:
        """Return [K, G] for rows [K] of the last step, which had these inputs and logits [N]."""
        rows = rows.to(logits.device)
        own = [values[rows] for values in inputs[:4]]
        unusual = torch.cat([one != usual for one, usual in zip(own, self._usual, strict=True)], dim=1)
        alone = ~self._feature_groups.any(dim=1)
        altered = (unusual[:, None] & self._feature_groups).any(dim=-1) | alone
        # A feature group whose inputs all have usual values needs no probe: the others come first.
        probes = max(1, int(altered.sum(dim=1).max()))
        probed = altered.to(torch.uint8).argsort(dim=1, descending=True, stable=True)[:, :probes]
        among = torch.split(self._feature_groups[probed], [len(usual) for usual in self._usual], dim=-1)
        numerical, binary, categorical, aggregates = map(
            torch.where, among, self._usual, (values[:, None] for values in own)
        )
        after = self._model.probe(numerical, binary, categorical, aggregates, rows, self._cache, alone=alone[probed])
        drops = (logits[rows, None] - after).masked_fill(
            ~altered.gather(1, probed), 0.0
        )  # a difference by rounding alone is not a drop
        return torch.zeros(altered.shape, device=drops.device).scatter(1, probed, drops).cpu()


def _usual_inputs(usual: NDArray[np.float32], encoder: InputEncoder) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split the usual values [37] into the inputs of one event: scaled [14], [8], codes [6] and [9]."""
    ends = np.cumsum([len(schema.NUMERICAL), len(schema.BINARY), len(schema.CATEGORICAL)])
    numerical, binary, categorical, aggregates = np.split(usual, ends)
    event = EventFeatures(numerical, binary, categorical.astype(np.int64), aggregates, np.zeros(()))
    inputs = encoder(event)
    return inputs.numerical, inputs.binary, inputs.categorical, inputs.aggregates
