"""When and where to alert, apart from how: reading settings needs no network library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from core.errors import UsageError

ENVIRONMENT: Final = "TAILSIGHT_SLACK_WEBHOOK"
"""Names the webhook, so that it need not stand in a file; takes precedence over the file."""

_INVALID: Final = "invalid webhook (an address that begins with https://)"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """When and where to alert."""

    webhook: str = field(default="", repr=False)
    """Address of a Slack incoming webhook; it is a secret. Empty for no alerts."""
    per_hour: int = 12
    """Messages about opened episodes at most; those left out are counted in the next one."""
    min_events: int = 1
    """Flagged events that an episode must have before it is worth a message."""


def with_environment(settings: AlertSettings, environment: Mapping[str, str] = os.environ) -> AlertSettings:
    """Return the settings with the webhook of the environment, where it names one; UsageError when it is invalid."""
    value = environment.get(ENVIRONMENT, "").strip()
    if not value:
        return settings
    try:
        webhook = check_webhook(value)
    except UsageError as error:
        raise UsageError(f"{ENVIRONMENT}: {error}") from None
    return replace(settings, webhook=webhook)


def check_webhook(address: str) -> str:
    """Return the address of a webhook; UsageError, which does not repeat the address, when it is invalid."""
    try:
        parts = urlsplit(address)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError:
        raise UsageError(_INVALID) from None
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise UsageError(_INVALID)
    return address
