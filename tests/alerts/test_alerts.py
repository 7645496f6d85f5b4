from __future__ import annotations

import pytest

from core.alerts.alerter import Alerter
from core.alerts.settings import ENVIRONMENT, AlertSettings, check_webhook, with_environment
from core.decision.flagging import FlaggingPolicy
from core.errors import UsageError
from core.events import Channel, Item, Phase, Reason, ScoredEvent, Update
from tests.helpers.events import notice, scored_event
from tests.helpers.webhook import Webhook

SLOW = Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def failures() -> list[str]:
    return []


AT_HALF = FlaggingPolicy(0.5)


def update(*items: Item, phase: Phase = Phase.LIVE) -> Update:
    return Update(items, phase, 0, 0, 0, None)


def anomaly(timestamp: float, service: str = "nova-compute", **more: object) -> ScoredEvent:
    return scored_event(0.97, timestamp, service=service, reasons=(SLOW,), **more)  # type: ignore[arg-type]


def test_an_episode_gives_one_message_when_it_opens_and_one_when_it_is_over(
    webhook: Webhook, failures: list[str]
) -> None:
    with Alerter(AlertSettings(webhook.address), failures.append, host="node-1") as alerter:
        alerter.take(
            update(scored_event(0.1, 1_000.0), notice(), anomaly(1_010.0), anomaly(1_020.0, "nova-api")), AT_HALF
        )
        opened = webhook.next_text()
        alerter.take(update(scored_event(0.1, 1_050.0), scored_event(0.1, 1_140.0)), AT_HALF)
        closed = webhook.next_text()
    assert opened.splitlines() == [
        "tailsight on node-1: anomalous events since 1970-01-01T00:16:50.000 in nova-compute",
        "0.97 spawn took 41.8 s, usually 19.8",
        "INFO Instance spawned successfully.",
        "/var/log/nova/nova-compute.log:1",
    ]
    assert closed.splitlines()[0] == (
        "tailsight on node-1: over since 1970-01-01T00:17:00.000, in nova-compute, nova-api: 2 flagged events in 10 s"
    )
    assert failures == []


def test_nothing_is_sent_for_what_was_read_back_muted_or_below_the_threshold(
    webhook: Webhook, failures: list[str]
) -> None:
    with Alerter(AlertSettings(webhook.address), failures.append) as alerter:
        alerter.take(update(anomaly(1.0), phase=Phase.WARMING_UP), AT_HALF)
        alerter.take(
            update(anomaly(3.0, template="noise")), FlaggingPolicy(0.5, lambda event: event.template == "noise")
        )
        alerter.take(update(anomaly(4.0)), FlaggingPolicy(0.98))
        alerter.take(update(anomaly(1_000.0, line=77)), AT_HALF)
        assert "nova-compute.log:77" in webhook.next_text()


def test_an_episode_of_too_few_events_is_not_reported(webhook: Webhook, failures: list[str]) -> None:
    with Alerter(AlertSettings(webhook.address, min_events=3), failures.append) as alerter:
        alerter.take(update(anomaly(0.0), anomaly(1.0), scored_event(0.1, 150.0)), AT_HALF)
        alerter.take(update(anomaly(200.0, line=5), anomaly(201.0), anomaly(202.0), anomaly(203.0)), AT_HALF)
        assert "nova-compute.log:5" in webhook.next_text()
        alerter.take(update(scored_event(0.1, 330.0)), AT_HALF)
        assert "4 flagged events" in webhook.next_text()


def test_a_quiet_log_closes_the_episode_by_the_clock(webhook: Webhook, failures: list[str]) -> None:
    clock = Clock()
    with Alerter(AlertSettings(webhook.address), failures.append, clock=clock) as alerter:
        alerter.take(update(anomaly(0.0)), AT_HALF)
        webhook.next_text()
        clock.now = 121.0
        alerter.take(update(), AT_HALF)
        assert "over since" in webhook.next_text()


def test_too_many_episodes_in_an_hour_are_counted_in_the_next_message(webhook: Webhook, failures: list[str]) -> None:
    clock = Clock()
    with Alerter(AlertSettings(webhook.address, per_hour=1), failures.append, clock=clock) as alerter:
        for second in (0.0, 200.0, 400.0):
            alerter.take(update(anomaly(second)), AT_HALF)
        assert "anomalous events since" in webhook.next_text()
        assert "over since" in webhook.next_text()
        clock.now = 3_600.0
        alerter.take(update(anomaly(4_000.0)), AT_HALF)
        assert "(2 earlier episodes were not reported" in webhook.next_text()


def test_a_flagged_event_that_the_end_closes_alerts_and_its_episode_is_closed_then(
    webhook: Webhook, failures: list[str]
) -> None:
    with Alerter(AlertSettings(webhook.address), failures.append, host="node-1") as alerter:
        alerter.take(update(anomaly(7.0), phase=Phase.ENDED), AT_HALF)
    assert "anomalous events since 1970-01-01T00:00:07.000" in webhook.next_text()
    assert webhook.next_text().splitlines()[0] == (
        "tailsight on node-1: the stream ended in an episode, last event 1970-01-01T00:00:07.000, in nova-compute: "
        "1 flagged event in 0 s"
    )
    assert failures == []


def test_an_episode_that_was_not_reported_is_not_closed_by_the_end(webhook: Webhook, failures: list[str]) -> None:
    with Alerter(AlertSettings(webhook.address, min_events=2), failures.append) as alerter:
        alerter.take(update(anomaly(7.0)), AT_HALF)
    assert webhook.received.empty()


def test_secrets_and_commands_to_slack_are_taken_out(webhook: Webhook, failures: list[str]) -> None:
    with Alerter(AlertSettings(webhook.address), failures.append) as alerter:
        alerter.take(update(anomaly(0.0, message="<!channel> password=hunter2 " + "x" * 5_000)), AT_HALF)
        text = webhook.next_text()
    assert "hunter2" not in text
    assert "&lt;!channel&gt;" in text
    assert len(text) < 1_000


def test_the_webhook_is_in_no_representation() -> None:
    assert "s3cret" not in repr(AlertSettings("https://hooks.slack.com/services/s3cret"))


@pytest.mark.parametrize("address", ["https://hooks.slack.com/services/T/B/x", "http://127.0.0.1:8080/x"])
def test_an_encrypted_or_local_webhook_is_taken(address: str) -> None:
    assert check_webhook(address) == address


@pytest.mark.parametrize(
    "address", ["http://hooks.slack.com/s3cret", "s3cret", "ftp://s3cret", "https://[s3cret", "https://"]
)
def test_any_other_webhook_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_webhook(address)
    assert "s3cret" not in str(caught.value)


def test_the_environment_names_the_webhook() -> None:
    settings = AlertSettings("https://example.org/file", per_hour=3)
    address = "https://example.org/environment"
    assert with_environment(settings, {ENVIRONMENT: address}) == AlertSettings(address, per_hour=3)
    assert with_environment(settings, {}) is settings
    with pytest.raises(UsageError, match=ENVIRONMENT):
        with_environment(settings, {ENVIRONMENT: "nonsense"})
