"""Listing episodes, without a screen."""

from __future__ import annotations

from tests.helpers.events import scored_event
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.episodes import EpisodeController


def test_an_episode_is_listed_with_what_began_it_and_can_be_jumped_to() -> None:
    items = [scored_event(0.9, 1_000.0, message="disk full"), scored_event(0.95, 2_000.0, message="no route")]
    session, view = view_of(items)
    EpisodeController(session, view).choose()
    assert view.title == "2 episodes at 0.50, newest first"
    assert view.listed[1].endswith("no route")
    view.chosen(1)
    assert view.table.cursor == 0


def test_without_an_anomaly_there_is_no_list() -> None:
    session, view = view_of(some_events(5))
    EpisodeController(session, view).choose()
    assert view.message == "nothing flagged at 0.50: there is no episode"
    assert view.choices is None
