"""The features of a batch of events as arrays, and the records of the feature groups that they were made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from struct import Struct
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.events import State
from core.features.burst import Burst
from core.features.clock import Times
from core.features.failures import Failures
from core.features.quantities import Quantities
from core.features.rate import Rate
from core.features.record import RecordColumns
from core.features.reference import Reference
from core.features.service import ServiceFit
from core.features.slow import Slowness
from core.features.template import Novelty
from core.features.timeouts import Timeouts
from core.features.transition import TransitionEvidence
from core.features.window import Aggregates, Window, WindowInputs
from core.support.arrays import Float32, Float64
from core.templates import MessageFacts

Column = NDArray[Any]

PACKED: Final = (ServiceFit, Novelty, Burst, Quantities, Slowness, Timeouts, Failures, TransitionEvidence)
"""What the feature groups say of one event at a time, in the order in which it is packed."""

_Record = TypeVar("_Record", bound=NamedTuple)


@cache
def _fields(record: type) -> dict[str, type]:
    """Return name and type of each field of a record."""
    return get_type_hints(record)


_TYPES: Final = {name: kind for record in PACKED for name, kind in _fields(record).items()}
_PLACES: Final = {name: place for place, name in enumerate(_TYPES) if name != "previous"}
_PACKED_EVIDENCE: Final = tuple(name for name in _TYPES if name not in {*schema.FEATURE_NAMES, "previous"})
_RECORD_EVIDENCE: Final = ("reports_failure", "http_status")
_EVIDENCE: Final = _PACKED_EVIDENCE + _RECORD_EVIDENCE
"""Fields that are no input of the network: of the packed records, then of the columns that are read at once."""
_EVIDENCE_PLACES: Final = [_PLACES[name] for name in _PACKED_EVIDENCE]

pack_row: Final = Struct(f"={len(_TYPES) - 1}dq").pack
"""Pack the records of one event, one after the other; the last field is `previous`, a hash that no float can hold."""

_ROW: Final = np.dtype([("values", "d", (len(_TYPES) - 1,)), ("previous", "q")])

_STREAM_GAP: Final = schema.NUMERICAL_NAMES.index("stream_gap")
_NUMERICAL_TO: Final = [place for place, name in enumerate(schema.NUMERICAL_NAMES) if name in _PLACES]
_NUMERICAL_FROM: Final = [_PLACES[schema.NUMERICAL_NAMES[place]] for place in _NUMERICAL_TO]
_LOG_SECONDS: Final = [place for place, feature in enumerate(schema.NUMERICAL) if feature.unit == "log1p s"]
"""Columns that come as seconds."""
_OVERDUE: Final = schema.AGGREGATE_NAMES.index("overdue_requests")
_RATE, *_WINDOW = (schema.AGGREGATE_NAMES.index(name) for name in Aggregates._fields)
_LOW, _HIGH = np.array([(feature.low, feature.high) for feature in schema.NUMERICAL]).T
_AGGREGATES_LOW, _AGGREGATES_HIGH = np.array([(feature.low, feature.high) for feature in schema.AGGREGATES]).T
_NO_EVIDENCE: Final = np.array([
    np.nan if _TYPES.get(name) is float or name == "reports_failure" else 0.0 for name in _EVIDENCE
])  # fmt: skip
"""Evidence of an event that no feature group has seen."""


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """Features of N events in stream order, in native units (nothing scaled), and the evidence beside them."""

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
    previous: NDArray[np.int64]
    """[N] template before each event in its chain; `NO_PREVIOUS` where there is none."""
    evidence: Float64
    """[N, fields] what the feature groups say beyond the inputs of the network; `column` and `record` read it."""

    def __len__(self) -> int:
        return len(self.states)

    def column(self, name: str) -> Float64:
        """Return a field of a record that is no input of the network, [N]; flags and codes as numbers."""
        column: Float64 = self.evidence[:, _EVIDENCE.index(name)]
        return column

    @property
    def given(self) -> NDArray[np.bool_]:
        """[N] whether the features of the event came with it: no feature group has evidence of it."""
        found: NDArray[np.bool_] = np.isnan(self.column("reports_failure"))
        return found

    @property
    def by_baseline(self) -> NDArray[np.bool_]:
        """[N] whether the baseline is the reference of the event: it knows the service."""
        found: NDArray[np.bool_] = self.column("reference") == Reference.BASELINE
        return found

    def record(self, kind: type[_Record], row: int) -> _Record:
        """Return what one feature group says of an event; its inputs of the network as the network has them."""
        return kind(*(kind_of(self._value(name, row)) for name, kind_of in _fields(kind).items()))

    def _value(self, name: str, row: int) -> Any:
        for values, names in (
            (self.numerical, schema.NUMERICAL_NAMES),
            (self.binary, schema.BINARY_NAMES),
            (self.categorical, schema.CATEGORICAL_NAMES),
            (self.aggregates, schema.AGGREGATE_NAMES),
            (self.evidence, _EVIDENCE),
        ):
            if name in names:
                return values[row, names.index(name)]
        return self.previous[row]

    def with_given(self, given: Mapping[int, Sequence[float]]) -> FeatureBatch:
        """Return the same with features from elsewhere, in the order of `schema.FEATURE_NAMES`, for some rows.

        No feature group has evidence of these events.
        """
        rows, values = list(given), np.array(list(given.values()), np.float64)
        bounds = np.cumsum((len(schema.NUMERICAL), len(schema.BINARY), len(schema.CATEGORICAL)))
        numerical, binary, categorical, aggregated = np.split(values, bounds, axis=1)
        batch = replace(
            self,
            numerical=self.numerical.copy(),
            binary=self.binary.copy(),
            categorical=self.categorical.copy(),
            aggregates=self.aggregates.copy(),
            states=tuple(State.SCORED if row in given else state for row, state in enumerate(self.states)),
            evidence=self.evidence.copy(),
        )
        batch.numerical[rows], batch.binary[rows], batch.categorical[rows] = numerical, binary, categorical
        batch.aggregates[rows] = aggregated
        batch.evidence[rows] = _NO_EVIDENCE
        batch.column("reference")[rows] = Reference.BASELINE
        batch.column("known")[rows] = binary[:, schema.BINARY_NAMES.index("new_template")] == 0
        return batch


class BatchBuilder:
    """Joins what is read of whole columns with what is said of each event."""

    __slots__ = ("_facts", "_records", "_times")

    def __init__(self, times: Times, facts: Sequence[MessageFacts], records: RecordColumns) -> None:
        """Take the columns of N events, N from 1."""
        self._times = times
        self._facts = facts
        self._records = records

    def build(self, packed: Iterable[bytes], parts: Sequence[tuple[slice, Window, Rate]]) -> FeatureBatch:
        """Return the batch, given what `pack_row` made of each event.

        The window and the rate of each part of the batch learn its events.
        """
        packed_rows = np.frombuffer(b"".join(packed), _ROW)
        rows = packed_rows["values"]
        return FeatureBatch(
            self._numerical(rows),
            self._binary(rows),
            self._categorical(rows),
            self._aggregates(rows, parts),
            self._times.at,
            tuple([State.SCORED if judged else State.WARMING_UP for judged in rows[:, _PLACES["judged"]].tolist()]),
            packed_rows["previous"].copy(),
            np.column_stack((rows[:, _EVIDENCE_PLACES], self._records.reports_failure, self._records.http_status)),
        )

    def _numerical(self, rows: Float64) -> Float32:
        values = np.empty((len(rows), len(schema.NUMERICAL)))
        values[:, _STREAM_GAP] = self._times.gaps
        values[:, _NUMERICAL_TO] = rows[:, _NUMERICAL_FROM]
        gaps = np.minimum(values[:, _LOG_SECONDS], schema.WINDOW_SECONDS)
        values[:, _LOG_SECONDS] = np.log1p(np.where(gaps > 0.0, gaps, 0.0))  # nan: there is none
        return _clipped(values, _LOW, _HIGH)

    def _binary(self, rows: Float64) -> Float32:
        return _stacked(schema.BINARY_NAMES, self._records._asdict(), rows, np.dtype(np.float32))

    def _categorical(self, rows: Float64) -> NDArray[np.int64]:
        return _stacked(schema.CATEGORICAL_NAMES, self._records._asdict(), rows, np.dtype(np.int64))

    def _aggregates(self, rows: Float64, parts: Sequence[tuple[slice, Window, Rate]]) -> Float32:
        records, facts = self._records, self._facts
        status = np.array([fact.status for fact in facts])
        inputs = WindowInputs(
            self._times.at,
            [fact.template.id for fact in facts],
            rows[:, _PLACES["template_surprisal"]],
            rows[:, _PLACES["latency_z"]],
            records.warning,
            records.severe,
            rows[:, _PLACES["new_template"]] > 0,
            (status > 0) & (rows[:, _PLACES["latency_s"]] >= 0.0),
            status >= 500,
        )
        values = np.empty((len(rows), len(schema.AGGREGATES)))
        values[:, _OVERDUE] = rows[:, _PLACES["overdue_requests"]]
        for part, window, rate in parts:
            mine = inputs.part(part) if len(parts) > 1 else inputs
            held = window.learn(mine)
            values[part, _WINDOW] = held.aggregates
            values[part, _RATE] = rate.learn(mine.at, held.events)
        return _clipped(values, _AGGREGATES_LOW, _AGGREGATES_HIGH)


def _stacked(names: Sequence[str], columns: Mapping[str, Column], rows: Float64, dtype: np.dtype[Any]) -> Column:
    """Return [N, names] of some columns, or else of rows."""
    stacked = np.empty((len(rows), len(names)), dtype)
    for place, name in enumerate(names):
        stacked[:, place] = columns[name] if name in columns else rows[:, _PLACES[name]]
    return stacked


def _clipped(values: Float64, low: Float64, high: Float64) -> Float32:
    return np.minimum(np.maximum(values, low), high).astype(np.float32)


NO_EVENTS: Final = FeatureBatch(
    np.empty((0, len(schema.NUMERICAL)), np.float32),
    np.empty((0, len(schema.BINARY)), np.float32),
    np.empty((0, len(schema.CATEGORICAL)), np.int64),
    np.empty((0, len(schema.AGGREGATES)), np.float32),
    np.empty(0),
    (),
    np.empty(0, np.int64),
    np.empty((0, len(_EVIDENCE))),
)
