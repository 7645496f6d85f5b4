"""The one place where the stations are joined: lines in, scored and explained events out.

`watch` is what every front end iterates, the app's worker as well as `--headless`: it loads the model, feeds what is
read, and closes events when the log is quiet.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.baseline import Baseline, Usual
from core.decision import rules
from core.decision.reasons import Case, aspect_masks, reasons, rule_reasons
from core.events import (
    SCORE_DIGITS,
    Continuation,
    Item,
    LogEvent,
    LogLine,
    Notice,
    Reason,
    ScoredEvent,
    State,
    new_scored,
)
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.parsing import EventStream
from core.templates import MessageFacts, Templater

_FIT_EVENTS = 1_000
"""Events over which the model's fit is told."""

EXPLAIN_FROM: Final = 0.05
"""Score from which an event is given its reasons, flagged now or not: the threshold may come down to it later."""

_Parsed = LogEvent | Continuation | Notice


class Scores(Protocol):
    """What a scorer gives for N events; `core.network.scorer.StreamScores` is one."""

    @property
    def scores(self) -> NDArray[np.float32]:
        """[N]."""
        ...

    @property
    def explained(self) -> NDArray[np.int64]:
        """[K] rows."""
        ...

    @property
    def logit_drops(self) -> NDArray[np.float32]:
        """[K, aspects]."""
        ...


class Scorer(Protocol):
    """What scores the events of a stream; `core.network.scorer.StreamScorer` is one."""

    def score(self, batch: FeatureBatch, explain_from: float | None = None) -> Scores:
        """Score the next events."""
        ...


class Prepared(NamedTuple):
    """What was read, as far as it goes without the network."""

    items: Sequence[_Parsed]
    events: Sequence[LogEvent]
    """Those of the items that are scored: N."""
    facts: Sequence[MessageFacts]
    """[N]"""
    features: FeatureBatch
    """[N]"""


class Pipeline:
    """All that one stream of log lines needs from parsing to reasons. One per stream.

    What is read goes through three stages, each in the order of the stream and on one thread at a time: `prepare`,
    `judge` (the network, which leaves Python alone meanwhile) and `finish`. `feed` is all three.
    """

    def __init__(self, usual: Usual, scorer: Scorer, *, explain_from: float = EXPLAIN_FROM) -> None:
        """Begin a stream; events that score `explain_from` or more are given their reasons."""
        self._stream = EventStream()
        self._templater = Templater()
        self._usual = usual
        self._extractor = FeatureExtractor(usual)
        self._scorer = scorer
        self._explain_from = explain_from
        self._seq = 0
        self._recent: deque[tuple[int, int]] = deque()
        self._known = 0
        self._total = 0

    @property
    def scored(self) -> int:
        """Events scored so far."""
        return self._seq

    @property
    def fit(self) -> float | None:
        """Share of the recent events whose template the baseline knows; None before any event."""
        return self._known / self._total if self._total else None

    def feed(self, items: Iterable[LogLine | Notice]) -> list[Item]:
        """Take what was read; give the events that it closes, scored, and the notices, in order."""
        return self._through(self.prepare(items))

    def quiet(self) -> list[Item]:
        """No line has come for a while, or none will: close what is open and give it."""
        return self._through(self.prepare(None))

    def prepare(self, items: Iterable[LogLine | Notice] | None) -> Prepared:
        """Take what was read, None being that all is quiet, and make the features of the events that it closes."""
        parsed = self._stream.quiet() if items is None else self._stream.feed(items)
        events = [item for item in parsed if isinstance(item, LogEvent) and item.known_format]
        facts = [self._templater.facts(event.logger, event.head) for event in events]
        return Prepared(parsed, events, facts, self._extractor.extract(events, facts))

    def judge(self, prepared: Prepared) -> Scores | None:
        """Ask the network, of which each event becomes a part of the past; None where there is no event."""
        return self._scorer.score(prepared.features, self._explain_from) if prepared.events else None

    def finish(self, prepared: Prepared, network: Scores | None) -> list[Item]:
        """Give the events with their scores and reasons, and the notices, in order."""
        scored = iter(() if network is None else self._scored(prepared, network))
        if len(prepared.events) == len(prepared.items):
            return list(scored)
        out: list[Item] = []
        for item in prepared.items:
            if not isinstance(item, LogEvent):
                out.append(item)
            elif item.known_format:
                out.append(next(scored))
            else:
                out.append(ScoredEvent(self._next_seq(), item, None, State.UNKNOWN_FORMAT, ""))
        return out

    def _through(self, prepared: Prepared) -> list[Item]:
        return self.finish(prepared, self.judge(prepared))

    def _scored(self, prepared: Prepared, network: Scores) -> Iterator[ScoredEvent]:
        _, events, facts, batch = prepared
        scores, raised = rules.apply(batch, network.scores)
        self._remember_fit(batch)
        why = self._reasons(events, facts, batch, network, raised)
        expected = self._usual.expected
        rounded = np.round(scores.astype(np.float64), SCORE_DIGITS).tolist()
        rows = zip(events, facts, rounded, batch.states, batch.previous, strict=True)
        for row, (event, fact, score, state, previous) in enumerate(rows):
            template = fact.template
            yield new_scored((
                self._next_seq(), event, score, state, template.text, why.get(row, ()), expected(previous, template.id),
            ))  # fmt: skip

    def _reasons(
        self,
        events: Sequence[LogEvent],
        facts: Sequence[MessageFacts],
        batch: FeatureBatch,
        network: Scores,
        raised: NDArray[np.bool_],
    ) -> dict[int, tuple[Reason, ...]]:
        found = {
            row: reasons(Case(events[row], facts[row], batch, row), drops)
            for row, drops in zip(network.explained.tolist(), network.logit_drops, strict=True)
        }
        for row in np.flatnonzero(raised).tolist():
            found[row] = (*rule_reasons(Case(events[row], facts[row], batch, row)), *found.get(row, ()))
        return found

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _remember_fit(self, batch: FeatureBatch) -> None:
        known = int(np.count_nonzero(batch.known))
        self._recent.append((known, len(batch)))
        self._known += known
        self._total += len(batch)
        while self._total - self._recent[0][1] >= _FIT_EVENTS:
            known, total = self._recent.popleft()
            self._known -= known
            self._total -= total


def load_pipeline(
    artifacts: Path | None = None,
    *,
    device: str = "auto",
    threads: int = 1,
    explain_from: float = EXPLAIN_FROM,
    site: Path | None = None,
) -> Callable[[], Pipeline]:
    """Load the model, once; each call of what is returned begins a new stream with it.

    `site` is a baseline file that `tailsight learn` made of the deployment's own logs; what is usual in it is usual
    too. Raises ArtifactError and DeviceError.
    """
    from core.predictor import AnomalyPredictor  # noqa: PLC0415 (torch: loaded by the worker, after the first paint)

    predictor = AnomalyPredictor(artifacts, device=device, threads=threads)
    baseline = Baseline.from_bytes(predictor.artifacts.baseline)
    if site is not None:
        for profile in Baseline.read(site).profiles:
            baseline = baseline.with_profile(profile)
    usual, aspects = Usual(baseline), aspect_masks()
    # What loading has left lives as long as the process does: the collector need not walk over it again and again.
    gc.collect()
    gc.freeze()
    return lambda: Pipeline(usual, predictor.stream(aspects), explain_from=explain_from)
