"""Messages to a webhook, sent from a thread of their own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

_QUEUE: Final = 64
_ATTEMPTS: Final = 5
_TIMEOUT_SECONDS: Final = 10.0
_LONGEST_WAIT_SECONDS: Final = 120.0

# They write the addresses they call, and a webhook's is a secret.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Sender:
    """Posts messages to a Slack webhook one after the other; a failure that may pass is tried again.

    `on_failure` is called with one line, which does not name the address, for each message that is lost; from the
    sending thread, or from the caller's when too many messages wait.
    """

    def __init__(self, webhook: str, on_failure: Callable[[str], None], retry_seconds: float = 1.0) -> None:
        self._webhook = webhook
        self._on_failure = on_failure
        self._retry_seconds = retry_seconds
        self._messages: queue.Queue[str | None] = queue.Queue(_QUEUE)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._thread.start()

    def send(self, text: str) -> None:
        """Take a message to be sent; never waits."""
        try:
            self._messages.put_nowait(text)
        except queue.Full:
            self._on_failure("alert not sent: Slack is too slow, and too many messages wait")

    def close(self, timeout: float) -> None:
        """Send what waits, for at most `timeout` seconds, and end."""
        deadline = time.monotonic() + timeout
        # A full queue has no room yet for what ends the thread.
        with suppress(queue.Full):
            self._messages.put(None, timeout=timeout)
        self._thread.join(max(deadline - time.monotonic(), 0.0))
        self._stop.set()
        with suppress(queue.Full):
            self._messages.put_nowait(None)

    def _run(self) -> None:
        with httpx.Client(timeout=_TIMEOUT_SECONDS) as client:
            while not self._stop.is_set() and (text := self._messages.get()) is not None:
                if failure := self._deliver(client, text):
                    self._on_failure(f"alert not sent: {failure}")

    def _deliver(self, client: httpx.Client, text: str) -> str:
        """Post one message; return why it could not be delivered, or an empty text."""
        failure = ""
        for attempt in range(_ATTEMPTS):
            wait = self._retry_seconds * 2**attempt
            try:
                reply = client.post(self._webhook, json={"text": text, "mrkdwn": False, "unfurl_links": False})
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                # Its text may name the address.
                failure = f"Slack cannot be reached ({type(error).__name__})"
            else:
                if reply.is_success:
                    return ""
                failure = f"Slack answered {reply.status_code}"
                if reply.status_code != httpx.codes.TOO_MANY_REQUESTS and not reply.is_server_error:
                    return f"{failure}; check the webhook"
                wait = max(wait, _retry_after(reply.headers.get("Retry-After", "")))
            if attempt + 1 < _ATTEMPTS and self._stop.wait(min(wait, _LONGEST_WAIT_SECONDS)):
                return f"{failure}; tailsight ended meanwhile"
        return f"{failure}; gave up after {_ATTEMPTS} attempts"


def _retry_after(value: str) -> float:
    """Return the seconds that a `Retry-After` header asks for, given as a number or a date; 0 for none."""
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0
