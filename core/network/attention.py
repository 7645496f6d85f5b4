"""Which events an event attends to, and their positions: the geometry of streaming attention.

Event i attends to event j iff 0 <= i - j < 50 and t_i - t_j <= 300 s. Queries are taken in blocks, each of which looks
at its own events and those that its first one can see.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import schema

REACH: Final = schema.SEQUENCE_LENGTH - 1
"""Events before its own that an event can attend to."""

BLOCK: Final = 32
"""Queries of one attention block; it looks at BLOCK + REACH keys.

Blocks begin at multiples of BLOCK of the stream, however it is cut into batches, so that sums are always taken in the
same order: scores then are the same to the last bit.
"""

CARRY: Final = REACH + BLOCK - 1
"""Events that a stream has to keep: those that the first event of the open block can attend to, and the block."""

PERIOD: Final = 2048
"""Positions after which every rotation repeats: a stream is endless, the precision of float32 is not."""


class Cache(NamedTuple):
    """Keys and values of the events of a stream, oldest first; of P only the last `CARRY` are read."""

    keys: tuple[Tensor, ...]
    """[P, width] per layer, rotated by their positions."""
    values: tuple[Tensor, ...]
    """[P, width] per layer."""
    timestamps: Tensor
    """[P] seconds, float64 on the CPU; -inf where there was no event yet."""
    position: int
    """Of the next event, modulo PERIOD."""

    def last(self) -> Cache:
        """Return a copy of the last `CARRY` events alone, so that a long batch is not kept alive."""
        return Cache(
            tuple(keys[-CARRY:].clone() for keys in self.keys),
            tuple(values[-CARRY:].clone() for values in self.values),
            self.timestamps[-CARRY:].clone(),
            self.position,
        )


def rotations(depth: int) -> Tensor:
    """Return cosines and sines [2, 2 * PERIOD, 1, depth]; frequencies are whole numbers of turns in a period."""
    turns = torch.from_numpy(np.geomspace(PERIOD / (2 * math.pi), 2, depth // 2)).round()
    angles = torch.outer(torch.arange(PERIOD, dtype=torch.float64), turns)[:, None] * (2 * math.pi / PERIOD)
    cosine, sine = angles.cos(), angles.sin()
    period = torch.stack((torch.cat((cosine, cosine), dim=-1), torch.cat((-sine, sine), dim=-1))).float()
    return period.repeat(1, 2, 1, 1)


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Rotate x [..., P, heads, depth] by the angles of its P positions: products then depend on distances only.

    Halves of the depth are the two coordinates, so that swapping them is one operation.
    """
    cosine, sine = rotation
    return torch.addcmul(x * cosine, x.roll(x.shape[-1] // 2, dims=-1), sine)


def windows(x: Tensor) -> Tensor:
    """Split [B, P, heads, depth] into the keys of each block: [B * blocks, heads, REACH + BLOCK, depth]."""
    return x.unfold(1, REACH + BLOCK, BLOCK).flatten(0, 1).transpose(-1, -2)


def attention_bias(clock: Tensor) -> Tensor:
    """Return 0 where event i attends to event j and -inf elsewhere: [B * blocks, 1, BLOCK, REACH + BLOCK] float32.

    The subtraction is done in float64 where the clock is: seconds since 1970 have no fraction left in float32.
    """
    keys = clock.unfold(1, REACH + BLOCK, BLOCK).flatten(0, 1)
    too_old = keys[:, REACH:, None] - keys[:, None, :] > schema.WINDOW_SECONDS
    return torch.where(too_old, -torch.inf, _band(clock.device))[:, None]


@cache
def _band(device: torch.device) -> Tensor:
    """Return 0 where an event of a block can see a place, whatever the times, else -inf: [BLOCK, REACH + BLOCK]."""
    with torch.inference_mode(mode=False):  # made while scoring, it has to serve training too
        places = torch.arange(REACH + BLOCK)
        distance = places[REACH:, None] - places
        return torch.zeros(distance.shape).masked_fill((distance < 0) | (distance > REACH), -torch.inf).to(device)
