"""The score graph and the timeline."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.events import LEVELS
from core.history.timeline import Bins
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.themes import PALETTES
from tui.widgets.score_graph import graph_lines
from tui.widgets.timeline import timeline_lines, zoomed

DRAWING = Drawing(PALETTES["terminal"], UNICODE, 80)


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=50), st.floats(0, 1), st.integers(1, 8))
def test_the_score_graph_fills_its_frame(scores: list[float], threshold: float, height: int) -> None:
    lines = graph_lines(scores, threshold, height, DRAWING.resized(30))
    assert len(lines) == height
    assert all(sum(len(text) for text, _ in line) == 5 + 30 for line in lines)


def test_the_score_graph_does_not_stretch_small_scores() -> None:
    lines = graph_lines([0.010, 0.011, 0.012], 0.5, 3, DRAWING.resized(3))
    text = ["".join(text for text, _ in line) for line in lines]
    assert text[2].endswith("▁▁▁")
    assert "▁" not in text[0] + text[1]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 16), st.floats(-1e6, 2e6))
def test_a_zoomed_window_stays_in_the_span(first: float, seconds: float, zoom: int, center: float) -> None:
    start, end = zoomed((first, first + seconds), zoom, center)
    assert start < end
    assert start >= first - 1e-6
    assert end <= first + max(seconds, 1.0) + 1.0


def test_the_timeline_stacks_severities_and_marks_what_is_flagged() -> None:
    levels = np.zeros((4, len(LEVELS)), np.int64)
    levels[0, LEVELS.index("INFO")] = 40
    levels[1, LEVELS.index("ERROR")] = 1
    levels[2, LEVELS.index("WARNING")] = 20
    bins = Bins(np.linspace(0.0, 40.0, 5), levels, np.array([2, 0, 0, 0]))
    lines = timeline_lines(bins, 6, 2, DRAWING)
    text = ["".join(text for text, _ in line) for line in lines]
    assert text[3].endswith("█▁█ ")
    assert text[4].endswith("◆ew ")
    assert text[5][6 + 2] == "▲"
