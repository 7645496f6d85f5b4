"""Counts over the healthy logs of one deployment, and the baseline that holds several of them.

Statistics hold no text of a log: templates, words and routes are stable hashes, all else is counts. Counts add up, so
the statistics of blocks of time can be merged, and a run can be scored with a baseline that has never seen its block.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from core.baseline.tails import KINDS, TailsOf, merge_tails, plain_tails, read_tails
from core.errors import ArtifactError

_FORMAT: Final = "tailsight.baseline/3"
_READ_TOO: Final = "tailsight.baseline/2"
"""The format before, which has no tails: what it holds says nothing of slowness."""

_MAX_BYTES: Final = 128 << 20
"""Of an unpacked baseline; the shipped one has 0.4 MB."""

_Key = TypeVar("_Key")


class Moments:
    """Count, sum and sum of squares of the logarithms of some quantity."""

    __slots__ = ("count", "squares", "total")

    def __init__(self, count: int = 0, total: float = 0.0, squares: float = 0.0) -> None:
        self.count = count
        self.total = total
        self.squares = squares

    def add(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        self.total += value
        self.squares += value * value

    def merge(self, other: Moments) -> None:
        """Take in all that another one has seen."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares

    @property
    def mean(self) -> float:
        """The mean; 0 before any value."""
        return self.total / self.count if self.count else 0.0

    def deviation(self, floor: float) -> float:
        """Standard deviation, drawn towards `floor` as if four more values had that spread."""
        if not self.count:
            return floor
        spread = max(self.squares - self.total * self.total / self.count, 0.0)
        return float(max(((spread + 4 * floor * floor) / (self.count + 4)) ** 0.5, floor / 2))


MomentsOf = dict[int, Moments]


class FollowStats:
    """How often a template stood in a chain, how often an event followed it there, and after how long at most."""

    __slots__ = ("followed", "longest_s", "seen")

    def __init__(self, seen: int = 0, followed: int = 0, longest_s: float = 0.0) -> None:
        self.seen = seen
        self.followed = followed
        self.longest_s = longest_s

    def merge(self, other: FollowStats) -> None:
        """Add the counts of another one."""
        self.seen += other.seen
        self.followed += other.followed
        self.longest_s = max(self.longest_s, other.longest_s)


