"""Opening the app on a stream."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.alerts.alerting import with_alerts
from core.errors import UsageError
from tui.commands.choice import ModelChoice

if TYPE_CHECKING:
    from core.live.followed import FollowedStream
    from tui.app.app import TailsightApp

_M_ARENA_MAX: Final = -8
"""Option of glibc's `mallopt`: how many heaps there are at most."""


def begin_live() -> None:
    """Hold little memory and let no thread spin; to be called before NumPy is imported and threads begin.

    Linear algebra would begin threads that live work has nothing for, and glibc give each thread a heap of its own.
    """
    import ctypes

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


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
    with _no_collections():
        from tui.app.app import run_app

        app, mouse = _make_app(stream, choice, sources=sources, threshold=threshold, config=config)
    return run_app(app, mouse=mouse)


def _make_app(
    stream: FollowedStream,
    choice: ModelChoice,
    *,
    sources: str,
    threshold: float | None,
    config: Path | None,
) -> tuple[TailsightApp, bool]:
    """Return the app, and whether it takes the mouse."""
    model, calibration = choice.read()
    from core.alerts.settings import with_environment
    from core.decision.mutes import Mutes
    from tui.app.app import TailsightApp
    from tui.config import load_config

    settings = load_config(config)
    alerts = with_environment(settings.alerts)
    from core.live.recovery import Recovery

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

    return app, settings.mouse


@contextmanager
def _no_collections() -> Iterator[None]:
    """Do not look for garbage while modules are imported: what they make stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
