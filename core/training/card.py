"""The model card: what the model is, its training data and its results, from its own metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

_CARD: Final = """# Model card: tailsight

A causal Transformer of {parameters:,} parameters that scores OpenStack log events from 0 to 1, high = anomalous.

## Training data

{streams:,} streams, {events:,} events, {anomalous:,} of them anomalous; {epochs} epochs, seed {seed}.
{source} The baseline that the features of a run came from does not contain the block of time of that run.
The artifact holds hashes and numbers, no text of any log.

An event counts as anomalous when it comes after the activation of a fault and belongs to a failed request, or is an
ERROR or CRITICAL, a 5xx reply, a template that healthy runs never had, or the first to notice a request that went
silent. Other events after the activation have no loss.

{curve}
## Validation, at threshold 0.5

{validation}
The threshold was chosen on this same validation set: the highest recall at no more than 0.10 false episodes per hour.
Held-out figures come from `tailsight evaluate` on logs that were used for neither.
{more}
## Limits

- Every deployment that it was not trained on is unknown to it. There the past of the log itself is the baseline:
  until enough of a service has been read its events are `warming_up`, and rules replace the network.
- The model fit in the status line is the share of events whose template is known. When it is low, scores mean little;
  `tailsight learn` makes a baseline of healthy logs of the deployment.
- It scores what is logged. A fault without a trace in the log has none in the score.
"""

_ABLATIONS: Final = """
## Without a part: {contest}

Each row was trained from scratch on the real training runs alone, with {seeds} seeds (the network for {epochs}
epochs, with {feature_dropout:.0%} of its inputs left out at random), and is evaluated by its own scores, without the
rules, at the threshold that finds most with 0.10 false episodes an hour on these very streams: mean (lowest to
highest).
{incidents} incidents, {silent} of them silent.

| contestant | found | silent found | false episodes/h | average precision, failed requests |
|---|---|---|---|---|
{rows}
"""


class _Goal(NamedTuple):
    """Goals of a validation."""

    recall: float
    """Least share of the incidents."""
    false_per_hour: float
    """Most false episodes."""
    average_precision: float = 0.95
    """Least, on the events of failed requests."""


_KNOWN_DEPLOYMENT: Final = _Goal(0.987, 0.10)
_SIMULATED: Final = _Goal(0.95, 0.20)
_HELD_OUT_CAMPAIGN: Final = _Goal(0.99, 0.05, 0.70)
_CALIBRATION_ERROR: Final = 0.05


def render_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card of a model with these metrics.

    Where they exist, it shows `left_out` (as `validation`, by the name of the campaign that was held out of the
    training of another model), `simulated_validation` and `foreign_validation` (the same on simulated logs) and
    `ablations` (as `tailsight evaluate --ablations` gives them).
    """
    training = metrics["training"]
    sections = [
        f"\n## On {name}, by a model trained on the other campaigns alone\n\n{_figures(figures, _HELD_OUT_CAMPAIGN)}"
        for name, figures in metrics.get("left_out", {}).items()
    ]
    sections += [
        f"\n## {title}\n\n{_figures(metrics[name], _SIMULATED)}"
        for name, title in (
            ("simulated_validation", "On simulated clouds that no training saw"),
            ("foreign_validation", "On simulated clouds of other wording, formats and services"),
        )
        if name in metrics
    ]
    sections += [_ablation(table) for table in metrics.get("ablations", ())]
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
        validation=_figures(metrics["validation"], _KNOWN_DEPLOYMENT if metrics["corpus"] else _SIMULATED),
        more="".join(sections),
    )


def _curve(curve: Mapping[str, Sequence[float]]) -> str:
    rows = [
        f"| {epoch} | {_measured(loss, '{:.4f}')} | {_measured(validation, '{:.4f}')} |"
        for epoch, (loss, validation) in enumerate(zip(curve["loss"], curve["validation_loss"], strict=True), 1)
    ]
    return "\n".join(("| epoch | loss | validation loss |", "|---|---|---|", *rows, ""))


def _figures(figures: Mapping[str, Any], target: _Goal) -> str:
    """Return the table of the metrics of a validation and their goals; no row for a metric that is missing."""
    found, incidents = figures["found"], figures["incidents"]
    recall, per_hour = figures["recall"], figures["false_episodes_per_hour"]
    rows = [
        _row(
            "incidents found",
            f"{found} of {incidents} ({_measured(recall, '{:.1%}')})",
            recall,
            target.recall,
            "{:.1%}",
        )
    ]
    if figures["silent"]:
        rows.append(f"| silent incidents found (no ERROR line) | {figures['silent_found']} of {figures['silent']} | |")
    text = f"{_measured(per_hour, '{:.3f}')} ({figures['false_episodes']} in {figures['healthy_hours']} h)"
    rows.append(_row("false episodes per hour of healthy log", text, per_hour, -target.false_per_hour, "{:.2f}"))
    rows.append(f"| median delay after the onset | {_measured(figures['median_delay_seconds'], '{:.2f} s')} | |")
    ranking = figures["average_precision_failed_requests"]
    if ranking is not None:
        rows.append(f"| flagged no later than the client saw it | {figures['before_client']} of {found} | |")
        name = "average precision, events of failed requests"
        rows.append(_row(name, f"{ranking:.3f}", ranking, target.average_precision, "{:.2f}"))
    error = figures.get("expected_calibration_error")
    if error is not None:
        name = "expected calibration error, scores of 0.05 and more"
        rows.append(_row(name, f"{error:.3f}", error, -_CALIBRATION_ERROR, "{:.2f}"))
    return "\n".join(("| metric | value | goal |", "|---|---|---|", *rows, ""))


def _row(name: str, text: str, value: float | None, aim: float, form: str) -> str:
    """Return the row of one metric; a goal below 0 is an upper bound."""
    wanted = f"{'≤' if aim < 0 else '≥'} {form.format(abs(aim))}"
    missed = value is not None and (value > -aim if aim < 0 else value < aim)
    return f"| {name} | {text} | {wanted}{', **missed**' if missed else ''} |"


def _ablation(table: Mapping[str, Any]) -> str:
    columns = {"found": "{:.1f}", "silent_found": "{:.1f}", "false_episodes_per_hour": "{:.3f}"}
    columns["average_precision"] = "{:.3f}"
    rows = [
        f"| {name} | " + " | ".join(_spread(figures[column], form) for column, form in columns.items()) + " |"
        for name, figures in table["contestants"].items()
    ]
    return _ABLATIONS.format(**{**table, "rows": "\n".join(rows)})


def _spread(spread: Mapping[str, float], form: str) -> str:
    low, high = form.format(spread["low"]), form.format(spread["high"])
    mean = form.format(spread["mean"])
    return mean if low == high else f"{mean} ({low} to {high})"


def _measured(value: float | None, form: str) -> str:
    return "not measured" if value is None else form.format(value)