@dataclass(slots=True)
class DeploymentStats:
    """Statistics of one deployment. A run is a stretch of log that began and ended on its own, or 15 minutes of one."""

    name: str
    runs: int = 0
    service_runs: Counter[str] = field(default_factory=Counter)
    service_events: Counter[str] = field(default_factory=Counter)
    template_events: dict[str, Counter[int]] = field(default_factory=dict)
    template_runs: dict[str, Counter[int]] = field(default_factory=dict)
    prefixes: dict[str, set[int]] = field(default_factory=dict)
    """Service -> prefix hashes of its templates."""
    peaks: dict[str, dict[int, int]] = field(default_factory=dict)
    """Service -> template -> most events of it within one minute of any run."""
    transitions: dict[int, Counter[int]] = field(default_factory=dict)
    words: Counter[int] = field(default_factory=Counter)
    messages: int = 0
    statuses: dict[int, Counter[int]] = field(default_factory=dict)
    latency: MomentsOf = field(default_factory=dict)
    size: MomentsOf = field(default_factory=dict)
    duration: MomentsOf = field(default_factory=dict)
    stage: dict[int, MomentsOf] = field(default_factory=dict)
    """Template -> the template after it in the same chain -> time between the two."""
    tails: TailsOf = field(default_factory=lambda: {kind: {} for kind in KINDS})
    """Histograms of how long things took."""
    followers: dict[str, dict[int, FollowStats]] = field(default_factory=lambda: {"request": {}, "instance": {}})
    """Kind of chain -> template -> whether an event follows it there, and when."""

    def merge(self, other: DeploymentStats) -> None:
        """Add the counts of another one."""
        self.runs += other.runs
        self.messages += other.messages
        self.service_runs.update(other.service_runs)
        self.service_events.update(other.service_events)
        self.words.update(other.words)
        _merge_counters(self.template_events, other.template_events)
        _merge_counters(self.template_runs, other.template_runs)
        _merge_counters(self.transitions, other.transitions)
        _merge_counters(self.statuses, other.statuses)
        for service, prefixes in other.prefixes.items():
            self.prefixes.setdefault(service, set()).update(prefixes)
        for service, peaks in other.peaks.items():
            known = self.peaks.setdefault(service, {})
            for template, peak in peaks.items():
                known[template] = max(peak, known.get(template, 0))
        for mine_moments, their_moments in (
            (self.latency, other.latency),
            (self.size, other.size),
            (self.duration, other.duration),
        ):
            _merge_moments(mine_moments, their_moments)
        for chain, followers in other.followers.items():
            for template, follow in followers.items():
                self.followers[chain].setdefault(template, FollowStats()).merge(follow)
        for previous, moments in other.stage.items():
            _merge_moments(self.stage.setdefault(previous, {}), moments)
        merge_tails(self.tails, other.tails)

    def to_plain(self) -> dict[str, Any]:
        """Return the statistics as JSON can hold them."""
        return {
            "name": self.name,
            "runs": self.runs,
            "messages": self.messages,
            "service_runs": self.service_runs,
            "service_events": self.service_events,
            "template_events": self.template_events,
            "template_runs": self.template_runs,
            "stems": {service: sorted(prefixes) for service, prefixes in self.prefixes.items()},
            "peaks": self.peaks,
            "transitions": self.transitions,
            "words": self.words,
            "statuses": self.statuses,
            **{name: _plain_moments(getattr(self, name)) for name in _MOMENTS},
            "waits": {
                chain: {template: [f.seen, f.followed, round(f.longest_s, 3)] for template, f in followers.items()}
                for chain, followers in self.followers.items()
            },
            "tails": plain_tails(self.tails),
            "stage": {previous: _plain_moments(moments) for previous, moments in self.stage.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> DeploymentStats:
        """Read back what `to_plain` gave. Raises KeyError, TypeError or ValueError where it does not fit."""
        return cls(
            name=str(plain["name"]),
            runs=int(plain["runs"]),
            messages=int(plain["messages"]),
            service_runs=Counter(plain["service_runs"]),
            service_events=Counter(plain["service_events"]),
            template_events={service: _counter(counts) for service, counts in plain["template_events"].items()},
            template_runs={service: _counter(counts) for service, counts in plain["template_runs"].items()},
            prefixes={service: set(map(int, prefixes)) for service, prefixes in plain["stems"].items()},
            peaks={service: dict(_counter(counts)) for service, counts in plain["peaks"].items()},
            transitions={int(previous): _counter(counts) for previous, counts in plain["transitions"].items()},
            words=_counter(plain["words"]),
            statuses={int(route): _counter(counts) for route, counts in plain["statuses"].items()},
            followers={
                chain: {
                    int(template): FollowStats(int(seen), int(followed), float(longest))
                    for template, (seen, followed, longest) in plain["waits"][chain].items()
                }
                for chain in ("request", "instance")
            },
            tails=read_tails(plain.get("tails", {})),
            stage={int(previous): _read_moments(moments) for previous, moments in plain["stage"].items()},
            **{name: _read_moments(plain[name]) for name in _MOMENTS},
        )


_MOMENTS: Final = ("latency", "size", "duration")


def _merge_counters(mine: dict[_Key, Counter[int]], theirs: Mapping[_Key, Counter[int]]) -> None:
    for key, counter in theirs.items():
        mine.setdefault(key, Counter()).update(counter)


def _merge_moments(mine: MomentsOf, theirs: MomentsOf) -> None:
    for key, moments in theirs.items():
        mine.setdefault(key, Moments()).merge(moments)


def _plain_moments(moments: MomentsOf) -> dict[int, list[float]]:
    return {key: [m.count, round(m.total, 5), round(m.squares, 5)] for key, m in moments.items()}


def _read_moments(plain: Mapping[str, Any]) -> MomentsOf:
    return {int(key): Moments(int(n), float(total), float(squares)) for key, (n, total, squares) in plain.items()}


def _counter(plain: Mapping[str, Any]) -> Counter[int]:
    return Counter({int(key): int(count) for key, count in plain.items()})


@dataclass(frozen=True, slots=True)
class Baseline:
    """Statistics of one or more deployments: what is usual in any of them is usual."""

    deployments: tuple[DeploymentStats, ...] = ()
    calibration: Mapping[str, Any] | None = None
    """The calibration of a site's own baseline, as JSON can hold it; None where it has none."""

    def with_deployment(self, stats: DeploymentStats) -> Baseline:
        """Return the same with one deployment more, in the place of one of the same name."""
        return replace(self, deployments=(*(known for known in self.deployments if known.name != stats.name), stats))

    def with_calibration(self, calibration: Mapping[str, Any] | None) -> Baseline:
        """Return the same with another calibration, or none."""
        return replace(self, calibration=calibration)

    def to_bytes(self) -> bytes:
        """Return the content of `baseline.json.gz`; equal baselines give equal bytes."""
        plain: dict[str, Any] = {"format": _FORMAT, "profiles": [stats.to_plain() for stats in self.deployments]}
        if self.calibration is not None:
            plain["calibration"] = self.calibration
        text = orjson.dumps(plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
            stream.write(text)
        return packed.getvalue()

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a baseline file; raises ArtifactError."""
        try:
            return cls.from_bytes(path.read_bytes())
        except OSError as error:
            raise ArtifactError(f"{path}: {error.strerror}; `tailsight learn` makes a baseline") from error

    @classmethod
    def from_bytes(cls, packed: bytes) -> Baseline:
        """Read what `to_bytes` gave. Raises ArtifactError where it is something else."""
        try:
            plain = orjson.loads(_unpacked(packed))
            if plain["format"] not in (_FORMAT, _READ_TOO):
                raise ArtifactError(f"the baseline has format {plain['format']!r}, not {_FORMAT!r}: learn it again")
            calibration = plain.get("calibration")
            return cls(
                tuple(DeploymentStats.from_plain(stats) for stats in plain["profiles"]),
                None if calibration is None else dict(calibration),
            )
        except (OSError, EOFError, zlib.error, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"the baseline cannot be read ({error}): learn it again") from error


def _unpacked(packed: bytes) -> bytes:
    """Unpack, at most so much: a small file may unfold to more than the machine has."""
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        plain = stream.read(_MAX_BYTES + 1)
    if len(plain) > _MAX_BYTES:
        raise ValueError("it unpacks to more than a baseline needs")
    return plain


def merged(name: str, deployments: Iterable[DeploymentStats]) -> DeploymentStats:
    """Return the sum of these statistics under one name."""
    total = DeploymentStats(name)
    for stats in deployments:
        total.merge(stats)
    return total
