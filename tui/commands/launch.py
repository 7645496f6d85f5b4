"""Opening the app on a stream."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError
from tui.commands.choice import ModelChoice
from tui.process.loading import collection_paused

if TYPE_CHECKING:
    from core.decision.flagging import FlaggingPolicy
    from core.live.reader import OpenSource
    from tui.app.app import TailsightApp


def require_terminal(instead: str) -> None:
    """Raise `UsageError`, which names what to do instead, where the app cannot be shown."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"the app needs a terminal, and input or output is not one; {instead}")
    if os.environ.get("TERM", "dumb") in {"dumb", ""}:
        raise UsageError(f"this terminal cannot run the app (TERM=dumb); {instead}")


def open_app(
    open_source: OpenSource,
    choice: ModelChoice,
    *,
    sources: str,
    threshold: float | None,
    config: Path | None,
    verdicts_file: Path | None = None,
) -> int:
    """Run the app to its end and return the exit code."""
    with collection_paused():
        from tui.app.app import run_app

        app, mouse = _make_app(
            open_source, choice, sources=sources, threshold=threshold, config=config, verdicts_file=verdicts_file
        )
    return run_app(app, mouse=mouse)


def _make_app(
    open_source: OpenSource,
    choice: ModelChoice,
    *,
    sources: str,
    threshold: float | None,
    config: Path | None,
    verdicts_file: Path | None,
) -> tuple[TailsightApp, bool]:
    """Return the app, and whether it takes the mouse."""
    model, calibration = choice.read()
    from core.alerts.alerting import alerting
    from core.alerts.settings import with_environment
    from core.decision.flagging import FlaggingPolicy
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.live.stream import RunningStream
    from tui.app.app import TailsightApp
    from tui.config import load_config

    settings, mutes, verdicts = load_config(config), Mutes(), Verdicts(verdicts_file)

    def policy() -> FlaggingPolicy:
        return FlaggingPolicy(app.session.committed, mutes.predicate(), verdicts.predicate())

    def warn(text: str) -> None:
        # Alerts are sent from a thread of their own.
        app.call_later(app.notify, text, title="alert", severity="warning", markup=False)

    listen = alerting(with_environment(settings.alerts), policy, warn)
    stream = RunningStream(open_source, choice.load, listen=listen, zone=choice.zone)
    app = TailsightApp(
        stream.updates,
        sources=sources,
        threshold=settings.threshold if threshold is None else threshold,
        calibration=calibration,
        config=settings,
        model=model,
        mutes=mutes,
        verdicts=verdicts,
        skip=stream.skip_to_end,
        retry_now=stream.retry_now,
    )
    return app, settings.mouse
