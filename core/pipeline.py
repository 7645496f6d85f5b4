"""The one place where the stations are joined: lines in, scored and explained events out.

What every front end iterates is in `core.live`: the running stream, and the scoring of whole files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from math import inf
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.baseline import Baseline, CompiledBaseline
from core.decision.calibration import JOINT, Calibration
from core.decision.decision import Decided, Decision
from core.decision.reasons import ExplanationInput, feature_group_masks, reasons
from core.decision.record import StreamRecord
from core.decision.silences import Findings, SilenceFinder, told
from core.events import (
    CHANNELS,
    CalibratedBy,
    Channel,
    Item,
    LogEvent,
    LogLine,
    Notice,
    Reason,
    Reference,
    ScoredEvent,
    State,
    new_scored,
)
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.features.known import known_events
from core.features.watches import Return, Silence
from core.parsing import EventStream, Parsed
from core.reading import last_written
from core.support.arrays import Float64
from core.templates import MessageFacts, Templater

_FIT_EVENTS: Final = 1_000
"""Events over which the model's fit is measured, and whose calibration makes the scores."""

EXPLAIN_FROM: Final = 0.2
"""Score from which an event is given its reasons, flagged now or not: the threshold may come down to it later."""
_REFERENCES: Final = tuple(Reference)
_SLOW: Final = CHANNELS.index(Channel.SLOW)


class Scores(Protocol):
    """What a scorer gives for N events; `core.network.scorer.StreamScores` is one."""

    @property
    def logits(self) -> NDArray[np.float32]:
        """[N]."""
        ...

    @property
    def explained(self) -> NDArray[np.int64]:
        """[K] rows."""
        ...

    @property
    def logit_drops(self) -> NDArray[np.float32]:
        """[K, groups]."""
        ...


class Scorer(Protocol):
    """What scores the events of a stream; `core.network.scorer.StreamScorer` is one."""

    def score(self, batch: FeatureBatch, explain_from: float | None = None) -> Scores:
        """Score the next events."""
        ...


class Prepared(NamedTuple):
    """What was read, as far as it goes without the network."""

    items: Sequence[Parsed]
    events: Sequence[LogEvent]
    """Those of the items that are scored: N."""
    facts: Sequence[MessageFacts]
    """[N]"""
    features: FeatureBatch
    """[N]"""
    silences: Mapping[int, Findings]
    """What fell silent or came back, by the place of the item that it comes before."""


class _Recent(NamedTuple):
    """Counts of a batch, or of several."""

    events: int
    known: int
    """Those whose template the baseline knows."""
    own: int
    """Those whose score the stream's record may have moved."""

    def plus(self, other: _Recent, sign: int) -> _Recent:
        """Return the sum, or with a sign of -1 the difference."""
        return _Recent(*(mine + sign * its for mine, its in zip(self, other, strict=True)))


