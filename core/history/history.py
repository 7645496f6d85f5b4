"""The events that a front end holds: a ring of rows, with columns beside them for vectorised counts and searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, cast, overload

import numpy as np
import numpy.typing as npt

from core.decision.flagging import Flag, FlaggingPolicy, IsMuted, VerdictOf, alerting_column, reaches
from core.decision.verdicts import VerdictKind
from core.events import LEVEL_RANK, Continuation, Item, LogLine, Notice, ScoredEvent
from core.history.columns import Columns
from core.support.arrays import Mask

Row = ScoredEvent | Notice
"""What the history holds; a continuation is part of its event's row."""

RowNumbers = npt.NDArray[np.intp]
ScoreArray = npt.NDArray[np.float64]


NOTICE_RANK: Final = -1
"""Rank of a row that is a notice."""

_VERDICTS: Final = (None, *VerdictKind)
"""By their codes in the column."""
_CODES: Final = {verdict: code for code, verdict in enumerate(_VERDICTS)}
_NORMAL: Final = _CODES[VerdictKind.NORMAL]

LATE_LINES_KEPT: Final = 1_000
"""Late lines of one event that are kept for display; all are counted."""


class Extended(NamedTuple):
    """What one `History.extend` changed."""

    appended: int
    """Rows that were added, those included that were evicted at once."""
    evicted: int
    """Rows that were evicted: every row kept moves up by as many."""
    touched: frozenset[int]
    """Ids of earlier rows that received late lines."""


