"""Which messages share a template: those that differ in names, ids and sizes, not those that say different things."""

from __future__ import annotations

import pytest

from core.templates import Templater

SAME = [
    # names without digits, in places where a name stands
    ("Auditing compute resources for host controller", "Auditing compute resources for host storage"),
    ("Claim successful on node blade.example.org", "Claim successful on node rack.example.org"),
    ("Lost connection to host db-primary", "Lost connection to host db-replica"),
    ("Backend controller@lvm is up", "Backend storage@ceph is up"),
    ("Migrating volume to controller@lvm#LVM", "Migrating volume to storage@rbd#RBD"),
    ("node rabbit@controller up", "node rabbit@storage up"),
    ("ceph-osd@0.service: Failed with result 'exit-code'.", "ceph-osd@11.service: Failed with result 'exit-code'."),
    ("Creating stack frontend", "Creating stack backend"),
    ("user alice is not authorised", "user bob is not authorised"),
    ("Started Session 4 of user root.", "Started Session 17 of user ubuntu."),
    ("cluster production has no master", "cluster staging has no master"),
    ("AMQP server on controller:5672 is unreachable", "AMQP server on messaging:5672 is unreachable"),
    ("connection to controller:3306 refused", "connection to database:3306 refused"),
    ("tcp connection to [fd00::1]:5672 lost", "tcp connection to [2001:db8:0:0:1::2]:5672 lost"),
    ("listening on [::]:8774", "listening on [::1]:9696"),
    ("Device ens3f0 is down", "Device enp5s0f1 is down"),
    ("bond0.100: link becomes ready", "bond1.200: link becomes ready"),
    ("device tap1f2e3d4c-5b entered promiscuous mode", "device tapa0b1c2d3-4e entered promiscuous mode"),
    ("Deploying node compute-a with kernel /a", "Deploying node compute-b with kernel /b"),
    ("agent on host compute.example.com is back", "agent on host network.example.com is back"),
    # ids, addresses, numbers that only measure
    ("Took 19.87 seconds to spawn", "Took 3.1 seconds to spawn"),
    ("Removed 0 dbs", "Removed 12 dbs"),
    ("Starting 2 workers", "Starting 16 workers"),
    ("Attempted to replicate 4 dbs in 0.1 seconds", "Attempted to replicate 40 dbs in 3.1 seconds"),
    ("Out of memory: Killed process 48213 (qemu-system-x86)", "Out of memory: Killed process 99 (qemu-system-x86)"),
    (
        "closing AMQP connection <0.646.0> (10.0.0.5:58667 -> 10.0.0.6:5672)",
        "closing AMQP connection <0.7.1> (10.0.0.9:1 -> 10.0.0.6:5672)",
    ),
    ("(pymysql.err.OperationalError) (2013, 'Lost connection a')", "(pymysql.err.OperationalError) (2013, 'Lost b')"),
    ("Deleting /var/lib/nova/instances/x/disk", "Deleting /var/lib/nova/instances/y/disk.local"),
    ("found 3 dead agents out of 9", "found 4 dead agents out of 12"),
    ("Filter ComputeFilter returned 3 hosts", "Filter ComputeFilter returned 12 hosts"),
]
DIFFERENT = [
    # none or some
    ("Filter RetryFilter returned 0 hosts", "Filter RetryFilter returned 3 hosts"),
    ("Filter RetryFilter returned 0 host(s)", "Filter RetryFilter returned 3 host(s)"),
    ("Agent healthcheck: found 0 dead agents out of 9", "Agent healthcheck: found 1 dead agents out of 9"),
    ("7 successes, 0 failures", "7 successes, 2 failures"),
    ("0 active and 0 backup servers left", "2 active and 0 backup servers left"),
    ("0 healthy members in pool", "1 healthy members in pool"),
    ("process exited with exit code: 0", "process exited with exit code: 1"),
    # codes are what the message says
    ("(pymysql.err.InternalError) (1213, 'Deadlock found')", "(pymysql.err.InternalError) (1205, 'Lock wait timeout')"),
    ("(pymysql.err.OperationalError) (2003, 'x')", "(pymysql.err.OperationalError) (1040, 'x')"),
    ("WSREP error 1047", "WSREP error 1205"),
    ("write failed, errno: 28", "write failed, errno: 5"),
    ("[Errno 111] ECONNREFUSED", "[Errno 113] EHOSTUNREACH"),
    ("connect failed (os error 111)", "connect failed (os error 110)"),
    ("SQLSTATE[HY000] [2002] gone", "SQLSTATE[HY000] [1045] gone"),
    ("status: 503", "status: 200"),
    ("Bad response code: 404", "Bad response code: 503"),
    ("command ended rc=0", "command ended rc=1"),
    # states
    ("Task 'deploy' transitioned into state 'FAILURE'", "Task 'deploy' transitioned into state 'SUCCESS'"),
    ("Flow 'f' went into state 'REVERTED' from 'RUNNING'", "Flow 'f' went into state 'SUCCESS' from 'RUNNING'"),
    ("node moved to provision state \"active\"", "node moved to provision state \"deploy failed\""),
    ("Instance is in state 'error'", "Instance is in state 'active'"),
    ("volume status 'available'", "volume status 'error_deleting'"),
    ("Server nova_api/a is UP", "Server nova_api/a is DOWN"),
    ("VRRP_Instance(VI) Entering MASTER STATE", "VRRP_Instance(VI) Entering FAULT STATE"),
    ("WSREP: Shifting SYNCED -> DONOR", "WSREP: Shifting OPEN -> PRIMARY"),
    ("br-int: port 4(tap1) entered forwarding state", "br-int: port 4(tap1) entered disabled state"),
    ("nova-compute.service: Succeeded.", "nova-compute.service: Failed with result 'signal'."),
    ("Link is Up", "Link is Down"),
    # words after a noun that are no name
    ("user has no role", "user is not authorised"),
    ("on host failed", "on host down"),
    ("Port 1 not in bridge br-int", "Port 1 not in bridge br-ex"),
]  # fmt: skip


def template(message: str) -> str:
    return Templater().facts("nova", message).template.text


@pytest.mark.parametrize(("one", "other"), SAME)
def test_messages_that_differ_in_names_and_measures_share_a_template(one: str, other: str) -> None:
    assert template(one) == template(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_messages_that_say_different_things_do_not(one: str, other: str) -> None:
    assert template(one) != template(other)


MESSAGES = [message for pair in SAME + DIFFERENT for message in pair]


@pytest.fixture(scope="module")
def experienced() -> Templater:
    """A templater that has met every message."""
    templater = Templater()
    for message in MESSAGES:
        templater.facts("nova", message)
    return templater


@pytest.mark.parametrize("message", MESSAGES)
def test_a_template_does_not_depend_on_what_was_cached(experienced: Templater, message: str) -> None:
    assert experienced.facts("nova", message).template == Templater().facts("nova", message).template