class Pipeline:
    """All that one stream of log lines needs from parsing to reasons. One per stream.

    What is read goes through four stages, each in the order of the stream and on one thread at a time: `parse`,
    `prepare`, `judge` (the network, which leaves Python alone meanwhile) and `finish`. `score` is the last three, for
    lines that are parsed elsewhere, and `feed` is all of them.
    """

    def __init__(
        self,
        baseline: CompiledBaseline,
        scorer: Scorer,
        calibration: Calibration,
        *,
        record: StreamRecord | None = None,
        site: bool = False,
        follow: bool = True,
        explain_from: float = EXPLAIN_FROM,
        after: int = 0,
        zone: tzinfo | None = None,
        planned: Mapping[str, float] | None = None,
    ) -> None:
        """Begin a stream; events that score `explain_from` or more are given their reasons, and are numbered on.

        The first event has the number `after` + 1. `zone` is the time of stamps without one, the host's unless given.
        `record` is what is known of the stream's scores already, with `site` from the site's own logs; `follow` as for
        `core.decision.decision.Decision`.
        `planned` says until which second a service may be silent.
        """
        self._stream = EventStream(zone, last_written)
        self._templater = Templater()
        self._baseline = baseline
        self._extractor = FeatureExtractor(baseline)
        self._silences = SilenceFinder(planned)
        self._scorer = scorer
        self._decision = Decision(calibration, record, site=site, follow=follow)
        self._explain_from = explain_from
        # The same whatever is explained, so that the reasons of an event are: unless nothing ever is.
        self._occlude_from = calibration.logit_at(EXPLAIN_FROM) if explain_from <= 1.0 else inf
        self._seq = after
        self._recent: deque[_Recent] = deque()
        self._sum = _Recent(0, 0, 0)

    @property
    def fit(self) -> float | None:
        """Share of the recent events whose template the baseline knows; None before any event."""
        return self._sum.known / self._sum.events if self._sum.events else None

    @property
    def calibrated_by(self) -> CalibratedBy:
        """Whose calibration makes the scores of most of the recent events."""
        return self._decision.calibrated_by(self._sum.own / self._sum.events if self._sum.events else 0.0)

    def feed(self, items: Iterable[LogLine | Notice]) -> list[Item]:
        """Take what was read; give the events that it closes, scored, and the notices, in order."""
        return self.score(self.parse(items))

    def quiet(self) -> list[Item]:
        """No line has come for a while, or none will: close what is open and give it."""
        return self.score(self.parse(None))

    def score(self, parsed: Sequence[Parsed]) -> list[Item]:
        """Score what was parsed; give it in order. What fails leaves the pipeline unfit for more of the stream."""
        prepared = self.prepare(parsed)
        return self.finish(prepared, self.judge(prepared))

    def tick(self, seconds: float) -> list[Item]:
        """So many seconds have gone by since the last line, and all is read: give what has fallen silent."""
        return [self._told(found) for found in self._silences.quiet(seconds)]

    def parse(self, items: Iterable[LogLine | Notice] | None) -> list[Parsed]:
        """Take what was read, None being that all is quiet; give the events that it closes."""
        return self._stream.quiet() if items is None else self._stream.feed(items)

    def prepare(self, parsed: Sequence[Parsed]) -> Prepared:
        """Make the features of what was parsed."""
        events, facts = known_events(parsed, self._templater)
        return Prepared(
            parsed, events, facts, self._extractor.extract(events, facts), self._silences.follow(parsed, facts)
        )

    def judge(self, prepared: Prepared) -> Scores | None:
        """Ask the network, of which each event becomes a part of the past; None where there is no event."""
        return self._scorer.score(prepared.features, self._occlude_from) if prepared.events else None

    def finish(self, prepared: Prepared, network: Scores | None) -> list[Item]:
        """Give the events with their scores and reasons, and the notices, in order."""
        scored = iter(() if network is None else self._scored(prepared, network))
        silences = prepared.silences
        if len(prepared.events) == len(prepared.items) and not silences:
            return list(scored)
        out: list[Item] = []
        for place, item in enumerate(prepared.items):
            out += map(self._told, silences.get(place, ()))
            if not isinstance(item, LogEvent):
                out.append(item)
            elif item.known_format:
                out.append(next(scored))
            else:
                out.append(ScoredEvent(self._next_seq(), item, None, State.UNKNOWN_FORMAT, ""))
        return out

    def _scored(self, prepared: Prepared, network: Scores) -> Iterator[ScoredEvent]:
        _, events, facts, batch, _ = prepared
        decided = self._decision.decide(batch, network.logits)
        self._remember(_Recent(len(batch), int(np.count_nonzero(batch.column("known"))), decided.own))
        why = self._reasons(prepared, network, decided)
        expected = self._baseline.expected
        rows = zip(
            events,
            facts,
            decided.scores.tolist(),
            batch.states,
            batch.previous.tolist(),
            batch.column("reference").astype(np.int64).tolist(),
            _spoken(decided.channels),
            strict=True,
        )
        for row, (event, fact, score, state, previous, reference, channels) in enumerate(rows):
            template = fact.template
            yield new_scored((
                self._next_seq(), event, score, state, template.text, why.get(row, ()), expected(previous, template.id),
                _REFERENCES[reference], channels,
            ))  # fmt: skip

    def _reasons(self, prepared: Prepared, network: Scores, decided: Decided) -> dict[int, tuple[Reason, ...]]:
        _, events, facts, batch, _ = prepared
        rows = np.flatnonzero(decided.scores >= self._explain_from).tolist()
        made_by = decided.made_by
        drops = dict(zip(network.explained.tolist(), network.logit_drops, strict=True)) if rows else {}
        return {
            row: reasons(
                ExplanationInput(events[row], facts[row], batch, row),
                decided.strengths.terms[row],
                drops.get(row),
                made_by=None if made_by[row] == JOINT else CHANNELS[made_by[row]],
                is_slow=bool(decided.channels[row, _SLOW] >= EXPLAIN_FROM),
            )
            for row in rows
        }

    def _told(self, found: Silence | Return) -> ScoredEvent | Notice:
        return told(found, self._next_seq() if isinstance(found, Silence) else 0)

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _remember(self, batch: _Recent) -> None:
        self._recent.append(batch)
        self._sum = self._sum.plus(batch, 1)
        while self._sum.events - self._recent[0].events >= _FIT_EVENTS:
            self._sum = self._sum.plus(self._recent.popleft(), -1)


