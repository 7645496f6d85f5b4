"""Alerts as a listener of the running stream, by the threshold and the mutes of the moment."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.alerts.settings import AlertSettings
from core.events import Update

if TYPE_CHECKING:
    from core.decision.flagging import FlaggingPolicy


class Alerting:
    """Hands the updates of a stream to an alerter. A failure of its own is reported and stops nothing."""

    def __init__(
        self, settings: AlertSettings, policy: Callable[[], FlaggingPolicy], on_failure: Callable[[str], None]
    ) -> None:
        """`policy` is asked for each update: an operator may move the threshold and mute templates meanwhile."""
        from core.alerts.alerter import Alerter  # noqa: PLC0415 (httpx takes a third of a second)

        self._alerter = Alerter(settings, on_failure, host=socket.gethostname())
        self._policy = policy
        self._on_failure = on_failure

    def take(self, update: Update) -> None:
        """Take an update of the stream."""
        try:
            self._alerter.take(update, self._policy())
        except Exception as error:
            # Its text may repeat log text or the address.
            self._on_failure(f"alert not sent: {type(error).__name__} in tailsight itself")

    def close(self) -> None:
        """The stream has ended: close the open episode and send what waits, for less than a second."""
        self._alerter.close()


def alerting(
    settings: AlertSettings, policy: Callable[[], FlaggingPolicy], on_failure: Callable[[str], None]
) -> Callable[[], Alerting] | None:
    """Return what makes the listener of a stream; None where no webhook is set."""
    return (lambda: Alerting(settings, policy, on_failure)) if settings.webhook else None
