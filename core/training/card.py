"""The model card: what the shipped model is, what it was taught, and what it is good for, from its own metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CARD = """# Model card: tailsight

A causal Transformer of {parameters:,} parameters that scores OpenStack log events from 0 to 1, high = anomalous.

## What it was taught

{streams:,} streams, {events:,} events, {anomalous:,} of them anomalous; {epochs} epochs, seed {seed}.
{source} The baseline that the features of a run came from has never seen that run's block of time.
The artifact holds hashes and numbers, no text of any log.

An event counts as anomalous when it comes after the activation of a fault and belongs to a failed request, or is an
ERROR or CRITICAL, a 5xx reply, a template that healthy runs never had, or the first to notice a request that went
silent. What else came after the activation was left out of the loss.

## What it does on validation, at threshold 0.5

| measure | value |
|---|---|
| incidents found | {found} of {incidents} ({recall:.1%}) |
| silent incidents found (no ERROR line) | {silent_found} of {silent} |
| false episodes per hour of healthy log | {false_per_hour:.3f} ({false_episodes} in {hours} h) |
| median delay after the activation | {delay} |
| flagged no later than the client saw it | {before} of {found} |
| average precision, events of failed requests | {average_precision} |
| expected calibration error, scores of 0.05 and more | {error:.3f} |

The threshold was chosen on this same validation set: the highest recall at no more than 0.10 false episodes per hour.
Held-out figures come from `tailsight evaluate` on logs that were used for neither.

## Limits

- Every deployment but those it was trained on is foreign. There the baseline of the log's own past has to carry it:
  until a service has shown enough of itself its events are `warming_up`, and rules speak in place of the network.
- The model fit in the status line is the share of events whose template is known. When it is low, scores mean little;
  `tailsight learn` makes a baseline of one's own healthy logs.
- It judges what is logged. A fault that leaves no trace in the log leaves none in the score.
"""


def write(metrics: Mapping[str, Any]) -> str:
    """Write the card of a model with these metrics."""
    validation, training = metrics["validation"], metrics["training"]
    source = "Labelled runs of real deployments and simulated logs." if metrics["corpus"] else "Simulated logs alone."
    return _CARD.format(
        parameters=metrics["parameters"],
        streams=training["streams"],
        events=training["events"],
        anomalous=training["anomalous_events"],
        epochs=metrics["epochs"],
        seed=metrics["seed"],
        source=source,
        found=validation["found"],
        incidents=validation["incidents"],
        recall=validation["recall"],
        silent_found=validation["silent_found"],
        silent=validation["silent"],
        false_per_hour=validation["false_episodes_per_hour"],
        false_episodes=validation["false_episodes"],
        hours=validation["healthy_hours"],
        delay=_measured(validation["median_delay_seconds"], "{:.2f} s"),
        before=validation["before_client"],
        average_precision=_measured(validation["average_precision_failed_requests"], "{:.3f}"),
        error=validation["expected_calibration_error"],
    )


def _measured(value: float | None, form: str) -> str:
    return "not measured" if value is None else form.format(value)
