"""Passes the updates of a stream on, and tells the alerter of them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from core.decision.flagging import FlaggingPolicy
from core.events import Update

if TYPE_CHECKING:
    from core.alerts.settings import AlertSettings
    from core.decision.mutes import Mutes


def with_alerts(
    updates: Iterable[Update],
    settings: AlertSettings,
    threshold: Callable[[], float],
    mutes: Mutes,
    on_failure: Callable[[str], None],
) -> Iterator[Update]:
    """Pass the updates on, and tell Slack of their episodes where a webhook is set.

    `threshold` is asked anew for each update, and so are the mutes: an operator may change both meanwhile.
    """
    if not settings.webhook:
        yield from updates
        return

    from core.alerts.alerter import Alerter  # noqa: PLC0415 (httpx takes a third of a second)

    with Alerter(settings, on_failure, host=socket.gethostname()) as alerter:
        for update in updates:
            alerter.take(update, FlaggingPolicy(threshold(), mutes.predicate()))
            yield update
