"""The steps that a disturbance affects while it is active, and those that it does not."""

from __future__ import annotations

import pytest

from core.simulate import INCIDENTS
from core.simulate.active import ActiveDisturbances
from core.simulate.chance import Chance
from core.simulate.records import Role
from core.simulate.scenario import Planned
from core.simulate.subject import Fields, Subject

KEYS = ("compute.started", "compute.took_spawn", "compute.creating", "nova.list", "cinder.attached")


def active() -> ActiveDisturbances:
    return ActiveDisturbances(KEYS, Chance("test"))


def planned(kind: str, host: str = "cmp01") -> Planned:
    return Planned("i1", kind, 0.0, 60.0, host, kind in INCIDENTS)


def subject(host: str = "cmp01") -> Subject:
    return Subject(Fields(Chance("subject"), {}), host, None, "req-1", Chance("scripts"))


def test_no_step_is_hit_before_the_start_or_after_the_end() -> None:
    here = active()
    assert here.on("nova.list", subject()) is None
    running = here.begin(planned("slow_api"))
    assert here.is_active(running)
    assert here.on("nova.list", subject()) is not None
    here.end(running)
    assert not here.is_active(running)
    assert here.on("nova.list", subject()) is None


def test_a_local_effect_spares_other_hosts() -> None:
    here = active()
    here.begin(planned("disk_full", "cmp01"))
    assert here.on("compute.creating", subject("cmp01")) is not None
    assert here.on("compute.creating", subject("cmp02")) is None


def test_a_mark_is_only_for_subjects_that_were_hit_before() -> None:
    here = active()
    here.begin(planned("slow_spawn"))
    hit, spared = subject(), subject("cmp02")
    here.on("compute.started", hit)
    here.on("compute.started", spared)
    assert here.on("compute.took_spawn", hit) is not None
    assert here.on("compute.took_spawn", spared) is None


def test_no_more_subjects_are_hit_than_an_effect_allows() -> None:
    here = active()
    here.begin(planned("one_slow_reply"))
    assert [here.on("nova.list", subject()) is not None for _ in range(3)] == [True, False, False]


def test_a_subject_stays_hit_or_spared() -> None:
    here = active()
    here.begin(planned("message_loss"))
    for _ in range(20):
        someone = subject()
        first = here.on("compute.creating", someone)
        assert here.on("compute.creating", someone) is first


def test_a_silent_service_is_silent_on_its_host_alone() -> None:
    here = active()
    running = here.begin(planned("lost_heartbeat", "cmp02"))
    assert here.silent("nova-compute", "cmp02")
    assert not here.silent("nova-compute", "cmp01")
    assert not here.silent("nova-api", "")
    here.end(running)
    assert not here.silent("nova-compute", "cmp02")


def test_what_stops_is_silent_on_every_host() -> None:
    here = active()
    here.begin(Planned("i1", "service_stopped", 0.0, 60.0, "", is_incident=True, stopped="keystone"))
    assert here.silent("keystone", "ctl01", everywhere=True)
    assert not here.silent("nova-api", "ctl01", everywhere=True)


def test_a_silent_host_silences_all_that_runs_there_and_nothing_elsewhere() -> None:
    here = active()
    here.begin(planned("host_silent", "cmp02"))
    assert here.silent("kernel", "cmp02")
    assert here.silent("nova-compute", "cmp02")
    assert not here.silent("kernel", "cmp01")
    assert not here.silent("nova-api", "ctl01", everywhere=True)


def test_an_effect_may_begin_later_than_its_disturbance() -> None:
    here = active()
    here.begin(planned("galera_non_primary"))
    someone = subject()
    assert here.on("nova.list", someone, 5.0) is None
    assert here.on("nova.list", someone, 15.0) is not None


def test_load_clock_and_debug_return_to_what_they_were() -> None:
    here = active()
    runs = [here.begin(planned(kind)) for kind in ("load_peak", "time_jump", "debug_on")]
    during = (here.load > 1.0, here.clock != 0.0, here.debug is not None)
    for running in runs:
        here.end(running)
    after = (here.load > 1.0, here.clock != 0.0, here.debug is not None)
    assert during == (True, True, True)
    assert after == (False, False, False)


@pytest.mark.parametrize(("kind", "role"), [("disk_full", Role.CAUSE), ("restart", Role.NONE)])
def test_only_incidents_give_records_a_role(kind: str, role: Role) -> None:
    label = active().begin(planned(kind)).label(Role.CAUSE)
    assert label.role is role
    assert (label.incident is None) == (role is Role.NONE)
