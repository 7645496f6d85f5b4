"""Seeded draws, the same on every machine and Python version.

Only `random()`, `gauss()` and `getrandbits()` of the standard generator are used: their sequences are kept between
versions, while those of numpy's distributions and of `choice` are not promised.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import TypeVar

_T = TypeVar("_T")


class Chance:
    """A stream of draws that depends only on its path of names and numbers."""

    def __init__(self, *path: str | int) -> None:
        self._path = path
        seed = int.from_bytes(sha256("/".join(map(str, path)).encode()).digest()[:8], "big")
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def branch(self, *path: str | int) -> Chance:
        """Return an independent stream named after this one; drawing from it does not advance this one."""
        return Chance(*self._path, *path)

    def share(self) -> float:
        """Return a number from 0 to below 1."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return probability >= 1.0 or self._random.random() < probability

    def uniform(self, low: float, high: float) -> float:
        """Return a number between the two."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int((high - low + 1) * self._random.random())

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a positive number around `median`; `sigma` is the spread of its logarithm."""
        return median * math.exp(self._random.gauss(0.0, sigma))

    def exponential(self, mean: float) -> float:
        """Return the wait for the next of independent events that come every `mean` on average."""
        return -mean * math.log(1.0 - self._random.random())

    def pick(self, items: Sequence[_T]) -> _T:
        """Return one of the items."""
        return items[int(len(items) * self._random.random())]

    def weighted(self, items: Sequence[_T], weights: Sequence[float]) -> _T:
        """Return one of the items, each as often as its weight says."""
        sums = list(accumulate(weights))
        mark = self._random.random() * sums[-1]
        return next(item for item, reach in zip(items, sums, strict=True) if mark < reach)

    def sample(self, items: Sequence[_T], count: int) -> list[_T]:
        """Return `count` different items (all of them when there are fewer), in drawn order."""
        rest = list(items)
        return [rest.pop(self.whole(0, len(rest) - 1)) for _ in range(min(count, len(rest)))]

    def hexadecimal(self, digits: int) -> str:
        """Return this many hexadecimal digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def uuid(self) -> str:
        """Return a random (version 4) UUID."""
        text = self.hexadecimal(32)
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"
