from __future__ import annotations

import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.templates.masking import EMPTY_TEMPLATE, MAX_TEMPLATE, mask


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("Deletion of /var/lib/nova/instances/0b14_del complete", "Deletion of <path> complete"),
        ("Port 15de57fe-5c01-42df-8251-546cd5c43672 not in bridge br-int", "Port <uuid> not in bridge br-int"),
        ("UNIQUE_ID is dd29127a5e6d43e285480237b2bfe26a.", "UNIQUE_ID is <hex>."),
        ("server on 10.211.55.142:5672: [Errno 101] ENETUNREACH", "server on <ip>: [Errno 101] ENETUNREACH"),
        ("Route to fd00::1:2 and fe80::f816:3eff:fe10:c69/64 via ::1", "Route to <ip> and <ip> via <ip>"),
        ("2001:db8:0:0:0:0:0:1 answers", "<ip> answers"),
        ('Lock "x" acquired by "y" :: waited 0.005s', "Lock <str> acquired by <str> :: waited <n>"),
        ("Device qg-abfdc207-2d already exists", "Device <device> already exists"),
        ("Attaching to /dev/sdb as vdb via eth0", "Attaching to <path> as <device> via <device>"),
        ("address fa:16:3e:a3:27:81 of admin@example.com", "address <mac> of <email>"),
        ("Took 19.87 seconds to spawn the instance", "Took <n> seconds to spawn the instance"),
        ("Image download 12.00 MB at 98.05 MB/s", "Image download <n> MB at <n> MB/s"),
        ("phys_ram=16383MB pci_stats=[]", "phys_ram=<value> pci_stats=<list>"),
        ("profile= host=a", "profile=<value> host=<value>"),
        ("Details: {'a': [1, {'b': 2}], 'c': \"}\"} end", "Details: <dict> end"),
        ("Details: {'a': [1", "Details: <dict>"),
        ("devices up [u'a'] and down []", "devices up <list> and down <list>"),
        ("Preparing filters for devices set([u'a'])", "Preparing filters for devices <list>"),
        ("please update [glance] api_servers", "please update [glance] api_servers"),
        ("couldn't say [it's] so", "couldn't say [it's] so"),
        ("task <bound method A.f of <neutron.agent.B object at 0x273f790>>", "task <bound method A.f of <B>>"),
        ("stats=<nova.pci.stats.PciDeviceStats object at 0x7f0a>", "stats=<PciDeviceStats>"),
        ("Unable to connect to http://10.0.0.1:9696/v2.0/ports?a=b", "Unable to connect to <url>"),
        ("created_at 2018-06-26T01:23:32Z until 12:13:14", "created_at <time> until <time>"),
        ("Could not find user: alice.: UserNotFound: a", "Could not find user: <name>.: UserNotFound: a"),
        ("claim on node compute-3.example.org: memory 1 MB", "claim on node <host>: memory <n> MB"),
        ("event for instance on localhost.localdomain", "event for instance on <host>"),
        ("hosts compute1 and compute2", "hosts <name> and <name>"),
        ("from ovs-agent-7 on cmp-e6e8 to kvm-12.x", "from <name> on <name> to <name>"),
        ("IPv4, x86_64 and l3 stay", "IPv4, x86_64 and l3 stay"),
        ("neutron.plugins.ml2.plugin.Ml2Plugin loaded", "neutron.plugins.ml2.plugin.Ml2Plugin loaded"),
        ("Exit code: 0; Exit code: 2", "Exit code: <zero>; Exit code: <nonzero>"),
        ("Bad response code: 503 (HTTP 404)", "Bad response code: 5xx (HTTP 4xx)"),
        ("RESP: [200] content-length: 5 date: x", "RESP: [2xx]"),
        ("use_stderr                     = True", "<option> = <value>"),
        ("Report state task started _report_state /usr/lib/neutron/agent.py:592", "Report state task started"),
        ("Loading extension file: agent.pyc", "Loading extension file: <path>"),
        ("version 2015.1.1-3.el7ost", "version <n>"),
        ("perch\\xe8 no", "perch\\xe8 no"),
        ("", EMPTY_TEMPLATE),
        ("   ", EMPTY_TEMPLATE),
    ],
)  # fmt: skip
def test_a_template_keeps_what_a_message_says_and_masks_what_varies(message: str, template: str) -> None:
    assert mask(message) == template


variables = st.sampled_from(
    [
        "7", "0.42", "16383MB", "15de57fe-5c01-42df-8251-546cd5c43672", "dd29127a5e6d43e285480237b2bfe26a", "10.0.0.1",
        "10.0.0.1:80", "fd00::1", "/dev/sdb", "http://h/p", "'name'", '"name"', "{'a': 1}", "[1, 2]", "qvo1a2b3c4d-5e",
        "fa:16:3e:a3:27:81", "a@b.org", "<a.B object at 0x7f>", "compute12", "a=b", "2018-06-26 01:23:32.123",
        "set([])",
        "[Errno 111]", "HTTP 503", "exit code: 1", "user: bob", "host c-1", "\\x1b[0m", "x = y",
    ]
)  # fmt: skip
fillers = st.sampled_from(
    ["Instance", "for", "failed:", "(", ")", "[", "]", "{", "}", "'", '"', ",", "=", "<", ">", "-", ".", ":", "/", " "]
)
messages = st.one_of(
    st.lists(st.one_of(variables, fillers), max_size=12).map(" ".join),
    st.lists(st.one_of(variables, fillers), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=80),
)


@given(messages)
@example("<" * 50 + "1" * 50)
@example("  x = y")
def test_masking_a_template_changes_nothing(message: str) -> None:
    assert mask(mask(message)) == mask(message)


@given(messages)
def test_a_template_is_printable_bounded_and_never_empty(message: str) -> None:
    template = mask(message)
    assert template.isprintable()
    assert 0 < len(template) <= MAX_TEMPLATE


ids = st.uuids().map(str)
addresses = st.ip_addresses(v=4).map(str)
numbers = st.one_of(st.integers(0, 10**9), st.floats(0, 1e6).map(lambda value: round(value, 3))).map(str)
sentences = st.sampled_from(
    ["Took {} to build", "Port {} updated", "from {}, retrying", "({})", "net-id={}", "[{}]", "'{}'", "x: {}: y", "{}"]
)


@given(sentences, st.sampled_from([ids, addresses, numbers]).flatmap(lambda kind: st.tuples(kind, kind)))
def test_messages_that_differ_in_one_variable_share_a_template(sentence: str, values: tuple[str, str]) -> None:
    first, second = (mask(sentence.format(value)) for value in values)
    assert first == second


def test_masks_are_not_masked_again_as_ids() -> None:
    assert mask(f"<uuid> <n> <str> {uuid.UUID(int=0)}") == "<uuid> <n> <str> <uuid>"
