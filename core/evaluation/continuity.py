"""Comparison with earlier work: 2,000 lines of LogHub with labels made by a rule of one line.

The labels mark ordinary behaviour; no claim rests on them. The last 50 events were the test set of that work.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import SourceError
from core.evaluation.judge import read_lines
from core.events import LogEvent, ScoredEvent
from core.pipeline import Pipeline
from core.templates import Templater
from core.training.measure import event_figures

NOTE: Final = "These labels are ordinary behaviour, made by the rule itself: no claim about tailsight rests on them."
RULE: Final = "status >= 400, WARNING, API time >= 0.5 s or used_ram >= 2560 MB"
_LAST: Final = 50
_USED_RAM: Final = re.compile(r"\bused_ram=(\d{1,9})MB")


def continuity(log: Path, labels: Path, pipeline: Pipeline, threshold: float) -> dict[str, Any]:
    """Precision, recall and F1 on the last 50 events and on all, of the scores and of the rule behind the labels.

    `labels` is a table with the columns `line` and `is_anomaly`. Raises SourceError where a file does not fit.
    """
    wrong = _read_labels(labels)
    items = [*pipeline.feed(read_lines(log)), *pipeline.quiet()]
    events = [item for item in items if isinstance(item, ScoredEvent) and item.event.line in wrong]
    if not events:
        raise SourceError(f"{labels}: no line of {log.name} has a label there")
    templater = Templater()
    truth = np.array([wrong[event.event.line] for event in events], np.bool_)
    scores = np.array([0.0 if event.score is None else event.score for event in events], np.float64)
    ruled = np.array([_rule(event.event, templater) for event in events], np.float64)
    return {
        "note": NOTE,
        "rule": RULE,
        "last": _figures(truth[-_LAST:], scores[-_LAST:], ruled[-_LAST:], threshold),
        "all": _figures(truth, scores, ruled, threshold),
    }


def _figures(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], ruled: NDArray[np.float64], threshold: float
) -> dict[str, Any]:
    return {
        "events": len(truth),
        "labelled": int(truth.sum()),
        "tailsight": event_figures(truth, scores, threshold),
        "rule": event_figures(truth, ruled, 1.0),
    }


def _rule(event: LogEvent, templater: Templater) -> bool:
    facts = templater.facts(event.logger, event.head)
    used = _USED_RAM.search(event.head)
    return (
        facts.status >= 400
        or event.level == "WARNING"
        or facts.latency >= 0.5  # nan is not
        or (used is not None and int(used[1]) >= 2560)
    )


def _read_labels(path: Path) -> dict[int, bool]:
    try:
        with path.open(newline="", encoding="utf-8") as rows:
            return {int(row["line"]): row["is_anomaly"] == "1" for row in csv.DictReader(rows)}
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}; it is a table with columns line and is_anomaly") from error
    except (KeyError, ValueError) as error:
        raise SourceError(f"{path}: not a table with the columns line and is_anomaly ({error})") from error
