"""The features of a batch of events as arrays, and how single values get into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events import LogEvent, State
from core.schema import AGGREGATES, BINARY, CATEGORICAL, NUMERICAL
from core.templates import MessageFacts

Float32 = NDArray[np.float32]


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
    timestamps: NDArray[np.float64]
    """[N] seconds"""
    states: tuple[State, ...]
    home: NDArray[np.bool_]
    """[N] whether the baseline knows what is usual in the event's service."""
    variant: NDArray[np.bool_]
    """[N] whether the event's template is new in its details alone."""
    known: int
    """Events whose template the baseline has."""
    measured: dict[int, dict[str, tuple[float, float]]]
    """Row -> feature -> (value, usual) in the log's own units, for rows where a quantity stands out."""
    previous: tuple[int | None, ...]
    """[N] template before each event in its chain (see `core.baseline.Link`)."""

    def __len__(self) -> int:
        return len(self.states)


class Codes:
    """Vocabulary indices; services that have none of their own are sorted under their family."""

    def __init__(self) -> None:
        self._level = {name: index for index, name in enumerate(CATEGORICAL["level"])}
        self._method = {name: index for index, name in enumerate(CATEGORICAL["method"])}
        self._kind = {name: index for index, name in enumerate(CATEGORICAL["kind"])}
        self._service = {name: index for index, name in enumerate(CATEGORICAL["service"])}
        self._status = {name: index for index, name in enumerate(CATEGORICAL["status"])}

    def service(self, name: str) -> int:
        """Code of a service: its own, else that of its family, else `other`."""
        code = self._service.get(name)
        if code is None:
            family = name.partition("-")[0]
            code = self._service.get(family, self._service.get(f"{family}-other", 0))
            if code == 0 and name:
                code = self._service["other"]
            if len(self._service) < 10_000:  # names come from files: bounded
                self._service[name] = code
        return code

    def of(self, event: LogEvent, fact: MessageFacts, familiarity: int) -> tuple[int, ...]:
        """Codes of an event, in the order of `CATEGORICAL`."""
        return (
            self.service(event.service),
            self._level.get(event.level, 0),
            self._method.get(fact.method, 0),
            self._status_code(fact.status),
            self._kind.get(fact.template.kind, 0),
            familiarity,
        )

    def _status_code(self, status: int) -> int:
        return self._status.get("404" if status == 404 else f"{status // 100}xx", 0) if status else 0


class Rows:
    """Rows of features as they are made."""

    __slots__ = (
        "aggregates",
        "binary",
        "categorical",
        "home",
        "known",
        "measured",
        "numerical",
        "previous",
        "states",
        "timestamps",
        "variant",
    )

    def __init__(self) -> None:
        self.numerical: list[tuple[float, ...]] = []
        self.binary: list[tuple[bool, ...]] = []
        self.categorical: list[tuple[int, ...]] = []
        self.aggregates: list[tuple[float, ...]] = []
        self.timestamps: list[float] = []
        self.states: list[State] = []
        self.home: list[bool] = []
        self.variant: list[bool] = []
        self.measured: dict[int, dict[str, tuple[float, float]]] = {}
        self.previous: list[int | None] = []
        self.known = 0

    def close(
        self,
        at: float,
        previous: int | None,
        notes: dict[str, tuple[float, float]],
        *,
        home: bool,
        variant: bool,
        known: bool,
        judged: bool,
    ) -> None:
        """End a row."""
        if notes:
            self.measured[len(self.states)] = notes
        self.known += known
        self.timestamps.append(at)
        self.previous.append(previous)
        self.home.append(home)
        self.variant.append(variant)
        self.states.append(State.SCORED if judged else State.WARMING_UP)

    def batch(self) -> FeatureBatch:
        """All rows as arrays."""
        count = len(self.states)
        return FeatureBatch(
            np.array(self.numerical, np.float32).reshape(count, len(NUMERICAL)),
            np.array(self.binary, np.float32).reshape(count, len(BINARY)),
            np.array(self.categorical, np.int64).reshape(count, len(CATEGORICAL)),
            np.array(self.aggregates, np.float32).reshape(count, len(AGGREGATES)),
            np.array(self.timestamps, np.float64),
            tuple(self.states),
            np.array(self.home, np.bool_),
            np.array(self.variant, np.bool_),
            self.known,
            self.measured,
            tuple(self.previous),
        )
