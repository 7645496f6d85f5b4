from __future__ import annotations

import subprocess
import sys
from math import isnan
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schema import CATEGORICAL
from core.templates import MessageFacts, Templater
from core.templates.masking import mask
from core.templates.shapes import without_uuids

LOGGER = "nova.compute.manager"
INSTANCE = "b9000564-fe1a-409b-b8cc-1e88b294cd1d"


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Took 19.87 seconds to spawn the instance on the hypervisor.", 19.87),
        ("took 250 ms", 0.25),
        ("Took 2 minutes to build", 120.0),
        ("finished in 12.3 s", 12.3),
        ('Lock "a" released by "b" :: held 0.005s', 0.005),
        ("Time elapsed: 3.5 sec", 3.5),
        ("Function 'a' run outlasted interval by 30.12 sec", 30.12),
        ("Agent rpc_loop - iteration:7 completed. Elapsed:0.369", 0.369),
        ("Trying again in 1 seconds.", None),
        ("Retrying in 5 seconds", None),
        ("used in 3 places", None),
        ("no time at all", None),
    ],
)
def test_a_duration_is_read_in_seconds(message: str, seconds: float | None) -> None:
    templater = Templater()
    for _ in range(2):
        found = templater.facts(LOGGER, message).duration
        assert (None if isnan(found) else found) == pytest.approx(seconds)


def test_messages_of_one_template_keep_their_own_durations() -> None:
    templater = Templater()
    first, second = (templater.facts(LOGGER, f"Took {took} seconds to build instance.") for took in ("1.50", "9.75"))
    assert first.template == second.template
    assert (first.duration, second.duration) == (1.5, 9.75)


@pytest.mark.parametrize(
    ("logger", "message", "kind", "failure"),
    [
        (LOGGER, "VM Started (Lifecycle Event)", "lifecycle", False),
        ("cloud.nova.compute.manager", "Spent 2 s", "lifecycle", False),
        ("nova.compute.claims", "Claim successful on node compute-1", "resources", False),
        ("neutron.agent.dhcp.agent", "Synchronizing state", "network", False),
        ("nova.virt.libvirt.imagecache", "Active base files: /a", "image", False),
        ("cinder.volume.manager", "Created volume successfully.", "volume", False),
        ("keystone.token.provider", "Total expired tokens removed: 0", "token", False),
        ("keystonemiddleware.auth_token", "Authorization failed for token", "token", True),
        ("oslo_messaging._drivers.impl_rabbit", "AMQP server on 10.0.0.1:5672 is unreachable", "messaging", True),
        ("oslo_db.sqlalchemy.engines", "MySQL server has gone away", "database", False),
        ("oslo_config.cfg", 'Option "a" from group "b" is deprecated.', "configuration", False),
        ("nova.service", "Starting 4 workers", "process", False),
        (LOGGER, "Instance failed to spawn: PortBindingFailed: Binding failed", "exception", True),
        ("nova.api", "Traceback (most recent call last):", "exception", True),
        ("keystoneauth.session", "RESP: [200] vary: X", "http_client", False),
        ("unheard.of", "something", "unknown", False),
        (LOGGER, "Exit code: 0", "lifecycle", False),
        (LOGGER, "Exit code: 1", "lifecycle", True),
        (LOGGER, "Audit done, Errors: 3", "lifecycle", False),
        (LOGGER, "Audit done, errors 0", "lifecycle", False),
        (LOGGER, "3 failures in a row, giving up", "lifecycle", True),
        (LOGGER, "3 failures: the host is unreachable", "lifecycle", True),
        (LOGGER, "Too many failures", "lifecycle", True),
        (LOGGER, "Error 5 while syncing", "lifecycle", True),
        (LOGGER, "Impossibile trovare l'istanza", "lifecycle", True),
    ],
)
def test_a_message_has_a_kind_and_may_have_a_failure_keyword(
    logger: str, message: str, kind: str, failure: bool
) -> None:
    template = Templater().facts(logger, message).template
    assert (template.kind, template.failure_words) == (kind, failure)


def test_words_are_hashed_once_each_and_masks_are_no_words() -> None:
    words = Templater().facts(LOGGER, "Port port 5 Port up").template.words
    assert len(words) == 2
    assert Templater().facts(LOGGER, "up port").template.words == words[::-1]


def test_ids_are_the_same_in_every_process() -> None:
    message = f"Port {INSTANCE} updated in 3 s"
    script = f"from core.templates import Templater; print(Templater().facts({LOGGER!r}, {message!r}).template)"
    printed = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert printed == {f"{Templater().facts(LOGGER, message).template}\n"}
    assert 0 < Templater().facts(LOGGER, message).template.id < 1 << 63


