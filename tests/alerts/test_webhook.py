from __future__ import annotations

import threading
import time
from email.utils import formatdate

import pytest

from core.alerts.webhook import Sender
from tests.helpers.webhook import Webhook


def test_messages_arrive_in_order(webhook: Webhook) -> None:
    failures: list[str] = []
    sender = Sender(webhook.address, failures.append)
    for text in "abc":
        sender.send(text)
    sender.close(60)
    assert [webhook.next_text() for _ in range(3)] == ["a", "b", "c"]
    assert failures == []


def test_sending_never_waits_for_slack(webhook: Webhook) -> None:
    failures: list[str] = []
    webhook.may_answer.clear()
    sender = Sender(webhook.address, failures.append)
    for _ in range(100):
        sender.send("text")
    webhook.may_answer.set()
    sender.close(60)
    assert set(failures) == {"alert not sent: Slack is too slow, and too many messages wait"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(webhook: Webhook, status: int) -> None:
    failures: list[str] = []
    webhook.answers.put((status, {"Retry-After": "0"}))
    webhook.answers.put((status, {"Retry-After": formatdate(time.time() - 5)}))
    webhook.answers.put((status, {"Retry-After": "soon"}))
    sender = Sender(webhook.address, failures.append, retry_seconds=0.001)
    sender.send("text")
    sender.close(60)
    assert [webhook.next_text() for _ in range(4)] == ["text"] * 4
    assert failures == []


def test_a_webhook_that_is_gone_is_not_tried_again(webhook: Webhook) -> None:
    failures: list[str] = []
    webhook.answers.put((404, {}))
    sender = Sender(webhook.address, failures.append, retry_seconds=0.001)
    sender.send("text")
    sender.close(60)
    assert failures == ["alert not sent: Slack answered 404; check the webhook"]
    assert webhook.received.qsize() == 1


def test_patience_ends_and_the_address_is_not_told() -> None:
    failures: list[str] = []
    sender = Sender("http://127.0.0.1:1/s3cret", failures.append, retry_seconds=0.001)
    sender.send("text")
    sender.close(60)
    assert failures == ["alert not sent: Slack cannot be reached (ConnectError); gave up after 5 attempts"]


def test_closing_does_not_wait_for_a_slack_that_asks_for_time(webhook: Webhook) -> None:
    failed = threading.Event()
    failures: list[str] = []

    def fail(text: str) -> None:
        failures.append(text)
        failed.set()

    webhook.answers.put((429, {"Retry-After": "60"}))
    sender = Sender(webhook.address, fail)
    sender.send("text")
    webhook.next_text()
    sender.close(0.01)
    assert failed.wait(60)
    assert failures == ["alert not sent: Slack answered 429; tailsight ended meanwhile"]


def test_an_address_that_cannot_be_called_is_a_failure_and_no_crash() -> None:
    failures: list[str] = []
    sender = Sender("https://exa mple.org:99999999/x", failures.append, retry_seconds=0.001)
    sender.send("text")
    sender.close(60)
    assert len(failures) == 1
