"""Streams of a few events, written by hand, and the baselines that know some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from core.baseline import Baseline, BaselineBuilder, CompiledBaseline
from core.events import LogEvent
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.templates import MessageFacts, Templater

UNKNOWN: Final = CompiledBaseline(Baseline())
"""A baseline that knows nothing."""

_TEMPLATER: Final = Templater()


def event(
    message: str = "Something happened",
    at: float | None = 0.0,
    *,
    service: str = "nova-compute",
    level: str = "INFO",
    logger: str = "nova.compute.manager",
    request: str = "",
    instance: str = "",
    pid: int | None = 1,
) -> LogEvent:
    """Build one event."""
    return LogEvent(
        "a.log",
        1,
        0,
        1,
        at,
        None,
        level,
        service,
        logger,
        pid,
        request and f"req-{request}",
        instance,
        message,
        message,
    )


def reply(
    at: float = 0.0, *, path: str = "servers", status: int = 200, size: int = 100, seconds: float = 0.2
) -> LogEvent:
    """Build the reply of an HTTP request as nova-api logs it."""
    text = f'1.2.3.4 "GET /v2.1/{path} HTTP/1.1" status: {status} len: {size} time: {seconds}'
    return event(text, at, service="nova-api", logger="nova.osapi_compute.wsgi.server")


def facts(of: LogEvent) -> MessageFacts:
    """Return what the message of an event tells."""
    return _TEMPLATER.facts(of.logger, of.head)


def template_id(message: str) -> int:
    """Return the template of a message."""
    return facts(event(message)).template.id


def spread(events: Iterable[LogEvent], every: float = 1.0, start: float = 0.0) -> list[LogEvent]:
    """Set the events so many seconds apart."""
    return [each._replace(timestamp=start + number * every) for number, each in enumerate(events)]


def learned(*runs: Sequence[LogEvent]) -> CompiledBaseline:
    """Learn a baseline from healthy runs."""
    builder = BaselineBuilder("here")
    for run in runs:
        for each in run:
            builder.learn(each, facts(each))
        builder.end_run()
    return CompiledBaseline(Baseline((builder.stats,)))


def batch_of(events: Sequence[LogEvent], baseline: CompiledBaseline = UNKNOWN) -> FeatureBatch:
    """Return the features of a stream."""
    return FeatureExtractor(baseline).extract(events, [facts(each) for each in events])


def with_evidence(batch: FeatureBatch, row: int | slice = slice(None), **values: float) -> FeatureBatch:
    """Return the same with other evidence in some rows."""
    changed = replace(batch, evidence=batch.evidence.copy())
    for name, value in values.items():
        changed.column(name)[row] = value
    return changed


def about(value: Any, **within: Any) -> Any:
    """Return what equals a number, or the numbers of a list, nearly."""
    return pytest.approx(value, **within)
