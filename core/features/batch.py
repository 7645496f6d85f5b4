"""The features of a batch of events as arrays, and how single values get into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.events import State
from core.features.rate import Rate
from core.features.window import SUMS, aggregates
from core.schema import BINARY, BINARY_NAMES, CATEGORICAL, NUMERICAL

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_NEW: Final = BINARY_NAMES.index("new_template")
_LONGEST_GAP: Final = 300.0
"""Seconds from which one gap is as long as another."""
_GAPS: Final = 4
"""Numerical features that are gaps: the first ones, that of the stream before those of its chains."""


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """Features of N events in stream order, in native units (nothing scaled), and what the reasons need of them."""

    numerical: Float32
    """[N, 14]"""
    binary: Float32
    """[N, 8]"""
    categorical: NDArray[np.int64]
    """[N, 6], 0 = unknown"""
    aggregates: Float32
    """[N, 9]"""
    timestamps: Float64
    """[N] seconds"""
    states: tuple[State, ...]
    home: NDArray[np.bool_]
    """[N] whether the baseline knows what is usual in the event's service."""
    variant: NDArray[np.bool_]
    """[N] whether the event's template is new in its details alone."""
    known: NDArray[np.bool_]
    """[N] whether the baseline has the event's template."""
    measured: dict[int, dict[str, tuple[float, float]]]
    """Row -> feature -> (value, usual) in the log's own units, for rows where a quantity stands out."""
    previous: tuple[int | None, ...]
    """[N] template before each event in its chain (see `core.baseline.Link`)."""

    def __len__(self) -> int:
        return len(self.states)

    def with_given(self, given: Mapping[int, Sequence[float]]) -> FeatureBatch:
        """The same with these features, in the order of `FEATURE_NAMES`, for some rows: as whoever made them says."""
        rows, values = list(given), np.array(list(given.values()), np.float64)
        bounds = np.cumsum((len(NUMERICAL), len(BINARY), len(CATEGORICAL)))
        numerical, binary, categorical, aggregated = np.split(values, bounds, axis=1)
        batch = replace(
            self,
            numerical=self.numerical.copy(),
            binary=self.binary.copy(),
            categorical=self.categorical.copy(),
            aggregates=self.aggregates.copy(),
            states=tuple(State.SCORED if row in given else state for row, state in enumerate(self.states)),
            home=self.home.copy(),
            variant=self.variant.copy(),
            known=self.known.copy(),
            measured={row: notes for row, notes in self.measured.items() if row not in given},
        )
        batch.numerical[rows], batch.binary[rows], batch.categorical[rows] = numerical, binary, categorical
        batch.aggregates[rows] = aggregated
        batch.home[rows], batch.variant[rows] = True, False
        batch.known[rows] = binary[:, _NEW] == 0
        return batch


_MARKS: Final = ("home", "variant", "known", "judged")
_FIELDS: Final = (
    ("numbers", "d", len(NUMERICAL) - 1),
    ("sums", "d", SUMS),
    ("flags", "?", len(BINARY) + len(_MARKS)),
    ("codes", "B", len(CATEGORICAL)),
)

pack_row: Final = Struct("=" + "".join(f"{count}{kind}" for _, kind, count in _FIELDS)).pack
"""Pack what one event has of its own: the numerical features but the first, gaps in seconds (nan: 0); the sums of its
window; the binary features, then what `_MARKS` names; the codes."""

_ROW: Final = np.dtype([(name, kind, (count,)) for name, kind, count in _FIELDS])


class Rows:
    """Rows of features as they are made, each with `pack_row`."""

    __slots__ = ("measured", "packed", "previous")

    def __init__(self) -> None:
        self.packed: list[bytes] = []
        self.measured: dict[int, dict[str, tuple[float, float]]] = {}
        self.previous: list[int | None] = []

    def batch(self, at: Float64, stream_gaps: Float64, rates: Iterable[tuple[slice, Rate]]) -> FeatureBatch:
        """All rows as arrays, for events at seconds [N] that came so many seconds [N] after those before them.

        `rates` are what measures the rate of each stretch of the rows.
        """
        rows = np.frombuffer(b"".join(self.packed), _ROW)
        numbers, sums, flags = rows["numbers"], rows["sums"], rows["flags"]
        gaps = np.column_stack((stream_gaps, numbers[:, : _GAPS - 1]))
        ratios = [np.empty(0), *(rate.ratios(at[stretch], sums[stretch, 0]) for stretch, rate in rates)]
        home, variant, known, judged = flags[:, len(BINARY) :].T.copy()
        return FeatureBatch(
            np.column_stack((_log(gaps), numbers[:, _GAPS - 1 :])).astype(np.float32),
            flags[:, : len(BINARY)].astype(np.float32),
            rows["codes"].astype(np.int64),
            aggregates(sums, np.concatenate(ratios)).astype(np.float32),
            at,
            tuple(State.SCORED if each else State.WARMING_UP for each in judged.tolist()),
            home,
            variant,
            known,
            self.measured,
            tuple(self.previous),
        )


def _codes(vocabulary: str) -> dict[str, int]:
    return {name: code for code, name in enumerate(CATEGORICAL[vocabulary])}


_SERVICES: Final = _codes("service")
LEVELS: Final = _codes("level")
METHODS: Final = _codes("method")
KINDS: Final = _codes("kind")
STATUSES: Final = {
    status: _codes("status")["404" if status == 404 else f"{status // 100}xx"] for status in range(100, 600)
}
"""Codes of what an event names; 0 where the vocabulary does not have it."""


def service_code(name: str) -> int:
    """Code of a service: its own, else that of its family, else of `other`."""
    if not name or name in _SERVICES:
        return _SERVICES.get(name, 0)
    family = name.partition("-")[0]
    return _SERVICES.get(family) or _SERVICES.get(f"{family}-other") or _SERVICES["other"]


def _log(gaps: Float64) -> Float64:
    """Return log1p of gaps in seconds, 0 where there is none."""
    return np.log1p(np.where(gaps > 0.0, np.minimum(gaps, _LONGEST_GAP), 0.0))
