"""The model card: what the model is, its training data and its results, from its own metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

_CARD: Final = """# Model card: tailsight

A causal Transformer of {parameters:,} parameters and the detectors beside it. Together they score OpenStack log events
from 0 to 1 by how rarely a healthy log shows something as unusual: 0.5 is 0.1 false episodes per hour, and each 0.1 is
half a decade.

## Training data

{streams:,} streams, {events:,} events, {anomalous:,} of them anomalous; {epochs} epochs, seed {seed}.
{source} Each run is used three times: with a baseline of its own deployment that does not contain its block of time,
with that of other deployments, and with its own past alone.
The artifact holds hashes and numbers, no text of any log.

An event counts as anomalous when it comes after the activation of a fault and belongs to a failed request, or is an
ERROR or CRITICAL, a 5xx reply, a template that healthy runs never had, or the first to notice a request that went
silent. Other events after the activation have no loss.

{curve}
## Calibration

The combination of the detectors is a logistic model with monotone terms, fitted on the training runs with the logits
of networks that have not seen them (two halves of the blocks of time). The curves are counted on healthy streams alone,
validation and training, again with networks that have not seen them.

{calibration}
## Validation, at threshold 0.5

{validation}
{tables}
## Limits

- A score above what was counted (the table of the calibration) is the exponential tail carried on.
- Every deployment that it was not trained on is unknown to it. There the past of the log itself is the reference, and
  the calibration follows what the log shows: after ten hours both weigh the same.
- It scores what is logged. A fault without a trace in the log has none in the score.
"""


class _Goal(NamedTuple):
    """Goals of a validation."""

    recall: float
    """Least share of the incidents."""
    false_per_hour: float
    """Most false episodes."""


_KNOWN_DEPLOYMENT: Final = _Goal(0.98, 0.10)
_SIMULATED: Final = _Goal(0.95, 0.20)


def render_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card of a model with these metrics.

    `tables`, where they exist, are further results: each with `title`, `note`, `columns` and `rows` of text.
    """
    training = metrics["training"]
    return _CARD.format(
        parameters=metrics["parameters"],
        streams=training["streams"],
        events=training["events"],
        anomalous=training["anomalous_events"],
        epochs=metrics["epochs"],
        seed=metrics["seed"],
        source="Labelled runs of real deployments and simulated logs."
        if metrics["corpus"]
        else "Simulated logs alone.",
        curve=_curve(metrics["curve"]),
        calibration=_calibration(metrics["calibration"]),
        validation=_figures(metrics["validation"], _KNOWN_DEPLOYMENT if metrics["corpus"] else _SIMULATED),
        tables="".join(map(_section, metrics.get("tables", ()))),
    )


def _section(table: Mapping[str, Any]) -> str:
    return f"## {table['title']}\n\n{table['note']}\n\n{_table(table['columns'], table['rows'])}\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _curve(curve: Mapping[str, Sequence[float]]) -> str:
    rows = [
        (str(epoch), _measured(loss, "{:.4f}"), _measured(validation, "{:.4f}"))
        for epoch, (loss, validation) in enumerate(zip(curve["loss"], curve["validation_loss"], strict=True), 1)
    ]
    return _table(("epoch", "loss", "validation loss"), rows)


def _calibration(fitted: Mapping[str, Mapping[str, float]]) -> str:
    rows = [(basis, f"{figures['hours']:.1f}", f"{figures['counted_to']:.2f}") for basis, figures in fitted.items()]
    return _table(("basis", "healthy hours", "counted up to score"), rows)


def _figures(figures: Mapping[str, Any], target: _Goal) -> str:
    """Return the table of the metrics of a validation and their goals; no row for a metric that is missing."""
    found, incidents = figures["found"], figures["incidents"]
    recall, per_hour = figures["recall"], figures["false_episodes_per_hour"]
    share = f"{found} of {incidents} ({_measured(recall, '{:.1%}')})"
    rows = [_row("incidents found", share, recall, target.recall, "{:.1%}")]
    if figures["silent"]:
        rows.append(("silent incidents found (no ERROR line)", f"{figures['silent_found']} of {figures['silent']}", ""))
    text = f"{_measured(per_hour, '{:.3f}')} ({figures['false_episodes']} in {figures['healthy_hours']} h)"
    rows.append(_row("false episodes per hour of healthy log", text, per_hour, -target.false_per_hour, "{:.2f}"))
    rows.append(("median delay after the onset", _measured(figures["median_delay_seconds"], "{:.2f} s"), ""))
    ranking = figures["average_precision_failed_requests"]
    if ranking is not None:
        rows.append(("flagged no later than the client saw it", f"{figures['before_client']} of {found}", ""))
        rows.append(("average precision, events of failed requests", f"{ranking:.3f}", ""))
    return _table(("metric", "value", "goal"), rows)


def _row(name: str, text: str, value: float | None, aim: float, form: str) -> tuple[str, str, str]:
    """Return the row of one metric; a goal below 0 is an upper bound."""
    wanted = f"{'≤' if aim < 0 else '≥'} {form.format(abs(aim))}"
    missed = value is not None and (value > -aim if aim < 0 else value < aim)
    return name, text, wanted + (", **missed**" if missed else "")


def _measured(value: float | None, form: str) -> str:
    return "not measured" if value is None else form.format(value)
