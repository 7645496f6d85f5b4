"""A Slack that runs here."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook:
    """Gives the planned answers, and 200 after them."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.address = f"http://127.0.0.1:{server.server_port}/services/T0/B0/s3cret"
        self.answers: queue.Queue[tuple[int, dict[str, str]]] = queue.Queue()
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def next_text(self) -> str:
        """Wait for the next message."""
        text = self.received.get(timeout=60)["text"]
        assert isinstance(text, str)
        return text


@contextmanager
def served_webhook() -> Iterator[Webhook]:
    """Serve a webhook on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.put(json.loads(body))
            hook.may_answer.wait(60)
            status, headers = (200, {}) if hook.answers.empty() else hook.answers.get()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        hook = Webhook(server)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hook
        hook.may_answer.set()
        server.shutdown()
        thread.join()