class History(Sequence[Row]):
    """The newest rows of a stream, at most `capacity`; row 0 is the oldest kept.

    The id of a row (`first_row_id + row`) does not change when older rows are evicted.
    `muted` tells whether an event is muted, `verdict_of` what the operator has said of it: what is muted or normal here
    keeps its score and is not counted.
    Returned arrays are valid until the next `extend`.
    """

    def __init__(
        self, capacity: int = 100_000, *, muted: IsMuted | None = None, verdict_of: VerdictOf | None = None
    ) -> None:
        if capacity < 1:
            raise ValueError("capacity must be 1 or more")
        self.capacity = capacity
        self.first_row_id = 0
        self._muted = muted
        self._verdict_of = verdict_of
        self._rows: list[Row] = []
        self._columns = Columns(
            {
                "score": np.float64,
                "timestamp": np.float64,
                "level": np.int8,
                "source": np.int32,
                "line": np.int64,
                "request": np.int64,
                "instance": np.int64,
                "late": np.int32,
                "muted": np.bool_,
                "verdict": np.int8,
            },
            capacity,
        )
        self._source_codes: dict[str, int] = {}
        self._late: dict[int, list[LogLine]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, row: int) -> Row: ...
    @overload
    def __getitem__(self, row: slice) -> list[Row]: ...
    def __getitem__(self, row: int | slice) -> Row | list[Row]:
        return self._rows[row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that has or had a row, in order of appearance."""
        return tuple(self._source_codes)

    def row_id(self, row: int) -> int:
        """Return the id of a row, which identifies it as long as it is kept."""
        return self.first_row_id + row

    def row_of(self, row_id: int) -> int | None:
        """Return the row with this id; None when it was evicted."""
        row = row_id - self.first_row_id
        return row if 0 <= row < len(self) else None

    def extend(self, items: Iterable[Item]) -> Extended:
        """Append rows, evict the oldest beyond the capacity, and add late lines to the rows of their events."""
        rows: list[Row] = []
        late: list[Continuation] = []
        for item in items:
            if isinstance(item, Continuation):
                late.append(item)
            else:
                rows.append(item)
        first_new_id = self.first_row_id + len(self)
        evicted = self._append(rows) if rows else 0
        touched = self._keep_late_lines(late) if late else set()
        return Extended(len(rows), evicted, frozenset(row_id for row_id in touched if row_id < first_new_id))

    def clear(self) -> None:
        """Evict every row; ids continue."""
        self._evict(len(self))

    def remute(self, muted: IsMuted | None) -> None:
        """Recompute for every row whether it is muted."""
        self._muted = muted
        self._columns["muted"][:] = self._muted_of(self._rows)

    def judge(self, verdict_of: VerdictOf | None) -> None:
        """Ask for the verdict of every row again."""
        self._verdict_of = verdict_of
        self._columns["verdict"][:] = self._verdicts_of(self._rows)

    def policy(self, threshold: float) -> FlaggingPolicy:
        """Return what decides on its events, kept here or not, at this threshold."""
        return FlaggingPolicy(threshold, self._muted, self._verdict_of)

    def scores(self) -> ScoreArray:
        """Return the score of every row, nan where there is none."""
        return self._columns.frozen("score")

    def timestamps(self) -> npt.NDArray[np.float64]:
        """Return the timestamp of every row in seconds since 1970, nan where there is none."""
        return self._columns.frozen("timestamp")

    def levels(self) -> npt.NDArray[np.int8]:
        """Return the level rank of every row (see `LEVELS`), `NOTICE_RANK` for a notice."""
        return self._columns.frozen("level")

    def source_codes(self) -> npt.NDArray[np.int32]:
        """Return the index into `sources` of every row."""
        return self._columns.frozen("source")

    def muted(self) -> Mask:
        """Return which rows are muted."""
        return self._columns.frozen("muted")

    def flag(self, row: int, threshold: float) -> Flag:
        """Decide on one row; a notice is neither flagged nor muted."""
        score, muted, verdict = (self._columns[name][row] for name in ("score", "muted", "verdict"))
        return Flag(reaches(score, threshold), bool(muted), _VERDICTS[verdict])

    def alerting(self, threshold: float) -> Mask:
        """Return which rows are flagged at this threshold, and neither muted nor normal here."""
        columns = self._columns
        return alerting_column(columns["score"], columns["muted"], columns["verdict"] == _NORMAL, threshold)

    def count_alerting(self, threshold: float) -> int:
        """Count the rows that are flagged at this threshold, and neither muted nor normal here."""
        return int(np.count_nonzero(self.alerting(threshold)))

    def at_least(self, level: str, *, below: str | None = None) -> Mask:
        """Return which rows are of this level or worse, and below `below`."""
        ranks = self.levels()
        mask = ranks >= LEVEL_RANK[level]
        return mask if below is None else mask & (ranks < LEVEL_RANK[below])

    def next(self, row: int, where: Mask | Callable[[Row], bool], direction: int = 1) -> int | None:
        """Return the nearest matching row after (`direction` 1) or before (-1) this one; None when there is none.

        -1 or `len(history)` as `row` return the first or the last.
        """
        ahead = max(row + 1, 0)
        behind = min(max(row, 0), len(self))
        if callable(where):
            reach = range(ahead, len(self)) if direction > 0 else range(behind - 1, -1, -1)
            return next((candidate for candidate in reach if where(self._rows[candidate])), None)
        wanted = where[ahead:] if direction > 0 else where[:behind][::-1]
        step = int(wanted.argmax()) if len(wanted) else 0
        if not len(wanted) or not wanted[step]:
            return None
        return ahead + step if direction > 0 else behind - 1 - step

    def trail(self, source: str, n: int, row: int | None = None) -> ScoreArray:
        """Return the last `n` scores of a source up to this row (the newest when None), oldest first; maybe fewer."""
        code = self._source_codes.get(source)
        stop = len(self) if row is None else row + 1
        if code is None or n <= 0:
            return np.empty(0)
        scores, sources = self.scores(), self.source_codes()
        reach = 4 * n
        while True:
            part = slice(max(stop - reach, 0), stop)
            mine: ScoreArray = scores[part][(sources[part] == code) & ~np.isnan(scores[part])]
            if len(mine) >= n or part.start == 0:
                return mine[-n:]
            reach *= 8

    def late_count(self, row: int) -> int:
        """Count the lines that came for this event after it was shown."""
        return int(self._columns["late"][row])

    def late_lines(self, row: int) -> tuple[LogLine, ...]:
        """Return those lines, the first `LATE_LINES_KEPT` of them."""
        return tuple(self._late.get(self.row_id(row), ()))

    def rows_of_request(self, request_id: str) -> RowNumbers:
        """Return the rows of this request in all sources, in order; none for an empty id."""
        return self._rows_of("request", request_id, lambda row: row.event.request_id)

    def rows_of_instance(self, instance_id: str) -> RowNumbers:
        """Return the rows of this instance in all sources, in order; none for an empty id."""
        return self._rows_of("instance", instance_id, lambda row: row.event.instance_id)

    def _append(self, rows: list[Row]) -> int:
        evicted = max(len(self) + len(rows) - self.capacity, 0)
        unseen = max(len(rows) - self.capacity, 0)
        self._evict(evicted - unseen)
        self.first_row_id += unseen
        kept = rows[unseen:]
        self._rows += kept
        self._columns.append(len(kept), self._values(kept))
        return evicted

    def _evict(self, count: int) -> None:
        del self._rows[:count]
        self._columns.drop(count)
        self.first_row_id += count
        if self._late:
            for row_id in [row_id for row_id in self._late if row_id < self.first_row_id]:
                del self._late[row_id]

    def _values(self, rows: list[Row]) -> dict[str, Any]:
        nan = float("nan")
        codes = self._source_codes
        events = [row.event if isinstance(row, ScoredEvent) else None for row in rows]
        scores = [row.score if isinstance(row, ScoredEvent) else None for row in rows]
        sources = [row.source if isinstance(row, Notice) else row.event.source for row in rows]
        # Column by column and not row by row: no tuple a row, which the garbage collector would have to traverse.
        return {
            "score": [nan if score is None else score for score in scores],
            "timestamp": [nan if event is None or event.timestamp is None else event.timestamp for event in events],
            "level": [NOTICE_RANK if event is None else LEVEL_RANK.get(event.level, 0) for event in events],
            "source": [codes.setdefault(source, len(codes)) for source in sources],
            "line": [0 if event is None else event.line for event in events],
            "request": [0 if event is None else _key(event.request_id) for event in events],
            "instance": [0 if event is None else _key(event.instance_id) for event in events],
            "late": 0,
            "muted": self._muted_of(rows),
            "verdict": self._verdicts_of(rows),
        }

    def _muted_of(self, rows: Sequence[Row]) -> bool | list[bool]:
        muted = self._muted
        if muted is None:
            return False
        return [isinstance(row, ScoredEvent) and muted(row) for row in rows]

    def _verdicts_of(self, rows: Sequence[Row]) -> int | list[int]:
        verdict_of = self._verdict_of
        if verdict_of is None:
            return 0
        return [_CODES[verdict_of(row) if isinstance(row, ScoredEvent) else None] for row in rows]

    def _keep_late_lines(self, late: list[Continuation]) -> set[int]:
        counts = self._columns["late"]
        rows: dict[tuple[str, int], int | None] = {}
        for item in late:
            key = (item.source, item.event_line)
            if key not in rows:
                rows[key] = self._row_of_line(*key)
            row = rows[key]
            if row is not None:
                counts[row] += 1
                lines = self._late.setdefault(self.row_id(row), [])
                if len(lines) < LATE_LINES_KEPT:
                    lines.append(item.line)
        return {self.row_id(row) for row in rows.values() if row is not None}

    def _row_of_line(self, source: str, line: int) -> int | None:
        code = self._source_codes.get(source, -1)
        # The newest one: after a rotation the same line number occurs again.
        found = np.flatnonzero((self._columns["line"] == line) & (self.source_codes() == code))
        return int(found[-1]) if len(found) else None

    def _rows_of(self, column: str, identifier: str, read: Callable[[ScoredEvent], str]) -> RowNumbers:
        if not identifier:
            return np.empty(0, np.intp)
        # Two identifiers may share a key, so the few candidates are compared.
        candidates = np.flatnonzero(self._columns[column] == _key(identifier)).tolist()
        return np.array(
            [row for row in candidates if read(cast("ScoredEvent", self._rows[row])) == identifier], np.intp
        )


def _key(identifier: str) -> int:
    """Return the number of an id in a column, 0 for none."""
    return hash(identifier) if identifier else 0
