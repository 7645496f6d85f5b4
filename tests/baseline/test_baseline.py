"""What is usual: sums that add up, bytes that come back the same, and nothing of a log's text in them."""

from __future__ import annotations

import gzip
import re

import orjson
import pytest

from core.baseline import Baseline, BaselineBuilder, Chains, CompiledBaseline, DeploymentStats, merged
from core.baseline.builder import MAX_TEMPLATES, MAX_TRANSITIONS
from core.baseline.chains import START
from core.errors import ArtifactError
from core.events import LogEvent
from tests.helpers import stream
from tests.helpers.cloud import cloud_lines, healthy_baseline, parsed


def learned(*seeds: int) -> BaselineBuilder:
    builder = BaselineBuilder("cloud")
    for seed in seeds:
        for event, facts in zip(*parsed(cloud_lines(seed, 120.0)), strict=True):
            builder.learn(event, facts)
        builder.end_run()
    return builder


def test_merging_the_statistics_of_two_runs_is_learning_from_both() -> None:
    together = Baseline((learned(1, 2).stats,))
    apart = Baseline((merged("cloud", [learned(1).stats, learned(2).stats]),))
    assert together.to_bytes() == apart.to_bytes()


def test_a_baseline_comes_back_from_its_bytes() -> None:
    packed = healthy_baseline().to_bytes()
    again = Baseline.from_bytes(packed)
    assert again.to_bytes() == packed
    assert CompiledBaseline(again).templates == CompiledBaseline(healthy_baseline()).templates


def test_no_text_of_a_log_is_in_a_baseline() -> None:
    plain = gzip.decompress(healthy_baseline().to_bytes()).decode()
    keys = set(DeploymentStats("").to_plain()) | {
        "format",
        "profiles",
        "request",
        "instance",
        "cloud",
        "tailsight",
        "baseline",
    }
    events, _ = parsed(cloud_lines(11))
    services = {part for event in events for part in event.service.split("-")}
    words = {word for quoted in re.findall('"([^"]*)"', plain) for word in re.findall("[a-z_]{3,}", quoted)}
    assert words <= keys | services


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b'{"format": "other/9"}', mtime=0),
        gzip.compress(b"{}", mtime=0)[:-3],
        gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20,
    ],
    ids=["nothing", "no gzip", "no format", "another format", "cut off", "damaged"],
)
def test_something_else_than_a_baseline_is_refused_in_one_line(packed: bytes) -> None:
    with pytest.raises(ArtifactError) as caught:
        Baseline.from_bytes(packed)
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_very_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = healthy_baseline().to_bytes()
    monkeypatch.setattr("core.baseline.stats._MAX_BYTES", 1_000)
    with pytest.raises(ArtifactError, match="unpacks to more than a baseline needs"):
        Baseline.from_bytes(packed)


def test_a_missing_baseline_file_says_how_to_make_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ArtifactError, match="tailsight learn"):
        Baseline.read(tmp_path_factory.mktemp("none") / "baseline.json.gz")


def test_rarity_counts_the_runs_that_lack_a_template() -> None:
    usual = CompiledBaseline(healthy_baseline())
    assert all(0.0 <= template.rarity <= 1.0 for template in usual.templates.values())
    assert min(template.rarity for template in usual.templates.values()) == 0.0


def test_a_request_is_followed_across_services_and_begins_with_the_start() -> None:
    events, facts = parsed(cloud_lines(1, 120.0))
    chains = Chains()
    first_seen: set[str] = set()
    for event, fact in zip(events, facts, strict=True):
        at = event.timestamp or 0.0
        link = chains.link(event, at)
        chains.learn(event, fact.template.id, at)
        if event.request_id and event.request_id not in first_seen and not event.instance_id:
            assert link.previous == START
        if event.request_id and event.request_id in first_seen:
            assert link.request_gap >= 0
        first_seen.add(event.request_id)


def test_what_is_expected_is_what_followed_most_in_the_healthy_logs() -> None:
    usual = CompiledBaseline(healthy_baseline())
    transitions = merged("cloud", healthy_baseline().deployments).transitions
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
    usual = CompiledBaseline(healthy_baseline())
    assert usual.expected(None, 1) is None
    assert usual.expected(-1, 1) is None


def odd(number: int) -> LogEvent:
    word = "".join("abcdefghij"[int(digit)] for digit in str(number))
    return stream.event(f"Odd {word} happened", float(number), service=f"service-{word}", request=str(number // 2))


def built(events: list[LogEvent], **limits: int) -> DeploymentStats:
    builder = BaselineBuilder("cloud", **limits)
    for each in events:
        builder.learn(each, stream.facts(each))
    builder.end_run()
    return builder.stats


def test_templates_that_there_is_no_room_for_are_left_out_whole() -> None:
    events = [odd(number) for number in range(20)]
    bounded = built([*events, *events], max_templates=6)
    assert bounded.to_plain() == built([*events[:6], *events[:6]]).to_plain()
    assert built(events, max_templates=20).to_plain() == built(events).to_plain()


def test_transitions_that_there_is_no_room_for_are_left_out_alone() -> None:
    events = [odd(number) for number in range(20)]
    bounded, whole = built([*events, *events], max_transitions=4), built([*events, *events])
    assert sum(map(len, bounded.transitions.values())) == 4
    assert all(
        bounded.transitions[previous] == whole.transitions[previous] for previous in list(bounded.transitions)[1:]
    )
    assert bounded.template_events == whole.template_events
    kept = {(previous, template) for previous, counts in bounded.transitions.items() for template in counts}
    assert {(previous, template) for previous, gaps in bounded.stage.items() for template in gaps} <= kept


def test_a_million_service_names_are_not_all_learned() -> None:
    assert (MAX_TEMPLATES, MAX_TRANSITIONS) == (100_000, 1_000_000)


def test_a_link_looks_back_and_leaves_the_chains_as_they_are() -> None:
    chains = Chains()
    first = stream.event("one", 1.0, request="a", instance="i")
    assert str(chains.link(first, 1.0)) == str(chains.link(first, 1.0))  # nan is not nan
    assert chains.link(first, 1.0).previous == START
    chains.learn(first, 7, 1.0)
    link = chains.link(stream.event("two", 3.5, request="a", instance="i"), 3.5)
    assert (link.previous, link.gap, link.request_gap, link.instance_gap) == (7, 2.5, 2.5, 2.5)
    assert (link.before_request, link.before_instance) == (7, 7)


def test_a_baseline_of_the_format_before_is_read_and_has_no_tails() -> None:
    plain = orjson.loads(gzip.decompress(healthy_baseline().to_bytes()))
    plain["format"] = "tailsight.baseline/2"
    for profile in plain["profiles"]:
        assert profile.pop("tails")["latency"]
    old = Baseline.from_bytes(gzip.compress(orjson.dumps(plain), mtime=0))
    assert CompiledBaseline(old).tails == {"latency": {}, "duration": {}, "stage": {}}
