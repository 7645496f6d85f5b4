"""The stream that the app and the headless mode share: files followed, scored, alerted about."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.choice import ModelChoice

if TYPE_CHECKING:
    from core.alertsettings import AlertSettings
    from core.events import Update
    from core.mutes import Mutes
    from core.reading import Follower

MakeFollower = Callable[[threading.Event], "Follower"]


class FollowedStream:
    """Makes the stream of followed files, anew each time it is called."""

    def __init__(self, model: ModelChoice, make_follower: MakeFollower) -> None:
        self._model = model
        self._make_follower = make_follower
        self._follower: Follower | None = None

    def __call__(self, stop: threading.Event) -> Iterator[Update]:
        """Follow and score; ends soon after `stop` is set."""
        from core.pipeline import watch
        from core.reading import in_thread

        follower = self._follower = self._make_follower(stop)
        return watch(in_thread(follower), self._model.load, done=follower.commit)

    def skip(self) -> None:
        """Let the reader jump to now."""
        if self._follower is not None:
            self._follower.skip_to_end()


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

    from core.alerts import Alerter

    with Alerter(settings, on_failure, host=socket.gethostname()) as alerter:
        for update in updates:
            alerter.take(update, threshold(), mutes.predicate())
            yield update


def default_checkpoint(paths: Sequence[Path]) -> Path:
    """Where it is kept how far reading these paths has come, unless told otherwise."""
    import platformdirs

    named = "\n".join(sorted(str(path.absolute()) for path in paths))
    digest = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()
    return platformdirs.user_state_path("tailsight") / f"{digest[:16]}.checkpoint"
