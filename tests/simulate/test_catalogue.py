"""The tables are whole: every step exists, every text can be filled in, every pattern matches a step."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from string import Formatter

import pytest

from core import schema
from core.simulate import HARD_NORMALS, HELD_OUT_KINDS, INCIDENTS, TRAINING_KINDS
from core.simulate.catalogue import CATALOGUE
from core.simulate.chance import Chance
from core.simulate.dialects import RELEASES, Dialect
from core.simulate.disturbance import Disturbance
from core.simulate.foundations import ECHOES
from core.simulate.foundations.balancer import ACCESS, REQUEST
from core.simulate.foundations.daemons import DAEMONS
from core.simulate.machines import LIFECYCLES, STATE_MACHINES
from core.simulate.periodic import TASKS
from core.simulate.render import STYLES
from core.simulate.scenario import Scenario
from core.simulate.script import SAME, Message, Route, Script
from core.simulate.subject import SubjectFactory

ALL = {**INCIDENTS, **HARD_NORMALS}
SET_ON_THE_WAY = {"took", "status", "length", "latency", "common_time", "interval", "service", "audit"}
SET_ON_THE_WAY |= {"method", "called", "accepted", "replied", "backend", "chosen", "timers", "termination", "load"}
RULES = {"silence", "clock"}


def scripts() -> Iterator[tuple[str, Script]]:
    yield from LIFECYCLES.items()
    yield from ((name, task.script) for name, task in TASKS.items())
    yield from ECHOES.items()
    for disturbance in ALL.values():
        yield from ((disturbance.name, script) for script, _ in disturbance.recoveries)
        yield from ((disturbance.name, repeats.script) for repeats in disturbance.repeats)
        yield from ((disturbance.name, effect.script) for effect in disturbance.effects)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_step_says_or_calls_something_that_exists() -> None:
    for name, script in scripts():
        for step in script:
            if step.key.startswith("fork "):
                assert step.key == "fork poll" or step.key.removeprefix("fork ") in STATE_MACHINES, name
            else:
                assert step.key == SAME or step.key in CATALOGUE, name


def test_every_entry_is_used_by_some_script() -> None:
    used = {step.key for _, script in scripts() for step in script} | {"nova.show", REQUEST, ACCESS}
    assert set(CATALOGUE) - used == set()


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_text_can_be_filled_in(key: str) -> None:
    entry = CATALOGUE[key]
    texts = [entry.path] if isinstance(entry, Route) else [entry.text]
    if isinstance(entry, Message) and entry.traceback:
        texts += [*entry.traceback.frames, entry.traceback.error]
    if isinstance(entry, Message) and entry.service in DAEMONS:
        texts.append(entry.logger)
    if isinstance(entry, Route):
        texts += [style.text.replace("{method}", "").replace("{path}", "") for style in STYLES[entry.service]]
    subject = SubjectFactory(Scenario(), Chance("scripts"), Chance("daemons")).user_subject()
    for name in set().union(*map(fields, texts)) - SET_ON_THE_WAY:
        assert str(subject.fields[name])


@pytest.mark.parametrize("disturbance", ALL.values(), ids=ALL)
def test_every_effect_matches_a_step_and_every_lifecycle_it_starts_exists(disturbance: Disturbance) -> None:
    for effect in disturbance.effects:
        for pattern in effect.on:
            assert any(fnmatchcase(key, pattern) for key in CATALOGUE), pattern
    for name, _ in disturbance.provokes:
        assert name in STATE_MACHINES or name in LIFECYCLES


@pytest.mark.parametrize("disturbance", INCIDENTS.values(), ids=INCIDENTS)
def test_every_incident_names_channels_of_the_schema(disturbance: Disturbance) -> None:
    assert disturbance.channels
    assert set(disturbance.channels) <= set(schema.FEATURE_NAMES) | RULES


def test_every_transition_leads_to_a_state_of_it() -> None:
    for machine in STATE_MACHINES.values():
        for transitions in machine.transitions.values():
            for transition in transitions:
                assert transition.lifecycle in LIFECYCLES
                assert transition.state == "gone" or transition.state in machine.transitions


@pytest.mark.parametrize("dialect", RELEASES.values(), ids=RELEASES)
def test_a_release_differs_only_in_what_there_is(dialect: Dialect) -> None:
    assert dialect.wordings.keys() | dialect.unlogged | dialect.audited <= CATALOGUE.keys()
    for key, text in dialect.wordings.items():
        entry = CATALOGUE[key]
        assert isinstance(entry, Message)
        assert fields(text) <= fields(entry.text)


def test_no_script_mixes_daemons_with_openstack() -> None:
    for name, script in scripts():
        kinds = {CATALOGUE[step.key].service in DAEMONS for step in script if step.key in CATALOGUE}
        assert len(kinds) <= 1, name


def test_there_are_as_many_kinds_of_hard_normals_as_of_incidents() -> None:
    assert len(INCIDENTS) >= 20
    assert len(HARD_NORMALS) >= len(INCIDENTS)


def test_held_out_kinds_are_kinds_and_never_used_for_training() -> None:
    assert set(INCIDENTS) >= HELD_OUT_KINDS
    assert HELD_OUT_KINDS.isdisjoint(TRAINING_KINDS)
    assert len({INCIDENTS[kind].channels[0] for kind in HELD_OUT_KINDS}) >= 4
