"""The model card: metrics, missed goals, and no section without its metrics."""

from __future__ import annotations

from typing import Any

import pytest

from core.training import card

FIGURES: dict[str, Any] = {
    "incidents": 50,
    "found": 50,
    "recall": 1.0,
    "silent": 6,
    "silent_found": 5,
    "healthy_hours": 20.0,
    "false_episodes": 1,
    "false_episodes_per_hour": 0.05,
    "median_delay_seconds": 0.5,
    "before_client": 49,
    "average_precision_failed_requests": 0.99,
}
METRICS: dict[str, Any] = {
    "parameters": 415_873,
    "epochs": 2,
    "seed": 0,
    "corpus": True,
    "training": {"streams": 10, "events": 1_000, "anomalous_events": 9},
    "calibration": {"baseline": {"hours": 98.3, "counted_to": 0.5}, "stream": {"hours": 200.0, "counted_to": 0.52}},
    "curve": {"loss": [0.2, 0.1], "validation_loss": [0.3, None]},
    "validation": FIGURES,
}


def test_a_card_has_the_training_curve_and_no_section_of_what_was_not_measured() -> None:
    text = card.render_card(METRICS)
    assert "| 1 | 0.2000 | 0.3000 |" in text
    assert "| 2 | 0.1000 | not measured |" in text
    assert "| baseline | 98.3 | 0.50 |" in text
    assert "missed" not in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Training data",
        "## Calibration",
        "## Validation, at threshold 0.5",
        "## Limits",
    ]


@pytest.mark.parametrize(
    ("measure", "value", "line"),
    [("recall", 0.97, "incidents found"), ("false_episodes_per_hour", 0.11, "false episodes")],
)
def test_a_goal_that_was_not_reached_is_called_missed(measure: str, value: float, line: str) -> None:
    text = card.render_card({**METRICS, "validation": {**FIGURES, measure: value}})
    (missed,) = (row for row in text.splitlines() if "**missed**" in row)
    assert missed.startswith(f"| {line}")


def test_further_results_have_a_section_and_a_table_each() -> None:
    table = {"title": "The dial", "note": "On validation.", "columns": ["at", "found"], "rows": [["0.5", "58"]]}
    text = card.render_card({**METRICS, "tables": [table]})
    assert "## The dial\n\nOn validation.\n\n| at | found |\n| --- | --- |\n| 0.5 | 58 |\n" in text


def test_a_model_of_simulated_logs_alone_has_their_goals_and_says_so() -> None:
    text = card.render_card({**METRICS, "corpus": False, "validation": {**FIGURES, "false_episodes_per_hour": 0.15}})
    assert "Simulated logs alone." in text
    assert "≤ 0.20" in text
    assert "missed" not in text
