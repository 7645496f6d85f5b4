"""The law of the running stream: whatever fails, every line is delivered once, and committed after it was taken."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Continuation, Item, LogLine, Phase, ScoredEvent, State, Update
from core.live.backoff import Backoff
from core.live.parts import ATTEMPTS
from core.live.reader import LineSource
from core.live.stream import RunningStream
from core.reading import Follower, ReadBatch, Start
from tests.helpers.flaky import BrokenError, Failures, FlakyLog, FlakyModel, tokens
from tests.helpers.lines import oslo

AT_ONCE = (0.0,)

KINDS = ("event", "traceback", "unread")


def written(kinds: Sequence[tuple[str, str, float]]) -> list[LogLine]:
    """Write lines: source, kind and seconds since the line before; each with a token of its own."""
    lines: list[LogLine] = []
    ends: dict[str, tuple[int, int]] = {}
    second = 0.0
    for index, (source, kind, gap) in enumerate(kinds):
        second += gap
        stamp = f"2026-03-03 09:{int(second) // 60:02}:{second % 60:06.3f}"
        text = {
            "event": oslo(f"did token-{index}", stamp=stamp, level="ERROR"),
            "traceback": f"{stamp} 29713 ERROR nova.compute.manager   File token-{index}",
            "unread": f"no form token-{index}",
        }[kind]
        number, offset = ends.get(source, (0, 0))
        lines.append(LogLine(source, number + 1, offset, len(text) + 1, text))
        ends[source] = (number + 1, offset + len(text) + 1)
    return lines


def events(count: int) -> list[LogLine]:
    return written([("a.log", "event", 1.0)] * count)


lines = st.lists(
    st.tuples(st.sampled_from(["a.log", "b.log"]), st.sampled_from(KINDS), st.sampled_from([0.0, 0.1, 1.0])),
    max_size=24,
).map(written)
numbers = st.integers(0, 12)
failures = st.builds(
    Failures,
    openings=st.sets(numbers, max_size=4),
    reads=st.dictionaries(numbers, st.integers(0, 6), max_size=5),
    commits=st.sets(numbers, max_size=3),
    loads=st.sets(numbers, max_size=4),
    scorings=st.sets(numbers, max_size=6),
    poison=st.sets(st.integers(0, 23).map(lambda index: f"token-{index}"), max_size=3),
)


class Run(NamedTuple):
    items: list[Item]
    updates: list[Update]

    @property
    def events(self) -> list[ScoredEvent]:
        return [item for item in self.items if isinstance(item, ScoredEvent)]

    @property
    def content(self) -> list[list[str]]:
        return [tokens(item) for item in self.items]


class Ear:
    """A listener."""

    def __init__(self) -> None:
        self.heard: list[Update] = []
        self.closed = False

    def take(self, update: Update, /) -> None:
        assert not self.closed
        self.heard.append(update)

    def close(self) -> None:
        self.closed = True


def run(log: FlakyLog, model: FlakyModel | None = None, stop: threading.Event | None = None) -> Run:
    """Take the whole stream, as a consumer that keeps what it has taken."""
    ear = Ear()
    model = model or FlakyModel(log.failures)
    stream = RunningStream(log.open, model.load, listen=lambda: ear, pauses=AT_ONCE)
    taken = Run([], [])
    for update in stream.updates(stop or threading.Event()):
        taken.items.extend(update.items)
        taken.updates.append(update)
        log.taken |= {token for item in update.items for token in tokens(item)}
    assert log.violations == model.violations == []
    assert ear.heard == taken.updates
    assert ear.closed
    return taken


@pytest.mark.timeout(120)
@given(lines=lines, failures=failures, read_back=st.integers(0, 10), size=st.integers(1, 7), quiet=st.sets(numbers))
def test_whatever_fails_every_line_is_delivered_once_in_order_and_committed_after_it_was_taken(
    lines: list[LogLine], failures: Failures, read_back: int, size: int, quiet: set[int]
) -> None:
    log = FlakyLog(lines, failures, read_back=min(read_back, len(lines)), size=size)
    log.quiet_after = quiet
    model = FlakyModel(failures)
    found = run(log, model)

    assert Counter(token for content in found.content for token in content) == Counter(
        token for line in lines for token in tokens(line)
    )
    assert [event.seq for event in found.events] == list(range(1, len(found.events) + 1))
    for source in ("a.log", "b.log"):
        own = [event.event.line for event in found.events if event.event.source == source]
        assert own == sorted(own)
    if not quiet:
        # Quiet moments close events, and when they come depends on the reading; nothing else does.
        undisturbed = run(FlakyLog(lines, Failures(), read_back=log.read_back, size=size))
        assert found.content == undisturbed.content

    for event in found.events:
        mine = tokens(event)
        if event.state is State.FAILED:
            assert min(model.failed[token] for token in mine) >= ATTEMPTS
        elif event.event.known_format:
            assert not failures.poison.intersection(mine)
            assert event.score == 0.1

    assert found.updates[-1].phase is Phase.ENDED
    assert found.updates[-1].scored == len(found.events)
    assert found.updates[-1].lines == len(lines)
    if not failures.commits:
        assert log.committed == len(lines)


def test_the_phases_of_a_stream_that_nothing_happens_to() -> None:
    found = run(FlakyLog(events(5), Failures(), read_back=2, size=2))
    assert [(update.phase, len(update.items)) for update in found.updates] == [
        (Phase.LOADING, 0),
        (Phase.WARMING_UP, 0),
        (Phase.WARMING_UP, 1),
        (Phase.WARMING_UP, 1),
        (Phase.LIVE, 1),
        (Phase.LIVE, 1),
        (Phase.ENDED, 1),
    ]


def test_what_was_read_back_and_is_still_open_at_the_end_passes_for_old() -> None:
    found = run(FlakyLog(events(2), Failures(), read_back=2))
    assert [(update.phase, len(update.items)) for update in found.updates][2:] == [
        (Phase.WARMING_UP, 1),
        (Phase.WARMING_UP, 1),
        (Phase.ENDED, 0),
    ]


def test_an_event_that_always_fails_is_delivered_unscored_and_its_neighbours_are_scored() -> None:
    log = FlakyLog(events(9), Failures(poison={"token-6"}), size=9)
    found = run(log)
    assert [event.seq for event in found.events if event.state is State.FAILED] == [7]
    assert [update.detail for update in found.updates if update.phase is Phase.FAILED] == [
        "scoring 0; next try in 0 ms",
        "scoring 1; next try in 0 ms",
    ]


def test_a_failure_that_passes_leaves_no_event_unscored_and_no_number_out() -> None:
    log = FlakyLog(events(9), Failures(scorings={1, 2}, reads={0: 2}, openings={1}, loads={1}))
    found = run(log)
    assert {event.state for event in found.events} == {State.SCORED}
    assert [event.seq for event in found.events] == list(range(1, 10))


def test_where_nothing_can_be_scored_few_events_go_unscored_while_it_waits() -> None:
    model = FlakyModel(Failures(scorings=set(range(10_000))))
    log = FlakyLog(events(64), model.failures, size=64)
    stream = RunningStream(log.open, model.load, pauses=AT_ONCE)
    updates = stream.updates(threading.Event())
    pauses = 0
    while pauses < 30:
        pauses += next(updates).phase is Phase.FAILED
    updates.close()
    assert log.committed == 0
    unscored = next(update.scored for update in iter(stream.updates(threading.Event())))
    assert unscored <= 30 / (ATTEMPTS - 1)


def test_when_it_is_to_stop_what_was_read_is_delivered_without_waiting() -> None:
    model = FlakyModel(Failures(scorings=set(range(10_000))))
    log = FlakyLog(events(64), model.failures, size=64)
    stop = threading.Event()
    stream = RunningStream(log.open, model.load, pauses=(3_600.0,))
    found: list[Item] = []
    for update in stream.updates(stop):
        found += update.items
        log.taken |= {token for item in update.items for token in tokens(item)}
        if update.phase is Phase.FAILED:
            stop.set()
    assert [event.state for event in found if isinstance(event, ScoredEvent)] == [State.FAILED] * 64
    assert model.scorings < 64


def test_what_always_fails_is_found_among_the_last_events_too_when_it_is_to_stop() -> None:
    log = FlakyLog(events(64), Failures(poison={"token-63", "token-20"}), size=64)
    stop = threading.Event()
    stop.set()
    found = run(log, stop=stop)
    assert [event.seq for event in found.events if event.state is State.FAILED] == [21, 64]


@pytest.mark.parametrize("leave", [True, False], ids=["leaving", "retrying"])
def test_a_pause_ends_when_the_operator_wants_it_to(leave: bool) -> None:
    model = FlakyModel(Failures(scorings={0}))
    log = FlakyLog(events(1), model.failures)
    stop = threading.Event()
    stream = RunningStream(log.open, model.load, pauses=(3_600.0,))
    updates = stream.updates(stop)
    detail = next(update.detail for update in updates if update.phase is Phase.FAILED)
    assert detail == "scoring 0; next try in 1 h 00 min"
    threading.Timer(0.05, stop.set if leave else stream.retry_now).start()
    assert [event.state for update in updates for event in update.items if isinstance(event, ScoredEvent)] == [
        State.SCORED
    ]


def test_what_fails_before_anything_was_read_is_raised_and_can_be_tried_again() -> None:
    log = FlakyLog(events(3), Failures())
    model = FlakyModel(log.failures)
    is_there = False

    def load() -> FlakyModel:
        if not is_there:
            raise BrokenError("no model")
        return model.load()

    stream = RunningStream(log.open, load, pauses=AT_ONCE)
    with pytest.raises(BrokenError, match="no model"):
        list(stream.updates(threading.Event()))
    is_there = True
    items: list[Item] = []
    for update in stream.updates(threading.Event()):
        items += update.items
        log.taken |= {token for item in update.items for token in tokens(item)}
    assert len(items) == 3


def test_the_model_is_loaded_after_the_first_update_and_a_batch_is_committed_after_its_events() -> None:
    model = FlakyModel(Failures())
    log = FlakyLog(events(6), model.failures)
    updates = RunningStream(log.open, model.load).updates(threading.Event())
    assert next(updates).phase is Phase.LOADING
    assert model.loads == 0
    assert next(updates).phase is Phase.WARMING_UP
    assert model.loads == 1
    committed = []
    for update in updates:
        committed.append(log.committed)
        log.taken |= {token for item in update.items for token in tokens(item)}
    # The last event of a batch is open until the next batch brings a new one.
    assert committed == [0, 0, 3]
    assert log.committed == 6


def test_a_batch_is_not_committed_while_an_event_of_another_source_waits_for_its_turn() -> None:
    # b's event is held back until no event of a can come before it.
    log = FlakyLog(
        written([("a.log", "event", 0.0), ("b.log", "event", 0.2), ("a.log", "event", 0.01), ("a.log", "event", 0.01)]),
        Failures(),
        size=1,
    )
    found = run(log)
    assert log.committed == 4
    assert len(found.events) == 4


def test_what_comes_late_for_an_event_that_was_read_back_is_no_event() -> None:
    log = FlakyLog(
        written([("a.log", "event", 1.0), ("a.log", "traceback", 0.0), ("a.log", "event", 1.0)]),
        Failures(),
        read_back=1,
    )
    found = run(log)
    assert [type(item) for item in found.items] == [ScoredEvent, Continuation, ScoredEvent]


def test_a_quiet_moment_delivers_the_event_that_is_open() -> None:
    log = FlakyLog(events(4), Failures(), size=2)
    log.quiet_after = {2}
    assert [len(update.items) for update in run(log).updates if update.phase is Phase.LIVE] == [1, 1, 1]


def test_pauses_grow_until_something_is_scored_and_then_the_model_is_loaded_again() -> None:
    model = FlakyModel(Failures(loads={1, 2, 3}, scorings={0, 2}))
    log = FlakyLog(events(4), model.failures, size=2)
    stream = RunningStream(log.open, model.load, pauses=(0.001, 0.002, 0.003))
    details = [update.detail for update in stream.updates(threading.Event()) if update.phase is Phase.FAILED]
    assert [detail.partition("; ")[2] for detail in details] == [
        "next try in 1 ms",
        "next try in 2 ms",
        "next try in 3 ms",
        "next try in 3 ms",
        "next try in 1 ms",
    ]
    assert model.loads == 6


@pytest.mark.parametrize(
    "broken",
    [Failures(loads=set(range(1, 1_000)), scorings={0}), Failures(reads={0: 1}, openings=set(range(1, 1_000)))],
    ids=["no model", "no source"],
)
def test_it_stops_where_what_failed_never_works_again(broken: Failures) -> None:
    model, stop = FlakyModel(broken), threading.Event()
    log = FlakyLog(events(6), broken, size=3)
    stream = RunningStream(log.open, model.load, pauses=(3_600.0,))
    updates: list[Update] = []
    for update in stream.updates(stop):
        updates.append(update)
        if update.phase is Phase.FAILED:
            stop.set()
    assert updates[-1].phase is Phase.ENDED
    assert updates[-1].scored == updates[-1].lines > 0
    assert model.loads + log.openings < 10


def test_a_retry_ends_the_pause_in_which_it_is_asked_for_and_no_later_one() -> None:
    backoff, stop = Backoff((3_600.0,)), threading.Event()
    backoff.retry_now()
    backoff.failed()
    threading.Timer(0.05, stop.set).start()
    backoff.wait(3_600.0, stop)
    assert stop.is_set()
    backoff.failed()
    backoff.retry_now()
    backoff.wait(3_600.0, threading.Event())


def test_skipping_reaches_the_source_that_is_open() -> None:
    log = FlakyLog(events(200), Failures(), size=1)
    stream = RunningStream(log.open, FlakyModel(log.failures).load)
    stream.skip_to_end()
    updates = stream.updates(threading.Event())
    next(updates)
    stream.skip_to_end()
    assert [update.phase for update in updates] == [Phase.WARMING_UP, Phase.ENDED]


class Breaking:
    """A follower that fails after some batches."""

    def __init__(self, follower: Follower, batches: int) -> None:
        self._follower, self._batches = follower, batches

    def __iter__(self) -> Iterator[ReadBatch]:
        yield from islice(self._follower, self._batches)
        raise BrokenError("the disk is gone")

    def commit(self, batch: ReadBatch) -> None:
        """Commit."""
        self._follower.commit(batch)

    def skip_to_end(self) -> None:
        """Skip."""
        self._follower.skip_to_end()


@pytest.mark.parametrize("start", [Start.START, Start.END])
def test_a_followed_file_is_opened_again_where_it_was_committed(tmp_path: Path, start: Start) -> None:
    log = tmp_path / "a.log"
    texts = [f"{line.text}\n" for line in events(12)]
    log.write_text("".join(texts[:6]))
    openings = 0

    def follow(stop: threading.Event, resume: bool) -> LineSource:
        nonlocal openings
        openings += 1
        begin = Start.RESUME if resume else start
        follower = Follower([log], stop, start=begin, checkpoint=tmp_path / "checkpoint")
        return Breaking(follower, 2) if openings <= 3 else follower

    stop = threading.Event()
    found: list[Item] = []
    for update in RunningStream(follow, FlakyModel(Failures()).load, pauses=AT_ONCE).updates(stop):
        found += update.items
        if update.phase is Phase.FAILED and openings == 2:
            with log.open("a") as file:
                file.writelines(texts[6:])
        if len(found) >= 11 and update.behind == 0:
            stop.set()
    assert openings >= 3
    assert [tokens(item) for item in found if isinstance(item, ScoredEvent)] == [
        [f"token-{number}"] for number in range(12)
    ]


def test_a_source_that_fails_while_it_reads_back_begins_again_and_nothing_is_delivered_twice() -> None:
    found = run(FlakyLog(events(9), Failures(reads={0: 4}), read_back=8, size=2))
    assert found.content == [[f"token-{number}"] for number in range(9)]
    assert {update.phase for update in found.updates[2:-3]} == {Phase.WARMING_UP, Phase.FAILED}
