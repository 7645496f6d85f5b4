"""Filtering rows, without a screen."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from tests.helpers.events import scored_event
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.filters import FilterController


def test_filters_are_removed_the_narrowest_first() -> None:
    session, view = view_of(some_events(30))
    filters = FilterController(session, view)
    filters.apply("level>=ERROR")
    assert len(session.visible) == 3
    filters.toggle_anomalies()
    view.table.move_to(9)
    filters.toggle_request()
    states = []
    for _ in range(3):
        states.append((session.request is not None, session.only_flagged))
        assert filters.remove()
    assert states == [(True, True), (False, True), (False, False)]
    assert not session.is_filtered
    assert not filters.remove()
    assert view.rebuilt == view.drawn == 6


def test_context_needs_matches() -> None:
    session, view = view_of(some_events(30))
    filters = FilterController(session, view)
    filters.change_context(1)
    assert view.message == "no filter to show more rows around: o or & sets one"
    filters.toggle_anomalies()
    before = len(session.visible)
    filters.change_context(1)
    assert len(session.visible) > before


def test_a_row_without_a_request_cannot_be_followed() -> None:
    session, view = view_of([scored_event(request_id="", instance_id="")])
    FilterController(session, view).toggle_request()
    assert view.message == "this row has no request and no instance"
    assert not session.is_filtered


def test_an_invalid_filter_changes_nothing() -> None:
    session, view = view_of(some_events(5))
    FilterController(session, view).ask()
    with pytest.raises(UsageError):
        view.answer("level>=LOUD")
    assert session.filter is None
