from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.tracker import EpisodeChange, EpisodeTracker
from core.decision.flagging import reaches
from core.episodes import GAP_SECONDS, episode_count
from core.events import Channel, Reason, ScoredEvent
from core.history.episodes import episode_at, episodes, preview
from core.history.history import History
from tests.helpers.events import notice, scored_event

events = st.lists(
    st.tuples(st.none() | st.floats(0, 1), st.none() | st.integers(0, 600).map(float)).map(
        lambda pair: scored_event(pair[0], pair[1])
    ),
    max_size=40,
)
ordered_events = st.lists(st.tuples(st.none() | st.floats(0, 1), st.floats(0, 90)), max_size=40).map(
    lambda pairs: [
        scored_event(score, float(stamp))
        for (score, _), stamp in zip(pairs, np.cumsum([gap for _, gap in pairs]), strict=True)
    ]
)


def brute_force(stream: list[ScoredEvent], threshold: float) -> list[list[ScoredEvent]]:
    found: list[list[ScoredEvent]] = []
    newest: float | None = None
    for event in stream:
        if not reaches(event.score, threshold):
            continue
        stamp = event.event.timestamp
        if not found or (stamp is not None and newest is not None and abs(stamp - newest) >= GAP_SECONDS):
            found.append([])
        found[-1].append(event)
        newest = newest if stamp is None else stamp
    return found


def held(stream: list[ScoredEvent]) -> History:
    history = History()
    history.extend(stream)
    return history


@given(events, st.floats(0, 1))
def test_episodes_are_those_of_a_plain_loop(stream: list[ScoredEvent], threshold: float) -> None:
    history = held(stream)
    expected = brute_force(stream, threshold)
    found = episodes(history, threshold)
    assert [one.count for one in found] == [len(one) for one in expected]
    assert [history[one.first_row_id] for one in found] == [one[0] for one in expected]
    assert [history[one.worst_row_id] for one in found] == [
        max(one, key=lambda event: event.score or 0) for one in expected
    ]
    assert episode_count(history.timestamps()[history.alerting(threshold)]) == len(expected)
    assert preview(history, threshold).episodes == len(expected)


@given(ordered_events, st.floats(0, 1))
def test_the_running_stream_shows_the_same_episodes(stream: list[ScoredEvent], threshold: float) -> None:
    tracker = EpisodeTracker(clock=lambda: 0.0)
    changes = [change for event in stream for change in tracker.feed(event, alerting=reaches(event.score, threshold))]
    changes += tracker.finish()
    expected = brute_force(stream, threshold)
    opened = [episode for change, episode in changes if change is EpisodeChange.OPENED]
    closed = [episode for change, episode in changes if change is EpisodeChange.CLOSED]
    assert [episode.first for episode in opened] == [one[0] for one in expected]
    assert [(one.first, one.last, one.count) for one in closed] == [(one[0], one[-1], len(one)) for one in expected]
    assert [one.number for one in closed] == list(range(1, len(expected) + 1))


def test_events_exactly_two_minutes_apart_are_two_episodes() -> None:
    assert episode_count(np.array([0.0, 119.9, 239.9])) == 2


def test_events_below_the_threshold_do_not_bridge_a_gap() -> None:
    history = held([scored_event(score, stamp) for score, stamp in ((0.9, 0.0), (0.2, 80.0), (0.9, 160.0))])
    assert len(episodes(history, 0.5)) == 2


def test_a_clock_that_steps_back_begins_a_new_episode() -> None:
    assert episode_count(np.array([1_000.0, 10.0])) == 2


def test_an_episode_has_its_start_and_its_cause() -> None:
    slow = Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8")
    history = held(
        [
            scored_event(0.1, 0.0),
            scored_event(0.6, 10.0, service="nova-compute"),
            scored_event(0.9, 20.0, service="nova-api", reasons=(slow,)),
            scored_event(0.7, 30.0, service="nova-api"),
        ]
    )
    (episode,) = episodes(history, 0.5)
    assert (episode.start, episode.end, episode.score) == (10.0, 30.0, 0.9)
    assert (episode.first_row_id, episode.worst_row_id, episode.last_row_id) == (1, 2, 3)
    assert episode.services == ("nova-api", "nova-compute")
    assert episode.cause == slow.text


def test_without_reasons_the_cause_is_the_template() -> None:
    history = held([scored_event(0.9, template="Instance spawned *")])
    assert episodes(history, 0.5)[0].cause == "Instance spawned *"


def test_the_episode_under_the_cursor_reaches_from_its_first_to_its_last_event() -> None:
    history = held([scored_event(score, stamp) for score, stamp in ((0.1, 0), (0.9, 1), (0.1, 2), (0.9, 3), (0.1, 4))])
    history.extend([notice()])
    found = [episode_at(history, row, 0.5) for row in range(len(history))]
    assert [one is not None for one in found] == [False, True, True, True, False, False]


def test_ids_of_an_episode_hold_after_eviction() -> None:
    history = History(2)
    history.extend([scored_event(0.1, float(second)) for second in range(5)])
    history.extend([scored_event(0.9, 6.0)])
    (episode,) = episodes(history, 0.5)
    assert history.row_of(episode.first_row_id) == 1


def test_a_preview_gives_episodes_per_hour_of_the_log() -> None:
    history = held([scored_event(0.9, 0.0), scored_event(0.1, 900.0), scored_event(0.9, 1_800.0)])
    assert preview(history, 0.5) == (2, 2, 4.0)
    assert preview(history, 0.95) == (0, 0, 0.0)


def test_a_history_of_seconds_gives_no_rate() -> None:
    assert preview(held([scored_event(0.9, 0.0), scored_event(0.9, 5.0)]), 0.5).per_hour is None
    assert preview(History(), 0.5) == (0, 0, None)


def test_muted_events_make_no_episode() -> None:
    history = History(muted=lambda event: event.template == "noise")
    history.extend([scored_event(0.9, template="noise")])
    assert episodes(history, 0.5) == []


def test_an_episode_closes_with_the_first_event_that_comes_two_minutes_later() -> None:
    tracker = EpisodeTracker()
    tracker.feed(scored_event(0.9, 0.0), alerting=True)
    assert tracker.feed(scored_event(0.1, 119.0), alerting=False) == []
    assert [change for change, _ in tracker.feed(scored_event(0.1, 120.0), alerting=False)] == [EpisodeChange.CLOSED]
    assert tracker.open is None


def test_an_event_from_the_past_closes_no_episode() -> None:
    tracker = EpisodeTracker()
    tracker.feed(scored_event(0.9, 1_000.0), alerting=True)
    assert tracker.feed(scored_event(0.1, 0.0), alerting=False) == []


def test_an_episode_closes_when_the_wall_clock_has_moved_on() -> None:
    now = 0.0
    tracker = EpisodeTracker(clock=lambda: now)
    assert tracker.expire() == []
    tracker.feed(scored_event(0.9, 0.0), alerting=True)
    now = 119.0
    assert tracker.expire() == []
    now = 120.0
    assert [change for change, _ in tracker.expire()] == [EpisodeChange.CLOSED]
    assert tracker.expire() == []
