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
    "expected_calibration_error": 0.04,
}
METRICS: dict[str, Any] = {
    "parameters": 415_873,
    "epochs": 2,
    "seed": 0,
    "corpus": True,
    "training": {"streams": 10, "events": 1_000, "anomalous_events": 9},
    "curve": {"loss": [0.2, 0.1], "validation_loss": [0.3, None]},
    "validation": FIGURES,
}


def test_a_card_has_the_training_curve_and_no_section_of_what_was_not_measured() -> None:
    text = card.render_card(METRICS)
    assert "| 1 | 0.2000 | 0.3000 |" in text
    assert "| 2 | 0.1000 | not measured |" in text
    assert "missed" not in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Training data",
        "## Validation, at threshold 0.5",
        "## Limits",
    ]


@pytest.mark.parametrize(
    ("measure", "value", "line"),
    [
        ("recall", 0.97, "incidents found"),
        ("false_episodes_per_hour", 0.11, "false episodes"),
        ("average_precision_failed_requests", 0.9, "average precision"),
        ("expected_calibration_error", 0.06, "expected calibration error"),
    ],
)
def test_a_goal_that_was_not_reached_is_called_missed(measure: str, value: float, line: str) -> None:
    text = card.render_card({**METRICS, "validation": {**FIGURES, measure: value}})
    (missed,) = (row for row in text.splitlines() if "**missed**" in row)
    assert missed.startswith(f"| {line}")


def test_a_held_out_campaign_has_its_own_section_and_goals() -> None:
    text = card.render_card({**METRICS, "left_out": {"Neutron": METRICS["validation"]}})
    section = text.partition("## On Neutron, by a model trained on the other campaigns alone")[2].partition("\n## ")[0]
    assert "≥ 99.0%" in section
    assert "≥ 0.70" in section


def test_simulated_validation_and_ablations_have_their_own_sections() -> None:
    spread = {"mean": 40.0, "low": 39.0, "high": 41.0}
    table = {
        "contest": "Neutron, never seen",
        "incidents": 88,
        "silent": 20,
        "seeds": 5,
        "epochs": 4,
        "feature_dropout": 0.3,
        "contestants": {
            "the whole network": dict.fromkeys(
                ("found", "silent_found", "false_episodes_per_hour", "average_precision"), spread
            )
        },
    }
    unknown = {**FIGURES, "silent": 0, "average_precision_failed_requests": None}
    text = card.render_card({**METRICS, "simulated_validation": unknown, "ablations": [table]})
    section = text.partition("## On simulated clouds")[2].partition("\n## ")[0]
    assert "silent" not in section
    assert "client" not in section
    assert "| the whole network | 40.0 (39.0 to 41.0) |" in text
    assert "4\nepochs, with 30% of its inputs left out" in text
