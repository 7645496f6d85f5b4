"""Exporting, without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import OutputError, UsageError
from core.export.document import Model
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.export import ExportController


def test_an_export_writes_the_selection_to_a_new_file_only(tmp_path: Path) -> None:
    session, view = view_of(some_events(50))
    ExportController(session, view, Model("abc", 7)).ask()
    assert view.question is not None
    assert view.question.label == "export flagged (5) to"
    view.answer(str(tmp_path / "out.json"))
    assert len(json.loads((tmp_path / "out.json").read_text())["events"]) == 5
    assert view.notification == f"exported: 5 events in {tmp_path / 'out.json'}"
    with pytest.raises(OutputError, match="exists already"):
        view.answer(str(tmp_path / "out.json"))
    with pytest.raises(UsageError, match="type the name of a file"):
        view.answer("  ")


def test_tab_goes_through_the_selections(tmp_path: Path) -> None:
    session, view = view_of(some_events(50))
    ExportController(session, view, Model("", 0)).ask()
    labels = []
    for _ in range(5):
        assert view.question is not None
        assert view.question.alternative is not None
        view.ask(view.question.alternative())
        labels.append(view.question.label)
    assert labels[3] == "export flagged (5) to"
    assert len(set(labels)) == 4
    with pytest.raises(UsageError, match="nothing to export: no event is"):
        view.answer(str(tmp_path / "out.json"))
