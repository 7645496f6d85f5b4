"""What stands under OpenStack: which lines of its logs are one event, and who wrote it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.events import Continuation, LogEvent, Notice
from core.parsing import Parser
from core.parsing.levels import leading_level
from tests.helpers.lines import log_lines

WRITTEN = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()


def parsed(texts: list[str], source: str = "-") -> list[LogEvent]:
    """Events of these lines; every line has to be in one of them."""
    parser = Parser(source, UTC, lambda: WRITTEN)
    items = [*parser.feed(log_lines(texts, source)), *parser.close()]
    assert not [item for item in items if isinstance(item, Continuation | Notice)]
    events = [item for item in items if isinstance(item, LogEvent)]
    assert sum(1 + event.extra_lines for event in events) == len(texts)
    return events


ERLANG = "2026-11-20 10:00:01.123456+00:00"


@pytest.mark.parametrize(
    ("lines", "sizes"),
    [
        pytest.param(
            [
                f"{ERLANG} [error] <0.646.0> closing AMQP connection <0.646.0>:",
                f"{ERLANG} [error] <0.646.0> missed heartbeats from client, timeout: 60s",
                f"{ERLANG} [error] <0.646.0>",
            ],
            [3],
            id="RabbitMQ 3.9: every line of a report has its head",
        ),
        pytest.param(
            [
                f"{ERLANG} [error] <0.646.0> closing AMQP connection <0.646.0>:",
                f"{ERLANG} [error] <0.647.0> closing AMQP connection <0.647.0>:",
                f"{ERLANG} [warning] <0.647.0> memory resource limit alarm set",
                "2026-11-20 10:00:01.123457+00:00 [warning] <0.647.0> memory resource limit alarm cleared",
            ],
            [1, 1, 1, 1],
            id="RabbitMQ 3.9: another process, level or moment is another event",
        ),
        pytest.param(
            [
                "2026-11-20 10:00:01.123 [warning]  lager_file_backend dropped 7 messages in the last second",
                "2026-11-20 10:00:02.123 [warning] <0.1201.0> closing AMQP connection <0.1201.0>:",
                "client unexpectedly closed TCP connection",
                "2026-11-20 10:00:02.123 [error] <0.44.0> ** Generic server rabbit_disk_monitor terminating",
                "** Last message in was update",
                "** Reason for termination ==",
            ],
            [1, 2, 3],
            id="RabbitMQ 3.7: what has no head belongs to the line before, whichever process that is from",
        ),
        pytest.param(
            [
                "=INFO REPORT==== 20-Nov-2026::10:00:01 ===",
                "accepting AMQP connection <0.205.0>",
                "",
                "=CRASH REPORT==== 20-Nov-2026::10:00:01 ===",
                "  crasher:",
                "    initial call: rabbit_epmd_monitor:init/1",
                "    exception error: no match of right hand side value noport",
            ],
            [3, 4],
            id="RabbitMQ 3.6: a report goes on until the next one",
        ),
        pytest.param(
            [
                "2026-11-20 10:00:01 0 [Note] WSREP: Quorum results:",
                "\\x09version    = 6,",
                "\\x09component  = PRIMARY,",
                "WSREP_SST: [INFO] Streaming with mbstream (20261120 10:00:01.900)",
                "2026-11-20 10:00:02 0 [Note] WSREP: Shifting OPEN -> PRIMARY (TO: 4711)",
            ],
            [3, 1, 1],
            id="Galera: the results of a quorum are one event, and a script's line is another",
        ),
        pytest.param(
            [
                "2026-11-20 10:00:01.123+0000: starting up libvirt version: 8.0.0, qemu version: 6.2.0",
                "LC_ALL=C \\",
                "/usr/bin/qemu-system-x86_64 \\",
                "-name guest=instance-0000002a",
                "2026-11-20T10:00:02.123456Z qemu-system-x86_64: terminating on signal 15 from pid 1422",
            ],
            [4, 1],
            id="libvirt: the command line of a guest belongs to its start",
        ),
        pytest.param(
            [
                "2026-11-20T10:00:01.123+0000 7f39e866c700 -1 *** Caught signal (Aborted) **",
                " in thread 7f39e866c700 thread_name:tp_osd_tp",
                "",
                " 1: (()+0x12730) [0x7f39fd9a2730]",
                "2026-11-20T10:00:01.124+0000 7f39e866c700 -1 osd.3 1204 shutdown",
            ],
            [4, 1],
            id="Ceph: a stack belongs to the signal",
        ),
        pytest.param(
            [
                "Nov 20 10:00:01 cmp07 systemd[1]: nova-compute.service: Failed with result 'signal'.",
                "-- Subject: Unit failed",
                "-- Defined-By: systemd",
                "--",
                "-- The unit nova-compute.service has entered the 'failed' state with result 'signal'.",
                "Nov 20 10:00:01 cmp07 systemd[1]: Stopped OpenStack Nova Compute.",
            ],
            [5, 1],
            id="journalctl -x: an explanation belongs to its entry",
        ),
        pytest.param(
            [f"Nov 20 10:00:01 cmp07 kernel: [1381820.{part}] {text}" for part in (1, 1, 2) for text in ("a", "  b")],
            [1] * 6,
            id="kernel: lines of the same second are events of their own",
        ),
        pytest.param(
            ["[    0.000000] Linux version 5.15.0-91-generic", "[    0.000000] Command line: ro", "[    1.5] e1000e"],
            [1, 1, 1],
            id="dmesg: lines without a date are events of their own",
        ),
    ],
)
def test_an_event_has_its_own_lines_and_no_others(lines: list[str], sizes: list[int]) -> None:
    assert [1 + event.extra_lines for event in parsed(lines)] == sizes


@pytest.mark.parametrize(
    ("tag", "service", "pid"),
    [
        ("CRON[123]", "cron", 123),
        ("(sd-pam)[17]", "sd-pam", 17),
        ("dbus-daemon[99]", "dbus-daemon", 99),
        ("org.freedesktop.resolve1[99]", "org.freedesktop.resolve1", 99),
        ("rsyslogd", "rsyslogd", None),
        ("kernel", "kernel", None),
        ("systemd[1]", "systemd", 1),
        ("50-motd-news[4711]", "50-motd-news", 4711),
        ("docker/nova_compute/0123456789ab[811]", "nova-compute", 811),
        ("ceph-osd@3[811]", "ceph-osd", 811),
        ("/usr/sbin/irqbalance", "irqbalance", None),
    ],
)
@pytest.mark.parametrize(
    "head", ["Nov 20 10:00:01 ctl01", "2026-11-20T10:00:01.123456+00:00 ctl01", "<30>Nov 20 10:00:01"]
)
def test_the_tag_of_a_log_daemon_names_service_and_process(head: str, tag: str, service: str, pid: int | None) -> None:
    (event,) = parsed([f"{head} {tag}: Failed to do what was asked for."])
    assert (event.service, event.pid, event.known_format) == (service, pid, True)
    assert event.message == "Failed to do what was asked for."
    assert event.level == ("INFO" if head.startswith("<") else "")


@pytest.mark.parametrize(
    ("line", "service", "level"),
    [
        ("2026-11-20 10:00:01.123 7 ERROR nova.compute.manager [-] no", "nova-compute", "ERROR"),
        ("2026-11-20 10:00:01 0 [Warning] WSREP: no", "mariadb", "WARNING"),
        ("2026-11-20T10:00:01.123+0000 7f39e866c700 -1 osd.3 1204 no", "ceph", "ERROR"),
        ("a plain line", "docker", ""),
    ],
)
def test_what_a_program_runs_is_named_by_its_own_line_before_the_program(line: str, service: str, level: str) -> None:
    (event,) = parsed([f"Nov 20 10:00:01 ctl01 docker/0123456789ab[811]: {line}"])
    assert (event.service, event.level) == (service, level)


@pytest.mark.parametrize(
    ("source", "line", "service"),
    [
        ("/var/log/libvirt/virtqemud.log", "2026-11-20 10:00:01.123+0000: 1422: info : hostname: cmp07", "virtqemud"),
        ("libvirt.out", "2026-11-20 10:00:01.123+0000: 1422: info : hostname: cmp07", "libvirtd"),
        ("/var/log/neutron/server.log", "2026-11-20 10:00:01.123 7 WARNING sqlalchemy.pool [-] no", "neutron-server"),
        ("/var/log/ceph/ceph-osd.3.log", "2026-11-20T10:00:01.123+0000 7f39e866c700  0 osd.3 1204 yes", "ceph-osd"),
    ],
)
def test_a_file_names_the_service_of_its_lines_before_their_form_and_logger(
    source: str, line: str, service: str
) -> None:
    (event,) = parsed([line], source)
    assert event.service == service


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("error: unable to open", "ERROR"),
        (" notice: State transition S_IDLE -> S_POLICY_ENGINE", "INFO"),
        ("[warn] deprecated", "WARNING"),
        ("[ERROR   ] no route", "ERROR"),
        ("<info>  [1795168801.1234] device (eth0): link connected", "INFO"),
        ("ERROR 1045 (28000): Access denied", "ERROR"),
        ("time=x level=warning msg=y", "WARNING"),
        ("lvl=warn msg=y", "WARNING"),
        ("E1120 10:00:01.123456 2811 pod_workers.go:1300] no", "ERROR"),
        ("Panic: no", "CRITICAL"),
        # what happened is not a level
        ("Failed to start OpenStack Nova Compute.", ""),
        ("Errors were encountered", ""),
        ("error while reading", ""),
        ("info about 3 disks", ""),
        ("audit: type=1400 audit(1795168801.123:432)", ""),
        ("sublevel=error", ""),
        ("", ""),
    ],
)
def test_a_message_has_the_level_that_it_begins_with_as_a_word_of_its_own(message: str, level: str) -> None:
    assert leading_level(message) == level
