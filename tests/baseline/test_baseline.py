"""What is usual: sums that add up, bytes that come back the same, and nothing of a log's text in them."""

from __future__ import annotations

import gzip
import re

import pytest

from core.baseline import Baseline, Chains, Learner, Profile, Usual, merged
from core.baseline.chains import START
from core.errors import ArtifactError
from tests.helpers.cloud import cloud_lines, healthy_baseline, parsed


def learned(*seeds: int) -> Learner:
    learner = Learner("cloud")
    for seed in seeds:
        for event, facts in zip(*parsed(cloud_lines(seed, 120.0)), strict=True):
            learner.learn(event, facts)
        learner.end_run()
    return learner


def test_merging_two_profiles_is_learning_from_both() -> None:
    together = Baseline((learned(1, 2).profile,))
    apart = Baseline((merged("cloud", [learned(1).profile, learned(2).profile]),))
    assert together.to_bytes() == apart.to_bytes()


def test_a_baseline_comes_back_from_its_bytes() -> None:
    packed = healthy_baseline().to_bytes()
    again = Baseline.from_bytes(packed)
    assert again.to_bytes() == packed
    assert Usual(again).templates == Usual(healthy_baseline()).templates


def test_no_text_of_a_log_is_in_a_baseline() -> None:
    plain = gzip.decompress(healthy_baseline().to_bytes()).decode()
    keys = set(Profile("").to_plain()) | {"format", "profiles", "request", "instance", "cloud", "tailsight", "baseline"}
    events, _ = parsed(cloud_lines(11))
    services = {part for event in events for part in event.service.split("-")}
    words = {word for quoted in re.findall('"([^"]*)"', plain) for word in re.findall("[a-z_]{3,}", quoted)}
    assert words <= keys | services


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}"),
        gzip.compress(b'{"format": "other/9"}'),
        gzip.compress(b"{}")[:-3],
        gzip.compress(b"")[:10] + b"\xff" * 20,
    ],
    ids=["nothing", "no gzip", "no format", "another format", "cut off", "damaged"],
)
def test_something_else_than_a_baseline_is_refused_in_one_line(packed: bytes) -> None:
    with pytest.raises(ArtifactError) as caught:
        Baseline.from_bytes(packed)
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_very_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = healthy_baseline().to_bytes()
    monkeypatch.setattr("core.baseline.profile._MOST_BYTES", 1_000)
    with pytest.raises(ArtifactError, match="unpacks to more than a baseline needs"):
        Baseline.from_bytes(packed)


def test_a_missing_baseline_file_says_how_to_make_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ArtifactError, match="tailsight learn"):
        Baseline.read(tmp_path_factory.mktemp("none") / "baseline.json.gz")


def test_rarity_counts_the_runs_that_lack_a_template() -> None:
    usual = Usual(healthy_baseline())
    assert all(0.0 <= template.rarity <= 1.0 for template in usual.templates.values())
    assert min(template.rarity for template in usual.templates.values()) == 0.0


def test_a_request_is_followed_across_services_and_begins_with_the_start() -> None:
    events, facts = parsed(cloud_lines(1, 120.0))
    chains = Chains()
    first_seen: set[str] = set()
    for event, fact in zip(events, facts, strict=True):
        link = chains.link(event, fact.template.id, event.timestamp or 0.0)
        if event.request_id and event.request_id not in first_seen and not event.instance_id:
            assert link.previous == START
        if event.request_id and event.request_id in first_seen:
            assert link.request_gap >= 0
        first_seen.add(event.request_id)


def test_what_is_expected_is_what_followed_most_in_the_healthy_logs() -> None:
    usual = Usual(healthy_baseline())
    transitions = merged("cloud", healthy_baseline().profiles).transitions
    previous, followers = max(transitions.items(), key=lambda item: item[1].total())
    favourite, count = followers.most_common(1)[0]
    expected = usual.expected(previous, favourite)
    assert expected is not None
    assert expected.previous == previous
    assert expected.usual[0] == (favourite, expected.chance)
    assert expected.chance == pytest.approx(count / followers.total(), abs=0.05)
    chances = [chance for _, chance in expected.usual]
    assert chances == sorted(chances, reverse=True)
    never = usual.expected(previous, -1)
    assert never is not None
    assert (never.usual, never.chance) == (expected.usual, 0.0)


def test_nothing_is_expected_after_what_the_baseline_does_not_know() -> None:
    usual = Usual(healthy_baseline())
    assert usual.expected(None, 1) is None
    assert usual.expected(-1, 1) is None
