"""Fit the network: weighted cross-entropy over chunks of streams, seeded and resumable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import cos, pi
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that every PyTorch user knows)
from numpy.typing import NDArray
from torch import Tensor

from core import schema
from core.network.attention import REACH
from core.network.inputs import scale_numerical
from core.network.model import ModelConfig, Transformer
from core.support import files
from core.training.dataset import BaselineView, Example

_VIEW_WEIGHTS: Final = {BaselineView.KNOWN: 1.0, BaselineView.OTHER: 0.5, BaselineView.UNKNOWN: 0.5}
"""The known deployment weighs most: a site that has learned its own baseline is one."""
_CHUNK_EVENTS: Final = 96
"""Events of a chunk with a loss; the events before them in their attention window come on top."""
_BATCH: Final = 64
_INFERENCE_EVENTS: Final = 2_048
"""Events of one forward pass."""
_LEVEL_FLAGS: Final = [schema.BINARY_NAMES.index(name) for name in ("severe", "warning")]
_LEVEL_COLUMN: Final = schema.CATEGORICAL_NAMES.index("level")
_SERVICE_COLUMN: Final = schema.CATEGORICAL_NAMES.index("service")
_LEVEL_SHARES: Final = [schema.AGGREGATE_NAMES.index(name) for name in ("warning_share", "error_share")]


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How to fit; the defaults made the shipped model."""

    epochs: int = 8
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    dropout: float = 0.1
    level_dropout: float = 0.3
    """Share of chunks without levels, so that the network does not depend on them alone."""
    service_dropout: float = 0.1
    """Share of chunks without services."""
    feature_dropout: float = 0.3
    """Share of the inputs, drawn one by one, that are 0 in a chunk: unknown faults resemble known ones in some inputs
    only."""
    positive_weight: float = 4.0
    quiet_share: float = 0.08
    """Share of the chunks without an anomaly that an epoch uses."""
    seed: int = 0
    device: str = "cpu"


@dataclass(slots=True)
class Arrays:
    """All examples end to end, scaled, with the bounds of each."""

    numerical: Tensor
    binary: Tensor
    categorical: Tensor
    aggregates: Tensor
    timestamps: Tensor
    targets: Tensor
    weights: Tensor
    bounds: list[tuple[int, int]]

    @classmethod
    def of(cls, examples: Sequence[Example], mean: NDArray[np.float32], scale: NDArray[np.float32]) -> Arrays:
        """Join examples; numerical inputs are scaled and clipped as in the predictor."""
        ends = np.cumsum([len(example.batch) for example in examples]).tolist()
        weights = np.concatenate([_weights(example) for example in examples])
        numerical = np.concatenate([example.batch.numerical for example in examples])
        return cls(
            torch.from_numpy(scale_numerical(numerical, mean, scale)),
            torch.from_numpy(np.concatenate([example.batch.binary for example in examples])),
            torch.from_numpy(np.concatenate([example.batch.categorical for example in examples])),
            torch.from_numpy(np.concatenate([example.batch.aggregates for example in examples])),
            torch.from_numpy(np.concatenate([example.batch.timestamps for example in examples])),
            torch.from_numpy(np.concatenate([example.targets for example in examples])),
            torch.from_numpy(weights),
            list(zip([0, *ends[:-1]], ends, strict=True)),
        )


def _weights(example: Example) -> NDArray[np.float32]:
    """Weights of events: the anomalies of one stream share a weight proportional to the root of their number.

    Otherwise a failing request that logs a hundred errors would count a hundred times as much as a silent one.
    """
    positive = example.targets == 1
    count = int(positive.sum())
    weights = np.ones(len(positive), np.float32)
    if count:
        weights[positive] = 8.0 / count**0.5
    return weights * np.float32(_VIEW_WEIGHTS[example.view])