def test_digits_that_mean_something_keep_messages_apart() -> None:
    templater = Templater()
    texts = [
        templater.facts(LOGGER, f"{message} of {INSTANCE}").template.text
        for message in (
            "code: 404",
            "code: 503",
            "exit code: 0",
            "exit code: 5",
            "Errno 111",
            "Errno 113",
            "ipv4",
            "ipv6",
        )
    ]
    assert len(set(texts)) == len(texts)


def test_caches_stay_bounded() -> None:
    templater = Templater(cached=10)
    for letter in "ghijklmnopqrstuvwxyz":
        templater.facts(LOGGER, f"state {letter} of ipv4")
        templater.facts(LOGGER, f"state {letter}")
        templater.facts(LOGGER, f"GET /v3/{letter}")
    caches = [value for value in vars(templater).values() if isinstance(value, dict)]
    assert all(0 < len(cache) <= 10 for cache in caches)


pieces = st.sampled_from(
    [
        "Took 3.1 s", "code: 404", "code: 500", "exit code 0", "exit code 1", "[Errno 113]", "ipv4", "ipv6", "l3",
        INSTANCE, INSTANCE.upper(), "0" * 32, "f" * 32, "5f7dc44b170b453d888cb745b5264a80", "qvo1a2b3c4d-5e",
        "fa:16:3e:a3:27:81",
        "10.0.0.1", "2018-06-26 01:02:03", "'a'", "{'a': 1}", "[1]", "é", "Instance", "=", "a=1", "deadbeef",
        "12345678-12",
        'x "GET /v2/a HTTP/1.1" status: 200 len: 5 time: 0.5', "GET http://h/v3", "Trying again in 5 s",
    ]
)  # fmt: skip
messages = st.one_of(
    st.lists(pieces, max_size=5).map(" ".join), st.lists(pieces, max_size=5).map("".join), st.text(max_size=60)
)


def comparable(facts: MessageFacts) -> tuple[object, ...]:
    return tuple(None if isinstance(value, float) and isnan(value) else value for value in facts)


@given(st.lists(st.tuples(st.sampled_from([LOGGER, "urllib3", "keystone.token"]), messages), max_size=12))
def test_facts_do_not_depend_on_what_came_before(made: list[tuple[str, str]]) -> None:
    used = Templater()
    for logger, message in made:
        assert comparable(used.facts(logger, message)) == comparable(Templater().facts(logger, message))


@given(messages)
def test_a_uuid_is_masked_as_any_other(message: str) -> None:
    assert mask(without_uuids(message)) == mask(message)


def test_messages_whose_digits_matter_are_masked_once_whatever_their_uuids(monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []

    def counted(message: str) -> str:
        masked.append(message)
        return mask(message)

    monkeypatch.setattr("core.templates.template.mask", counted)
    templater = Templater()
    for code in (200, 404):
        for number in range(3):
            templater.facts(LOGGER, f"code: {code}, tag: {UUID(int=number + (1 << 120))}")
    assert len(masked) == 2


@given(messages)
def test_every_message_gets_a_template_and_a_known_kind(message: str) -> None:
    facts = Templater().facts(LOGGER, message)
    assert facts.template.text
    assert facts.template.kind in CATEGORICAL["kind"]
    assert facts.method in {"", *CATEGORICAL["method"]}


@given(st.sampled_from(["Port {} updated", "in {}:", "volume-{} ({})", "a{}b"]), st.uuids(), st.uuids())
def test_messages_that_differ_in_a_uuid_share_a_template(message: str, first: object, second: object) -> None:
    templater = Templater()
    templates = {templater.facts(LOGGER, message.format(value, value)).template for value in (first, second)}
    assert len(templates) == 1 or message == "a{}b"


@pytest.mark.parametrize("unit", ["a", "[", "'", "1", "a1", "a.", "-", "00000000-", " /", "GET "])
def test_a_message_of_a_megabyte_takes_no_longer_than_a_short_one(unit: str) -> None:
    assert Templater().facts(LOGGER, unit * (1_000_000 // len(unit))).template.text


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("HTTP exception thrown: Instance a1 could not be found.", "HTTP exception thrown: Quota exceeded", True),
        ("Detach interface failed, port_id=7, reason: gone", "Detach interface failed, reason: timeout", True),
        ("Spawned: one", "Spawned: two things", False),
        ("GET /v2.1/servers", "GET /v2.1/flavors", False),
        ("Instance spawned successfully.", "Instance destroyed successfully.", False),
    ],
)
def test_messages_that_differ_in_their_details_alone_share_a_prefix(one: str, other: str, alike: bool) -> None:
    prefixes = [Templater().facts("nova.api", message).template.prefix_hash for message in (one, other)]
    assert (prefixes[0] == prefixes[1]) is alike
