"""The laws of the stream: however it is cut, and whoever reads it, the same event has the same score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decision.flagging import FlaggingPolicy
from core.decision.record import StreamRecord
from core.errors import SourceError
from core.events import Item, LogLine, Notice, NoticeKind, Origin, ScoredEvent, State
from core.live.scoring import score_batches
from core.pipeline import Pipeline, load_pipeline
from core.reading import ReadBatch
from tests.helpers.artifact import build_artifact
from tests.helpers.cloud import cloud_lines, healthy_baseline, lines_of

NewStream = Callable[[], Pipeline]


@pytest.fixture(scope="module")
def new_stream(tmp_path_factory: pytest.TempPathFactory) -> NewStream:
    folder = build_artifact(tmp_path_factory.mktemp("laws") / "model", baseline=healthy_baseline())
    return load_pipeline(folder, device="cpu")


def events_of(items: list[object]) -> list[ScoredEvent]:
    return [item for item in items if isinstance(item, ScoredEvent)]


def score_all(pipeline: Pipeline, *parts: tuple[LogLine, ...], quiet_between: bool = False) -> list[ScoredEvent]:
    items: list[object] = []
    for part in parts:
        items.extend(pipeline.feed(part))
        if quiet_between:
            items.extend(pipeline.quiet())
    return events_of([*items, *pipeline.quiet()])


def same(some: list[ScoredEvent], others: list[ScoredEvent]) -> None:
    assert [event.event[:9] for event in some] == [event.event[:9] for event in others]
    assert [event.state for event in some] == [event.state for event in others]
    one, other = ([np.nan if event.score is None else event.score for event in each] for each in (some, others))
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert [event.reference for event in some] == [event.reference for event in others]
    channels, others_channels = (
        [np.nan if value is None else value for event in each for value in event.channels] for each in (some, others)
    )
    # Rounded to four digits after a network whose last digits depend on the batch.
    np.testing.assert_allclose(channels, others_channels, atol=1.01e-4)
    assert [why(event) for event in some] == [why(event) for event in others]


def why(event: ScoredEvent) -> list[tuple[object, ...]]:
    """Return the reasons without the last digits of their weights."""
    return [reason[:3] for reason in map(astuple, event.reasons)]


@pytest.fixture(scope="module")
def lines() -> tuple[LogLine, ...]:
    return cloud_lines(3, 300.0, "port_binding_failed")[:240]


@pytest.fixture(scope="module")
def steady(new_stream: NewStream, lines: tuple[LogLine, ...]) -> list[ScoredEvent]:
    """The events of the lines, read in one piece."""
    return score_all(new_stream(), lines)


def cut(lines: tuple[LogLine, ...], cuts: set[int]) -> list[tuple[LogLine, ...]]:
    return [lines[a:b] for a, b in pairwise([0, *sorted(cuts), len(lines)])]


CUTS = st.sets(st.integers(1, 239), max_size=10)


@settings(max_examples=8)
@given(cuts=CUTS)
def test_any_split_of_the_lines_gives_the_same_scores(
    new_stream: NewStream, lines: tuple[LogLine, ...], steady: list[ScoredEvent], cuts: set[int]
) -> None:
    same(score_all(new_stream(), *cut(lines, cuts)), steady)


@settings(max_examples=8)
@given(cuts=CUTS)
def test_quiet_moments_change_no_score(
    new_stream: NewStream, lines: tuple[LogLine, ...], steady: list[ScoredEvent], cuts: set[int]
) -> None:
    paused = score_all(new_stream(), *cut(lines, cuts), quiet_between=True)
    assert [event.event.line for event in paused] == [event.event.line for event in steady]
    np.testing.assert_allclose([e.score or 0.0 for e in paused], [e.score or 0.0 for e in steady], atol=1e-5)


def test_live_in_small_batches_and_replay_in_one_give_the_same_scores(new_stream: NewStream) -> None:
    lines = cloud_lines(4, 300.0, "slow_spawn")[:500]

    def batches(size: int) -> list[ReadBatch]:
        return [ReadBatch(lines[start : start + size]) for start in range(0, len(lines), size)]

    live = [item for items in score_batches(batches(7), new_stream()) for item in items]
    replay = [item for items in score_batches(batches(2_000), new_stream()) for item in items]
    same(events_of(list(live)), events_of(list(replay)))


def test_preparing_ahead_of_the_network_changes_no_score_and_no_order(new_stream: NewStream) -> None:
    lines = cloud_lines(4, 300.0, "slow_spawn")[:400]
    batches = [ReadBatch(lines[start : start + 30], behind=start) for start in range(0, len(lines), 30)]
    batches.insert(5, ReadBatch())
    ahead, at_once = (list(score_batches(batches, new_stream(), ahead=number)) for number in (3, 0))
    assert [len(items) for items in ahead] == [len(items) for items in at_once]
    same(*(events_of([item for items in each for item in items]) for each in (ahead, at_once)))


@pytest.mark.parametrize("ahead", [0, 3])
def test_what_was_read_before_reading_failed_is_scored(new_stream: NewStream, ahead: int) -> None:
    lines = cloud_lines(4, 300.0, "slow_spawn")[:100]

    def damaged() -> Iterator[ReadBatch]:
        yield ReadBatch(lines[:50])
        yield ReadBatch(lines[50:])
        raise SourceError("damaged")

    scored: list[Item] = []

    def score() -> None:
        for items in score_batches(damaged(), new_stream(), ahead=ahead):
            scored.extend(items)

    with pytest.raises(SourceError, match="damaged"):
        score()
    assert len(scored) > 90


def test_what_fails_in_the_network_ends_the_stream(new_stream: NewStream, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = cloud_lines(4, 300.0, "slow_spawn")[:100]
    pipeline = new_stream()

    def fail(_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(pipeline, "judge", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        list(score_batches([ReadBatch(lines[:50]), ReadBatch(lines[50:])], pipeline, ahead=3))


def test_a_line_of_no_known_format_is_shown_and_not_scored(new_stream: NewStream) -> None:
    (event,) = score_all(new_stream(), tuple(lines_of(["what is this"])))
    assert event.state is State.UNKNOWN_FORMAT
    assert event.score is None
    assert event.reasons == ()
    assert not FlaggingPolicy(0.0).flag(event).flagged


def test_a_notice_stays_between_the_lines_it_stood_between(new_stream: NewStream) -> None:
    lines = cloud_lines(4, 300.0, "slow_spawn")[:20]
    notice = Notice("cloud.log", NoticeKind.TRUNCATED, "truncated, 10 bytes unread", 10)
    pipeline = new_stream()
    items = [*pipeline.feed([*lines[:10], notice, *lines[10:]]), *pipeline.quiet()]
    assert notice in items
    before = [item for item in items[: items.index(notice)] if isinstance(item, ScoredEvent)]
    after = [item for item in items[items.index(notice) :] if isinstance(item, ScoredEvent)]
    assert all(event.event.line <= 10 for event in before)
    assert len(before) + len(after) == 20


def test_numbers_of_events_rise_by_one(new_stream: NewStream) -> None:
    lines = (*cloud_lines(4, 300.0, "slow_spawn")[:50], *lines_of(["no format"], "other.log"))
    assert [event.seq for event in score_all(new_stream(), lines)] == list(range(1, 52))


def test_events_worth_a_look_have_reasons_strongest_first(new_stream: NewStream) -> None:
    events = score_all(new_stream(), cloud_lines(4, 300.0, "slow_spawn"))
    assert any(event.reasons for event in events)
    for event in events:
        weights = [
            reason.weight for reason in event.reasons if reason.channel == "network" and reason.feature != "context"
        ]
        assert weights == sorted(weights, reverse=True)


def test_numbers_go_on_after_those_of_another_pipeline(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = build_artifact(tmp_path_factory.mktemp("numbers") / "model")
    pipeline = load_pipeline(folder, device="cpu")(after=7)
    assert [event.seq for event in score_all(pipeline, cloud_lines(4, 300.0, "slow_spawn")[:5])] == [8, 9, 10, 11, 12]


def test_model_fit_is_the_share_of_known_templates(new_stream: NewStream) -> None:
    assert new_stream().fit is None
    pipeline = new_stream()
    score_all(pipeline, cloud_lines(21))
    assert pipeline.fit is not None
    assert pipeline.fit > 0.9


@pytest.mark.slow
def test_whose_calibration_makes_the_scores(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("whose")
    build_artifact(folder / "foreign")
    build_artifact(folder / "known", baseline=healthy_baseline())
    plain, learned = healthy_baseline(), folder / "site.json.gz"
    learned.write_bytes(plain.with_calibration({"record": StreamRecord(40.0).to_plain()}).to_bytes())

    def origin(model: str, **options: Any) -> Origin:
        pipeline = load_pipeline(folder / model, device="cpu", **options)()
        score_all(pipeline, cloud_lines(21))
        return pipeline.calibrated_by.origin

    assert origin("known") is Origin.SHIPPED
    assert origin("foreign") is Origin.OWN
    assert origin("foreign", follow=False) is Origin.SHIPPED
    assert origin("foreign", site=plain) is Origin.OWN
    assert origin("foreign", site=learned) is Origin.SITE
    assert load_pipeline(folder / "foreign", device="cpu", site=learned)().calibrated_by.hours == 40.0


def test_a_baseline_of_ones_own_makes_a_foreign_log_known(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("site")
    build_artifact(folder / "model")
    site: Path = folder / "site.json.gz"
    site.write_bytes(healthy_baseline().to_bytes())
    unknown, known = (
        load_pipeline(folder / "model", device="cpu")(),
        load_pipeline(folder / "model", device="cpu", site=site)(),
    )
    for pipeline in (unknown, known):
        score_all(pipeline, cloud_lines(21))
    assert unknown.fit == 0.0
    assert known.fit is not None
    assert known.fit > 0.9


def silent_lines() -> tuple[LogLine, ...]:
    """An hour of two services, of which one is away for a quarter of it."""
    texts = []
    for second in range(0, 3_600, 4):
        stamp = f"2026-03-03 09:{second // 60:02}:{second % 60:02}.000"
        if second % 60 == 0 and not 1_800 < second < 2_700:
            texts.append(f"nova-compute.log {stamp} 1 INFO nova.compute.resource_tracker [-] Auditing resources")
        texts.append(f"nova-scheduler.log {stamp} 2 INFO nova.scheduler.host_manager [-] Host is in sync")
    return tuple(lines_of(texts))


@settings(max_examples=8)
@given(cuts=st.sets(st.integers(1, 900), max_size=10))
@pytest.mark.slow
def test_any_split_of_the_lines_tells_the_same_silences_at_the_same_place(
    new_stream: NewStream, cuts: set[int]
) -> None:
    lines = silent_lines()

    def told(*parts: tuple[LogLine, ...]) -> list[tuple[object, ...]]:
        pipeline = new_stream()
        items = [item for part in parts for item in pipeline.feed(part)] + pipeline.quiet()
        return [
            (item.seq, item.event.message, item.score) if isinstance(item, ScoredEvent) else (item.kind, item.text)
            for item in items
            if (isinstance(item, ScoredEvent) and not item.event.line) or isinstance(item, Notice)
        ]

    whole = told(lines)
    assert told(*cut(lines, cuts)) == whole
    (_, message, _), (kind, text) = whole
    assert str(message).startswith("nova-compute: no line for ")
    assert kind is NoticeKind.BACK
    assert str(text).startswith("nova-compute is back after 15 min")


def test_a_silence_changes_no_score_of_the_events_after_it(new_stream: NewStream) -> None:
    lines = silent_lines()
    spoken = [event for event in score_all(new_stream(), lines) if event.event.line]
    excused = new_stream()
    prepared = excused.prepare([*excused.parse(lines), *excused.parse(None)])
    deaf = prepared._replace(silences={})
    assert prepared.silences
    assert [event.score for event in spoken] == [
        event.score for event in events_of(list(excused.finish(deaf, excused.judge(deaf))))
    ]


def test_asked_by_the_clock_a_silence_is_the_event_that_the_next_line_would_have_revealed(
    new_stream: NewStream,
) -> None:
    lines = silent_lines()
    place = next(number for number, line in enumerate(lines) if " 09:35:00" in line.text)
    replayed, live = new_stream(), new_stream()
    revealed = [item for item in events_of(list(replayed.feed(lines))) if not item.event.line]
    heard = [*live.feed(lines[:place]), *live.quiet()]
    assert [item.event for item in events_of(list(heard)) if not item.event.line] == [one.event for one in revealed]
    assert live.tick(1.0) == []


def test_the_clock_tells_a_silence_without_a_further_line(new_stream: NewStream) -> None:
    pipeline = new_stream()
    scored = events_of([*pipeline.feed(silent_lines()[:450]), *pipeline.quiet()])
    (silence,) = events_of(list(pipeline.tick(300.0)))
    assert silence.seq == len(scored) + 1
    assert silence.event.message.startswith("all: no line for ")
    assert pipeline.tick(400.0) == []
