"""Alerts beside a running stream: by the threshold of the moment, to its end, and never in its way."""

from __future__ import annotations

import sys
import threading

import pytest

from core.alerts.alerter import Alerter
from core.alerts.alerting import alerting
from core.alerts.settings import AlertSettings
from core.decision.flagging import FlaggingPolicy
from core.events import LogLine, Phase, ScoredEvent, Update
from core.live.stream import RunningStream
from tests.helpers.events import scored_event
from tests.helpers.flaky import Failures, FlakyLog, FlakyModel
from tests.helpers.lines import oslo
from tests.helpers.webhook import Webhook


def live(*events: ScoredEvent) -> Update:
    return Update(events, Phase.LIVE, 1, 1, 0, 1.0)


def test_without_a_webhook_nothing_listens_and_nothing_is_loaded_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "core.alerts.alerter", raising=False)
    assert alerting(AlertSettings(), lambda: FlaggingPolicy(0.5), pytest.fail) is None
    assert alerting(AlertSettings("https://example.org/x"), lambda: FlaggingPolicy(0.5), pytest.fail) is not None
    assert "core.alerts.alerter" not in sys.modules


def test_alerts_go_by_the_threshold_of_the_moment(webhook: Webhook) -> None:
    threshold = 0.95
    listen = alerting(AlertSettings(webhook.address), lambda: FlaggingPolicy(threshold), pytest.fail)
    assert listen is not None
    listener = listen()
    listener.take(live(scored_event(0.9, 1.0, line=1)))
    threshold = 0.5
    listener.take(live(scored_event(0.9, 500.0, line=2)))
    assert "nova-compute.log:2" in webhook.next_text()
    listener.close()
    assert "the stream ended in an episode" in webhook.next_text()


def test_an_alert_that_cannot_be_made_is_reported_and_stops_nothing(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("password=hunter2")

    failures: list[str] = []
    listen = alerting(AlertSettings(webhook.address), lambda: FlaggingPolicy(0.5), failures.append)
    assert listen is not None
    listener = listen()
    monkeypatch.setattr(Alerter, "take", fail)
    listener.take(live(scored_event(0.9)))
    listener.close()
    assert failures == ["alert not sent: ValueError in tailsight itself"]


def test_the_last_event_of_a_stream_alerts_when_the_end_closes_it(webhook: Webhook) -> None:
    log = FlakyLog([LogLine("a.log", 1, 0, 1, oslo("did token-0"))], Failures())
    listen = alerting(AlertSettings(webhook.address), lambda: FlaggingPolicy(0.05), pytest.fail)
    stream = RunningStream(log.open, FlakyModel(log.failures).load, listen=listen)
    assert [len(update.items) for update in stream.updates(threading.Event()) if update.phase is Phase.ENDED] == [1]
    assert "a.log:1" in webhook.next_text()
    assert "the stream ended in an episode" in webhook.next_text()