def _spoken(channels: Float64) -> list[tuple[float | None, ...]]:
    """Return the scores of the detectors [N, 7], None where one did not speak."""
    silent = np.isnan(channels)
    alone = silent[:, 1:].all(axis=1)
    rows: list[tuple[float | None, ...]] = [(score, *_SILENT) for score in channels[:, 0].tolist()]
    for row in np.flatnonzero(~alone).tolist():
        rows[row] = tuple([None if is_silent else value for value, is_silent in zip(
            channels[row].tolist(), silent[row].tolist(), strict=True
        )])  # fmt: skip
    return rows


_SILENT: Final = (None,) * (len(CHANNELS) - 1)


class BeginPipeline(Protocol):
    """Begins streams that share one loaded model."""

    def __call__(self, after: int = 0) -> Pipeline:
        """Begin a stream whose events are numbered from `after` + 1."""
        ...


def load_pipeline(
    artifacts: Path | None = None,
    *,
    device: str = "auto",
    threads: int = 1,
    explain_from: float = EXPLAIN_FROM,
    site: Path | Baseline | None = None,
    follow: bool = True,
    zone: tzinfo | None = None,
    planned: Mapping[str, float] | None = None,
) -> BeginPipeline:
    """Load the model, once; each call of what is returned begins a new stream with it.

    `site` is a baseline, or the file of one, that `tailsight learn` made of the deployment's own logs; what is usual in
    it is usual too. `zone` is the time of stamps without one, `planned` says until which second a service may be
    silent. Without `follow` the shipped calibration holds for all of a stream, whatever it shows. Raises
    ArtifactError and DeviceError.
    """
    from core.predictor import AnomalyPredictor  # noqa: PLC0415 (torch: loaded by the worker, after the first paint)

    predictor = AnomalyPredictor(artifacts, device=device, threads=threads)
    baseline = Baseline.from_bytes(predictor.artifacts.baseline)
    own = Baseline.read(site) if isinstance(site, Path) else site
    for stats in () if own is None else own.deployments:
        baseline = baseline.with_deployment(stats)
    site_calibration = None if own is None else own.calibration
    compiled, groups = CompiledBaseline(baseline), feature_group_masks()
    calibration = Calibration.from_plain(predictor.artifacts.calibration)

    def begin(after: int = 0) -> Pipeline:
        return Pipeline(
            compiled,
            predictor.stream(groups),
            calibration,
            record=StreamRecord.of_site(site_calibration),
            site=own is not None,
            follow=follow,
            explain_from=explain_from,
            after=after,
            zone=zone,
            planned=planned,
        )

    return begin
