"""The bench's own arithmetic; what it measures is its own affair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.figures import Figure, Target, compare, save, show
from tests.bench.growth import Point, plot
from tests.bench.network import on_device
from tests.bench.processes import run
from tests.helpers.artifact import build_artifact


@pytest.fixture
def console() -> Console:
    return Console(width=150, record=True, force_terminal=False)


def test_a_figure_stands_beside_its_target_and_another_tool(console: Console) -> None:
    figures = [Figure("fast enough", 1.2, "ms", "other", 2.4), Figure("too few", 900.0, "/s")]
    show(figures, console, {"fast enough": Target(1.5), "too few": Target(1_000, at_least=True)})
    rows = [line.split() for line in console.export_text().splitlines()]
    assert rows[1:] == [
        ["fast", "enough", "1.2", "ms", "≤", "1.5", "reached", "other", "2.4", "0.5"],
        ["too", "few", "900", "/s", "≥", "1,000", "missed"],
    ]


def test_two_runs_are_compared_figure_by_figure(tmp_path: Path, console: Console) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    save([Figure("one", 100.0, "ms"), Figure("gone", 1.0, "s")], old, quick=False)
    beside = [Figure("one", 80.0, "ms", peer, 1.0) for peer in ("some", "others")]
    save([*beside, Figure("come", 1.0, "s")], new, quick=True)
    compare(old, new, console)
    *described, headings, row = console.export_text().splitlines()
    assert [line[:4] for line in described] == ["old:", "new:"]
    assert ("quick" in described[0], "quick" in described[1]) == (False, True)
    assert headings.split() == ["figure", "old", "new", "new/old"]
    assert row.split() == ["one", "100", "80", "ms", "0.8"]


def test_a_run_says_what_it_was_measured_on(tmp_path: Path) -> None:
    save([], tmp_path / "run.json", quick=True)
    run = json.loads((tmp_path / "run.json").read_text())
    assert {"commit", "measured", "machine", "versions"} <= set(run)
    assert run["versions"]["torch"]


def test_a_device_is_measured_beside_the_cpu_and_scores_as_it_does(tmp_path: Path) -> None:
    *rates, apart = on_device(build_artifact(tmp_path), "cpu", sizes=(50, 100), times=1)
    assert [figure.name for figure in rates] == [f"network: stream on cpu, batches of {size}" for size in (50, 100)]
    assert all(figure.ratio for figure in rates)
    assert apart.value == 0.0


def test_growth_is_drawn_with_a_panel_for_each_measure(tmp_path: Path) -> None:
    points = [
        Point(axis, size, measure, float(size), "s")
        for axis, measure in (("files", "time"), ("files", "memory"), ("lines", "time"))
        for size in (1, 1_000)
    ]
    plot(points, tmp_path / "growth.svg")
    assert (tmp_path / "growth.svg").read_text().count("axes_") >= 3


def test_a_command_that_fails_is_an_error_with_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="exited with 3: no such thing"):
        run(["sh", "-c", "echo no such thing >&2; exit 3"])
