"""What stays away is told by name, once; what stops in good order, slows down or was not read is no silence."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decision.silences import Findings, SilenceFinder, back_notice, silent_event
from core.events import CHANNELS, Channel, LogEvent, Notice, NoticeKind
from core.features.gaps import LEAST_GAPS, GapRecord
from core.features.watches import Hosts, Return, Silence, is_named, says_it_stops, stopped_by
from core.scale import score_of_nats
from tests.helpers.stream import event, facts

START = 1_780_000_000.0
HOUR = 3_600.0


def every(
    period: float,
    message: str = "Auditing locally available compute resources",
    *,
    service: str = "nova-compute",
    hours: float = 2.0,
    first: float = 0.0,
    jitter: float = 0.5,
    seed: int = 0,
) -> list[LogEvent]:
    """A message by the clock."""
    chance = random.Random(f"{seed}{message}{service}")
    count = int(hours * HOUR / period)
    return [
        event(message, START + first + number * period + chance.uniform(0, jitter), service=service)
        for number in range(count)
    ]


def at_random(mean: float, message: str, *, service: str, hours: float = 2.0, seed: int = 0) -> list[LogEvent]:
    """A message that comes so often an hour."""
    chance, at, found = random.Random(f"{seed}{service}"), START, []
    while (at := at + chance.expovariate(1 / mean)) < START + hours * HOUR:
        found.append(event(message, at, service=service))
    return found


def together(*parts: Iterable[LogEvent]) -> list[LogEvent]:
    return sorted((one for part in parts for one in part), key=lambda one: one.timestamp or 0.0)


def without(events: Iterable[LogEvent], start: float, end: float) -> list[LogEvent]:
    """The same without what came between these seconds."""
    return [one for one in events if not START + start < (one.timestamp or 0.0) < START + end]


def found_in(events: Sequence[object], finder: SilenceFinder | None = None) -> list[Silence | Return]:
    finder = finder or SilenceFinder()
    known = [facts(one) for one in events if isinstance(one, LogEvent)]
    found = finder.follow(events, known)
    return [one for place in sorted(found) for one in found[place]]


def silences_in(events: Sequence[object], **options: float) -> list[Silence]:
    return [one for one in found_in(events, SilenceFinder(options)) if isinstance(one, Silence)]


API = at_random(4.0, "GET servers", service="nova-api")


def test_a_minutely_line_that_stays_away_is_told_within_three_periods_with_all_there_is_to_know() -> None:
    audit = without(every(60.0), 4_000.0, 6_400.0)
    silence, back = found_in(together(audit, API))
    assert isinstance(silence, Silence)
    assert isinstance(back, Return)
    assert silence.who == "nova-compute"
    assert silence.since == pytest.approx(START + 3_960.0, abs=1.0)
    assert silence.at - silence.since <= 3.2 * 60.0
    assert silence.usual_s == pytest.approx(60.0, abs=1.0)
    assert silence.is_periodic
    assert back.silence is silence
    assert back.at - silence.since == pytest.approx(2_460.0, abs=61.0)


def test_one_line_of_a_service_that_goes_on_is_named_by_its_template() -> None:
    audit = without(every(60.0, "Auditing resources"), 4_000.0, 6_400.0)
    others = at_random(8.0, "Claim of resources", service="nova-compute")
    (silence,) = silences_in(together(audit, others, API))
    assert (silence.who, silence.template) == ("nova-compute", "Auditing resources")


def test_lines_of_one_task_are_one_silence() -> None:
    tasks = [
        every(60.0, text, first=place) for place, text in enumerate(("Audit begins", "Audit goes on", "Audit ends"))
    ]
    audit = without(together(*tasks), 4_000.0, 6_400.0)
    others = at_random(8.0, "Claim of resources", service="nova-compute")
    assert len(silences_in(together(audit, others, API))) == 1


def test_a_service_without_any_period_is_told_by_its_tail() -> None:
    keystone = without(at_random(10.0, "POST tokens", service="keystone"), 5_000.0, 7_000.0)
    (silence,) = silences_in(together(keystone, API))
    assert silence.who == "keystone"
    assert not silence.is_periodic
    assert silence.usual_s < silence.at - silence.since < 5 * silence.usual_s


def test_when_everything_stops_that_is_one_silence() -> None:
    events = together(every(60.0), every(30.0, "Sync", service="neutron-server"), API)
    (silence,) = silences_in(without(events, 4_000.0, 6_400.0))
    assert silence.who == "all"
    assert silence.since == pytest.approx(START + 4_000.0, abs=30.0)


def test_a_host_whose_services_all_stop_is_one_silence_of_the_host() -> None:
    def on(host: str, events: Iterable[LogEvent]) -> list[LogEvent]:
        return [one._replace(source=f"/logs/{host}/{one.service}/{one.service}.log") for one in events]

    def host(name: str, seed: int) -> list[LogEvent]:
        return on(
            name,
            together(
                every(60.0, seed=seed, first=7.0 * seed),
                every(20.0, "Agent loop", service="neutron-openvswitch-agent", seed=seed, first=3.0 * seed),
            ),
        )

    events = together(host("cmp01", 1), without(host("cmp02", 2), 4_000.0, 6_400.0), on("ctl01", API))
    (silence,) = silences_in(events)
    assert silence.who == "cmp02"


def test_a_service_of_one_host_among_several_is_named_with_its_host() -> None:
    def on(host: str) -> list[LogEvent]:
        return [one._replace(source=f"/logs/{host}/nova/nova-compute.log") for one in every(60.0)]

    events = together(on("cmp01"), without(on("cmp02"), 4_000.0, 6_400.0), API)
    assert [one.who for one in silences_in(events)] == ["nova-compute on cmp02"]


def test_at_the_end_of_a_log_nothing_is_silent() -> None:
    assert silences_in(without(together(every(60.0), API), 4_000.0, 9_000.0)) == []


@settings(max_examples=15, deadline=None)
@given(end=st.floats(0.0, 3 * HOUR), seed=st.integers(0, 5))
def test_a_healthy_log_cut_anywhere_has_no_silence(end: float, seed: int) -> None:
    events = together(every(60.0, seed=seed), at_random(5.0, "GET", service="nova-api", hours=3.0, seed=seed))
    assert silences_in([one for one in events if (one.timestamp or 0.0) < START + min(end, 2 * HOUR)]) == []


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, 1_000), max_size=12))
def test_any_split_of_the_events_finds_the_same(cuts: set[int]) -> None:
    events = without(together(every(60.0), at_random(6.0, "GET", service="nova-api")), 4_000.0, 4_700.0)[:1_001]
    finder, parts = SilenceFinder(), []
    for first, end in pairwise((0, *sorted(cuts), len(events))):
        parts += found_in(events[first:end], finder)
    assert parts == found_in(events)
    assert parts


def test_asking_the_clock_finds_earlier_what_the_next_line_would_reveal_and_changes_nothing_else() -> None:
    events = without(together(every(60.0), at_random(6.0, "GET", service="nova-api")), 4_000.0, 4_700.0)
    finder, live = SilenceFinder(), []
    for one, later in pairwise(events):
        live += found_in([one], finder)
        gap = (later.timestamp or 0.0) - (one.timestamp or 0.0)
        for second in range(int(gap)):
            live += finder.quiet(float(second))
    live += found_in(events[-1:], finder)
    assert live == found_in(events)


def test_a_fault_that_is_over_is_no_silence() -> None:
    fault = [one._replace(level="ERROR") for one in every(10.0, "Connection refused, trying again", hours=0.5)]
    assert silences_in(together(fault, every(60.0), API)) == []


def test_what_is_repeated_for_a_while_is_not_expected_for_ever() -> None:
    work = every(10.0, "Migrating another instance", hours=0.4, first=3_600.0)
    others = at_random(8.0, "Claim of resources", service="nova-compute")
    assert silences_in(together(work, others, every(60.0), API)) == []


@pytest.mark.parametrize(
    "said",
    [
        "Stopping nova-compute.service - OpenStack Nova Compute...",
        "Stopped OpenStack Nova Compute.",
        "nova-compute.service: Deactivated successfully.",
        "devstack@n-cpu.service: Succeeded.",
    ],
)
def test_a_stop_that_systemd_announces_is_no_silence(said: str) -> None:
    announced = event(said, START + 3_999.0, service="systemd")
    assert silences_in(together(without(every(60.0), 4_000.0, 6_400.0), API, [announced])) == []


def test_a_host_that_systemd_shuts_down_is_not_silent() -> None:
    announced = event("Reached target System Reboot.", START + 3_999.5, service="systemd")
    events = without(together(every(60.0), API), 4_000.0, 6_400.0)
    assert silences_in(together(events, [announced])) == []


def test_what_systemd_says_of_others_excuses_nobody() -> None:
    assert stopped_by(event("Stopped target Timers.", service="systemd")) is None
    assert stopped_by(event("Stopped nova-compute.service.", service="sshd")) is None
    assert not is_named("nova-api", "openstack nova compute")


def test_planned_work_excuses_a_service_until_its_time() -> None:
    events = together(without(every(60.0), 4_000.0, 6_400.0), API)
    assert silences_in(events, **{"nova-compute": START + 6_500.0}) == []
    assert silences_in(events, all=START + 6_500.0) == []
    (late,) = silences_in(events, **{"nova-compute": START + 5_000.0})
    assert START + 5_000.0 < late.at < START + 5_300.0


@pytest.mark.parametrize("kind", [NoticeKind.LOST, NoticeKind.SKIPPED, NoticeKind.ROTATED, NoticeKind.RESUMED])
def test_what_was_not_read_is_no_silence(kind: NoticeKind) -> None:
    events: list[object] = [*together(every(60.0), API)]
    kept = [one for one in events if not START + 4_000.0 < one.timestamp < START + 6_400.0]  # type: ignore[attr-defined]
    place = next(place for place, one in enumerate(kept) if one.timestamp > START + 5_000.0)  # type: ignore[attr-defined]
    assert silences_in([*kept[:place], Notice("a.log", kind, "so it is"), *kept[place:]]) == []


def test_a_clock_set_back_forgets_all_waits_and_one_set_ahead_as_far_is_no_silence() -> None:
    events = together(every(60.0), API)
    torn = [
        one._replace(timestamp=(one.timestamp or 0.0) + 1e8 * (2_000 < number < 2_010 or 2_100 < number < 2_105))
        for number, one in enumerate(together(events, every(1.0, "tick", service="nova-api")))
    ]
    assert len(silences_in(torn)) <= 1  # the first step ahead may be a silence, for all that a log tells


def test_a_lull_that_comes_slowly_is_no_silence() -> None:
    chance, at, events = random.Random(4), START, []
    while at < START + 12 * HOUR:
        evening = min(max((at - START) / (6 * HOUR), 0.3), 1.0)  # from one in 4 s to one in 40 s
        at += chance.expovariate(1.0 / (4.0 * 10.0 ** max(evening - 0.3, 0.0)))
        events.append(event("GET", at, service=chance.choice(("nova-api", "keystone", "glance-api"))))
    assert silences_in(events) == []


def test_a_second_stop_after_a_first_one_is_told_as_soon() -> None:
    events = without(without(together(every(60.0), API), 3_000.0, 5_000.0), 6_000.0, 6_900.0)
    first, second = silences_in(events)
    assert second.at - second.since <= 1.5 * (first.at - first.since)


def test_a_gap_record_says_nothing_before_it_has_gaps_and_is_as_strict_as_its_gaps() -> None:
    record, irregular = GapRecord(), GapRecord()
    assert not GapRecord().is_regular
    chance = random.Random(1)
    for number in range(400):
        changed = record.learn(60.0 + chance.uniform(-1, 1))
        irregular.learn(chance.expovariate(1 / 60.0) + 1.0)
        assert not changed or number + 1 >= LEAST_GAPS
    assert record.is_regular
    assert not irregular.is_regular
    assert 120.0 < record.timeout(-7.0) < 200.0 < irregular.timeout(-7.0)


@given(st.lists(st.floats(1.0, 1e6), min_size=LEAST_GAPS, max_size=80), st.floats(-12.0, 0.0))
def test_a_timeout_is_the_wait_that_is_as_rare_as_asked(gaps: list[float], log_rate: float) -> None:
    record = GapRecord()
    for gap in gaps:
        record.learn(gap)
    wait = record.timeout(log_rate)
    assert record.log_rate(wait) <= log_rate + 1e-3
    assert record.timeout(log_rate - 1.0) >= wait


def test_the_longer_the_wait_the_rarer_it_is() -> None:
    record = GapRecord()
    for number in range(100):
        record.learn(30.0 + number % 3)
    rates = [record.log_rate(wait) for wait in (10.0, 40.0, 70.0, 100.0, 1_000.0)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize(("per_hour", "score"), [(0.1, 0.5), (0.02, 0.6398), (1.0, 0.3), (1e-9, 1.0), (1e9, 0.0)])
def test_a_score_is_half_a_decade_a_tenth(per_hour: float, score: float) -> None:
    assert score_of_nats(-log(per_hour)) == pytest.approx(score)


def test_the_event_of_a_silence_says_it_all_and_has_no_line() -> None:
    silence = next(iter(silences_in(together(without(every(60.0), 4_000.0, 6_400.0), API))))
    scored = silent_event(silence, 7)
    assert (scored.seq, scored.event.line, scored.event.length, scored.event.level) == (7, 0, 0, "")
    assert scored.event.timestamp == silence.at
    assert scored.event.service == "nova-compute"
    assert scored.event.message.startswith("nova-compute: no line for ")
    assert "usually every 1 min 00 s; last: Auditing locally available compute resources, at " in scored.event.message
    assert [reason.channel for reason in scored.reasons] == [Channel.SILENCE]
    spoke = {name: value for name, value in zip(CHANNELS, scored.channels, strict=True) if value is not None}
    assert spoke == {Channel.SILENCE: scored.score}


def test_the_notice_says_who_is_back_and_after_how_long() -> None:
    back = next(
        one for one in found_in(together(without(every(60.0), 4_000.0, 6_400.0), API)) if isinstance(one, Return)
    )
    notice = back_notice(back)
    assert notice.kind is NoticeKind.BACK
    assert notice.text.startswith("nova-compute is back after 41 min")


def test_a_host_is_a_folder_in_which_two_files_of_a_service_differ_or_a_name_in_the_header() -> None:
    hosts = Hosts()
    files = ["/l/cmp01/nova/nova-compute.log", "/l/cmp02/nova/nova-compute.log"]
    one, two = (event(service="nova-compute")._replace(source=source) for source in files)
    assert [(hosts.of(one), hosts.is_fresh), (hosts.of(two), hosts.is_fresh)] == [("", False), ("cmp02", True)]
    assert [hosts.of(one), hosts.of(two)] == ["cmp01", "cmp02"]
    header = event()._replace(source="all.log", raw="Mar  3 09:00:00 cmp03 nova-compute[7420]: did it")
    assert Hosts().of(header) == "cmp03"
    assert Hosts().of(event()) == ""


def test_found_is_in_the_order_in_which_timeouts_ran_out() -> None:
    events = together(every(60.0), every(30.0, "Sync", service="neutron-server"), API)
    kept = [one for one in events if one.service == "nova-api" or (one.timestamp or 0.0) < START + 4_000.0]
    found: Findings = found_in(kept)
    stamps = [one.at for one in found]
    assert stamps == sorted(stamps)
    assert [one.who for one in found if isinstance(one, Silence)] == ["neutron-server", "nova-compute"]


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("Stopping rootwrap daemon process with pid=<n>", True),
        ("Child <n> killed by signal <n>", True),
        ("Caught SIGTERM, stopping children", True),
        ("Parent process has died unexpectedly, exiting", True),
        ("Stopping the instance", False),
        ("Took <duration> to build instance.", False),
    ],
)
def test_a_service_says_of_itself_that_it_stops(text: str, stops: bool) -> None:
    assert says_it_stops(text) == stops
