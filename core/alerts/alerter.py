"""Alerts: one message when an episode opens and one when it is over."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from core.alerts.settings import AlertSettings
from core.alerts.tracker import EpisodeChange, EpisodeTracker, RunningEpisode
from core.alerts.webhook import Sender
from core.decision.flagging import FlaggingPolicy
from core.episodes import first_cause
from core.events import Phase, ScoredEvent, Update
from core.export.redact import redact
from core.support.printable import two_digits

_LINE_LIMIT: Final = 300
_HOUR: Final = 3_600.0
_ALERTING_PHASES: Final = {Phase.LIVE, Phase.ENDED}


class Alerter:
    """Follows the live stream and sends Slack a message about each episode; never waits for the network.

    `on_failure` is called with one line, from the sending thread or the caller's, when a message could not be
    delivered. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        settings: AlertSettings,
        on_failure: Callable[[str], None],
        *,
        host: str = "",
        clock: Callable[[], float] = time.monotonic,
        retry_seconds: float = 1.0,
    ) -> None:
        self._settings = settings
        self._on_failure = on_failure
        self._host = host
        self._clock = clock
        self._tracker = EpisodeTracker(clock)
        self._decided = 0
        self._announced = 0
        self._sent_at: deque[float] = deque(maxlen=settings.per_hour)
        self._held_back = 0
        self._sender = Sender(settings.webhook, on_failure, retry_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def take(self, update: Update, policy: FlaggingPolicy) -> None:
        """Take what one batch or the end of the stream brought; what was read back before going live is left out."""
        if update.phase not in _ALERTING_PHASES:
            return
        for item in update.items:
            if isinstance(item, ScoredEvent):
                self._follow(self._tracker.feed(item, alerting=policy.is_alerting(item)))
        self._follow(self._tracker.expire())

    def close(self, timeout: float = 0.8) -> None:
        """Close the open episode, send what waits, for at most `timeout` seconds, and end."""
        self._follow(self._tracker.finish(), stream_ended=True)
        self._sender.close(timeout)

    def _follow(self, changes: list[tuple[EpisodeChange, RunningEpisode]], *, stream_ended: bool = False) -> None:
        for change, episode in changes:
            if change is EpisodeChange.CLOSED and episode.number == self._announced:
                self._sender.send(closing_text(episode, self._host, stream_ended=stream_ended))
        current = self._tracker.open
        if current and current.number != self._decided and current.count >= self._settings.min_events:
            self._decided = current.number
            self._announce(current)

    def _announce(self, episode: RunningEpisode) -> None:
        now = self._clock()
        if len(self._sent_at) == self._settings.per_hour and now - self._sent_at[0] < _HOUR:
            self._held_back += 1
            return
        self._sent_at.append(now)
        self._announced = episode.number
        self._sender.send(opening_text(episode, self._host, self._held_back))
        self._held_back = 0


def opening_text(episode: RunningEpisode, host: str, held_back: int = 0) -> str:
    """Say that an episode has begun, what with and where."""
    event = episode.first.event
    lines = [
        f"tailsight{_on(host)}: anomalous events since {event.iso_timestamp or 'now'} in {_services(episode)}",
        f"{two_digits(episode.worst.score or 0.0)} {first_cause([episode.first])}",
        f"{event.level} {event.head}".lstrip(),
        event.place,
    ]
    if held_back:
        lines.append(f"({held_back} earlier episodes were not reported: too many within an hour)")
    return _safe(lines)


def closing_text(episode: RunningEpisode, host: str, *, stream_ended: bool = False) -> str:
    """Say that an episode is over, or that the stream ended in it, and what it came to."""
    first, last = episode.first.event, episode.last.event
    seconds = (last.timestamp or 0.0) - (first.timestamp or 0.0)
    worst = episode.worst
    size = f"{episode.count} flagged event{'s' if episode.count > 1 else ''} in {max(seconds, 0.0):.0f} s"
    over = "the stream ended in an episode, last event" if stream_ended else "over since"
    lines = [
        f"tailsight{_on(host)}: {over} {last.iso_timestamp or 'now'}, in {_services(episode)}: {size}",
        f"worst {two_digits(worst.score or 0.0)} {first_cause([worst])}",
        worst.event.place,
    ]
    return _safe(lines)


def _on(host: str) -> str:
    return f" on {host}" if host else ""


def _services(episode: RunningEpisode) -> str:
    return ", ".join(episode.services[:5]) or "an unknown service"


def _safe(lines: list[str]) -> str:
    """Return the message with secrets taken out, of bounded length, and with nothing in it that Slack acts upon."""
    text = "\n".join(_shortened(redact(line)) for line in lines if line.strip()).encode(errors="replace").decode()
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shortened(line: str) -> str:
    return line if len(line) <= _LINE_LIMIT else f"{line[: _LINE_LIMIT - 1]}…"
