"""Opening the app on a stream."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import UsageError
from tui.commands.choice import ModelChoice
from tui.commands.recovery import Recovery
from tui.commands.stream import FollowedStream, with_alerts


def require_terminal(instead: str) -> None:
    """Raise `UsageError`, which names what to do instead, where no app can be shown."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"there is no terminal to show the app on; {instead}")
    if os.environ.get("TERM", "dumb") in {"dumb", ""}:
        raise UsageError(f"this terminal can show no app (TERM=dumb); {instead}")


def open_app(
    stream: FollowedStream,
    choice: ModelChoice,
    *,
    sources: str,
    threshold: float | None,
    config: Path | None,
) -> int:
    """Run the app to its end and return the exit code."""
    model, calibration = choice.read()
    from core.alertsettings import with_environment
    from core.mutes import Mutes
    from tui.app import TailsightApp, run_app
    from tui.config import load_config

    settings = load_config(config)
    alerts = with_environment(settings.alerts)
    mutes, updates = Mutes(), Recovery(stream)
    if threshold is None:
        threshold = settings.threshold
    app = TailsightApp(
        lambda stop: with_alerts(updates(stop), alerts, lambda: app.session.committed, mutes, warn),
        sources=sources,
        threshold=threshold,
        calibration=calibration,
        config=settings,
        model=model,
        mutes=mutes,
        skip=stream.skip,
        hurry=updates.hurry,
    )

    def warn(text: str) -> None:
        # Alerts are sent from a thread of their own.
        app.call_later(app.notify, text, title="alert", severity="warning", markup=False)

    return run_app(app, mouse=settings.mouse)
