"""The model card: what the shipped model is, what it was taught, and what it is good for, from its own metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

_CARD = """# Model card: tailsight

A causal Transformer of {parameters:,} parameters that scores OpenStack log events from 0 to 1, high = anomalous.

## What it was taught

{streams:,} streams, {events:,} events, {anomalous:,} of them anomalous; {epochs} epochs, seed {seed}.
{source} The baseline that the features of a run came from has never seen that run's block of time.
The artifact holds hashes and numbers, no text of any log.

An event counts as anomalous when it comes after the activation of a fault and belongs to a failed request, or is an
ERROR or CRITICAL, a 5xx reply, a template that healthy runs never had, or the first to notice a request that went
silent. What else came after the activation was left out of the loss.

{curve}
## What it does on validation, at threshold 0.5

{validation}
The threshold was chosen on this same validation set: the highest recall at no more than 0.10 false episodes per hour.
Held-out figures come from `tailsight evaluate` on logs that were used for neither.
{more}
## Limits

- Every deployment but those it was trained on is foreign. There the baseline of the log's own past has to carry it:
  until a service has shown enough of itself its events are `warming_up`, and rules speak in place of the network.
- The model fit in the status line is the share of events whose template is known. When it is low, scores mean little;
  `tailsight learn` makes a baseline of one's own healthy logs.
- It judges what is logged. A fault that leaves no trace in the log leaves none in the score.
"""

_ABLATIONS = """
## Without a part: {contest}

Each row was taught anew on the real training runs alone, with {seeds} seeds (the network for {epochs} epochs, with
{feature_dropout:.0%} of its inputs left out at random), and is judged by its own scores, without the rules, at the
threshold that finds most with 0.10 false episodes an hour on these very streams: mean (lowest to highest).
{incidents} incidents, {silent} of them silent.

| contestant | found | silent found | false episodes/h | average precision, failed requests |
|---|---|---|---|---|
{rows}
"""


class _Target(NamedTuple):
    """What a validation aims at."""

    recall: float
    """Least share of the incidents."""
    false_per_hour: float
    """Most false episodes."""
    average_precision: float = 0.95
    """Least, on the events of failed requests."""


_AT_HOME: Final = _Target(0.987, 0.10)
_SIMULATED: Final = _Target(0.95, 0.20)
_AWAY: Final = _Target(0.99, 0.05, 0.70)
_CALIBRATION_ERROR: Final = 0.05


def write(metrics: Mapping[str, Any]) -> str:
    """Write the card of a model with these metrics.

    Where they have them, it shows `left_out` (as `validation`, by the name of the campaign that a model of its own was
    not taught), `simulated_validation` and `foreign_validation` (the same on simulated logs) and `ablations` (as
    `tailsight evaluate --ablations` gives them).
    """
    training = metrics["training"]
    sections = [
        f"\n## On {name}, by a model that was taught the other campaigns alone\n\n{_figures(figures, _AWAY)}"
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
        validation=_figures(metrics["validation"], _AT_HOME if metrics["corpus"] else _SIMULATED),
        more="".join(sections),
    )


def _curve(curve: Mapping[str, Sequence[float]]) -> str:
    rows = [
        f"| {epoch} | {_measured(loss, '{:.4f}')} | {_measured(validation, '{:.4f}')} |"
        for epoch, (loss, validation) in enumerate(zip(curve["loss"], curve["validation_loss"], strict=True), 1)
    ]
    return "\n".join(("| epoch | loss | validation loss |", "|---|---|---|", *rows, ""))


def _figures(figures: Mapping[str, Any], target: _Target) -> str:
    """A table of what a validation measured, beside what was aimed at; a row only for what it did measure."""
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
    return "\n".join(("| measure | value | aim |", "|---|---|---|", *rows, ""))


def _row(name: str, text: str, value: float | None, aim: float, form: str) -> str:
    """One measure; an aim below 0 is the most that the value may be."""
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