def chunks(bounds: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Split streams into chunks: rows of (first event of the context, first with a loss, end)."""
    rows = [
        (max(begin, start - REACH), start, min(start + _CHUNK_EVENTS, end))
        for begin, end in bounds
        for start in range(begin, end, _CHUNK_EVENTS)
    ]
    return np.array(rows, np.int64)


@dataclass(slots=True)
class LossCurve:
    """Losses of each epoch."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)


def fit_network(
    train: Arrays,
    validation: Arrays,
    options: FitOptions,
    *,
    progress: Callable[[str, int, int], None],
    checkpoint: Path | None = None,
) -> tuple[Transformer, LossCurve]:
    """Fit a network. With `checkpoint`, every epoch is saved there and an interrupted fit continues from it."""
    torch.manual_seed(options.seed)
    draw = np.random.default_rng(options.seed)
    device = torch.device(options.device)
    model = Transformer(ModelConfig(dropout=options.dropout)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    table = chunks(train.bounds)
    anomalous = np.array([bool((train.targets[start:end] == 1).any()) for _, start, end in table])
    learned = np.array([bool((train.targets[start:end] >= 0).any()) for _, start, end in table])
    anomalous_chunks, quiet = table[anomalous], table[learned & ~anomalous]
    per_epoch = len(anomalous_chunks) + int(options.quiet_share * len(quiet))
    steps = -(-per_epoch // _BATCH) * options.epochs
    warm_up = max(1, min(100, steps // 5))
    curve, first = _resume(checkpoint, model, optimizer, draw)
    step = first * -(-per_epoch // _BATCH)
    for epoch in range(first, options.epochs):
        model.train()
        rows = np.concatenate(
            (anomalous_chunks, quiet[draw.permutation(len(quiet))[: per_epoch - len(anomalous_chunks)]])
        )
        rows = rows[draw.permutation(len(rows))]
        total, parts = 0.0, 0
        for begin in range(0, len(rows), _BATCH):
            rate = min(1.0, (step + 1) / warm_up) * 0.5 * (1 + cos(pi * step / steps))
            for group in optimizer.param_groups:
                group["lr"] = options.learning_rate * max(rate, 0.01)
            loss = _loss(model, train, rows[begin : begin + _BATCH], options, draw, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total, parts, step = total + loss.item(), parts + 1, step + 1
            progress(f"epoch {epoch + 1} of {options.epochs}, loss {total / parts:.4f}", step, steps)
        curve.loss.append(total / max(parts, 1))
        curve.validation_loss.append(_validation_loss(model, validation, options, device))
        if checkpoint is not None:
            _save(checkpoint, model, optimizer, curve, draw)
    return model.eval(), curve


def _loss(
    model: Transformer,
    arrays: Arrays,
    rows: NDArray[np.int64],
    options: FitOptions,
    draw: np.random.Generator | None,
    device: torch.device,
) -> Tensor:
    inputs, targets, weights = _gather(arrays, rows)
    numerical, binary, categorical, aggregates, timestamps, lengths = inputs
    if draw is not None:
        without_level = torch.from_numpy(draw.random(len(rows)) < options.level_dropout)
        binary = binary.masked_fill(without_level[:, None, None] & _column_mask(binary, _LEVEL_FLAGS), 0.0)
        aggregates = aggregates.masked_fill(without_level[:, None, None] & _column_mask(aggregates, _LEVEL_SHARES), 0.0)
        categorical[without_level, :, _LEVEL_COLUMN] = 0
        without_service = torch.from_numpy(draw.random(len(rows)) < options.service_dropout)
        categorical[without_service, :, _SERVICE_COLUMN] = 0
        if options.feature_dropout:  # otherwise nothing is drawn: the seed of the shipped model reproduces it
            numerical, binary, categorical, aggregates = (
                _drop_inputs(part, options.feature_dropout, draw)
                for part in (numerical, binary, categorical, aggregates)
            )
    logits = model(
        numerical.to(device),
        binary.to(device),
        categorical.to(device),
        aggregates.to(device),
        timestamps if device.type == "mps" else timestamps.to(device),
        lengths,
    )
    learned = (targets >= 0).to(device)
    truth = (targets == 1).float().to(device)
    weight = weights.to(device) * torch.where(truth > 0, options.positive_weight, 1.0) * learned
    losses = F.binary_cross_entropy_with_logits(logits, truth, weight=weight, reduction="sum")
    return losses / learned.sum().clamp(min=1)


def _drop_inputs(inputs: Tensor, share: float, draw: np.random.Generator) -> Tensor:
    """Set a share of the columns of inputs [B, S, columns] to 0, drawn for each chunk."""
    kept = torch.from_numpy(draw.random((len(inputs), 1, inputs.shape[-1])) >= share)
    return inputs * kept


def _column_mask(x: Tensor, columns: list[int]) -> Tensor:
    mask = torch.zeros(x.shape[-1], dtype=torch.bool)
    mask[columns] = True
    return mask


def _gather(arrays: Arrays, rows: NDArray[np.int64]) -> tuple[list[Tensor], Tensor, Tensor]:
    """Batch of chunks, padded at the end; events that are only context have target -1."""
    length = int((rows[:, 2] - rows[:, 0]).max())
    spans = torch.from_numpy(rows[:, 0])[:, None] + torch.arange(length)
    lengths = torch.from_numpy(rows[:, 2] - rows[:, 0])
    spans = spans.clamp(max=len(arrays.targets) - 1)
    inputs = [arrays.numerical, arrays.binary, arrays.categorical, arrays.aggregates, arrays.timestamps]
    gathered = [tensor[spans] for tensor in inputs]
    outside = (torch.arange(length) >= lengths[:, None]) | (
        torch.arange(length) < torch.from_numpy(rows[:, 1] - rows[:, 0])[:, None]
    )
    targets = arrays.targets[spans].masked_fill(outside, -1)
    return [*gathered, lengths], targets, arrays.weights[spans]


def _validation_loss(model: Transformer, arrays: Arrays, options: FitOptions, device: torch.device) -> float:
    model.eval()
    table = chunks(arrays.bounds)
    with torch.inference_mode():
        losses = [
            float(_loss(model, arrays, table[begin : begin + _BATCH], options, None, device))
            for begin in range(0, len(table), _BATCH)
        ]
    return float(np.mean(losses)) if losses else float("nan")


def logits(model: Transformer, arrays: Arrays) -> NDArray[np.float32]:
    """Logits of all events, each stream from a fresh state, [N]."""
    model.eval()
    out = np.empty(len(arrays.targets), np.float32)
    device = model.device
    with torch.inference_mode():
        for begin, end in arrays.bounds:
            for start in range(begin, end, _INFERENCE_EVENTS):
                first, stop = (
                    max(begin, start - 2 * REACH),
                    min(start + _INFERENCE_EVENTS, end),
                )  # two layers of attention reach back twice as far
                part = slice(first, stop)
                found = model(
                    arrays.numerical[None, part].to(device),
                    arrays.binary[None, part].to(device),
                    arrays.categorical[None, part].to(device),
                    arrays.aggregates[None, part].to(device),
                    arrays.timestamps[None, part],
                )
                out[start:stop] = found[0, start - first :].cpu().numpy()
    return out


def _save(
    path: Path, model: Transformer, optimizer: torch.optim.Optimizer, curve: LossCurve, draw: np.random.Generator
) -> None:
    state: dict[str, Any] = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "loss": curve.loss,
        "validation_loss": curve.validation_loss,
        "torch": torch.get_rng_state(),
        "draw": [str(number) for number in _state_of(draw)],
    }
    with files.writing(path) as out:
        torch.save(state, out)


def _resume(
    path: Path | None, model: Transformer, optimizer: torch.optim.Optimizer, draw: np.random.Generator
) -> tuple[LossCurve, int]:
    if path is None or not path.exists():
        return LossCurve(), 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["torch"])
    inner = dict(draw.bit_generator.state)
    inner["state"] = dict(zip(("state", "inc"), map(int, state["draw"]), strict=True))
    draw.bit_generator.state = inner
    return LossCurve(list(state["loss"]), list(state["validation_loss"])), len(state["loss"])


def _state_of(draw: np.random.Generator) -> tuple[int, int]:
    inner = draw.bit_generator.state["state"]
    return inner["state"], inner["inc"]
