"""The programs under OpenStack: where each runs, into which file it writes, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class DaemonForm(StrEnum):
    """Text form of a daemon's records; `forms` writes them."""

    RABBITMQ = "rabbitmq"
    MARIADB = "mariadb"
    LIBVIRT = "libvirt"
    QEMU = "qemu"
    VSWITCH = "vswitch"
    SYSLOG = "syslog"
    ACCESS = "access"
    """Apache's combined log format; the message is the whole line."""


class RunsOn(StrEnum):
    """Hosts that a daemon runs on."""

    CONTROLLER = "controller"
    HOST = "host"
    """Every host; it logs where its subject is."""


class Daemon(NamedTuple):
    """One program."""

    group: str
    """What must be deployed for it to run, one of `FOUNDATIONS`."""
    form: DaemonForm
    place: RunsOn
    path: str
    """Its file below /var/log; `{host}` is the short name of the host, `{domain}` that of a guest."""
    prefix: str
    """Name of its file where all hosts have one, without `.log`."""
    forks: bool = False
    """Each subject has a process of its own."""
    part_of: str = ""
    """Service that is silent together with it."""


DAEMONS: Final[Mapping[str, Daemon]] = {
    "rabbitmq": Daemon("rabbitmq", DaemonForm.RABBITMQ, RunsOn.CONTROLLER, "rabbitmq/rabbit@{host}.log", "rabbitmq"),
    "mariadb": Daemon("mariadb", DaemonForm.MARIADB, RunsOn.CONTROLLER, "mysql/error.log", "mariadb"),
    "haproxy": Daemon("haproxy", DaemonForm.SYSLOG, RunsOn.CONTROLLER, "haproxy.log", "haproxy"),
    "keystone-access": Daemon(
        "apache",
        DaemonForm.ACCESS,
        RunsOn.CONTROLLER,
        "apache2/keystone_access.log",
        "keystone_access",
        part_of="keystone",
    ),
    "libvirtd": Daemon("libvirt", DaemonForm.LIBVIRT, RunsOn.HOST, "libvirt/libvirtd.log", "libvirtd"),
    "qemu": Daemon("libvirt", DaemonForm.QEMU, RunsOn.HOST, "libvirt/qemu/{domain}.log", "qemu"),
    "ovs-vswitchd": Daemon(
        "openvswitch", DaemonForm.VSWITCH, RunsOn.HOST, "openvswitch/ovs-vswitchd.log", "ovs-vswitchd"
    ),
    "kernel": Daemon("linux", DaemonForm.SYSLOG, RunsOn.HOST, "kern.log", "kern"),
    "sshd": Daemon("linux", DaemonForm.SYSLOG, RunsOn.HOST, "auth.log", "auth", forks=True),
    **{
        name: Daemon(group, DaemonForm.SYSLOG, place, "syslog", "syslog", forks)
        for name, group, place, forks in (
            ("systemd", "linux", RunsOn.HOST, False),
            ("systemd-networkd", "linux", RunsOn.HOST, False),
            ("CRON", "linux", RunsOn.HOST, True),
            ("rsyslogd", "linux", RunsOn.HOST, False),
            ("dnsmasq", "linux", RunsOn.CONTROLLER, False),
            ("dnsmasq-dhcp", "linux", RunsOn.CONTROLLER, False),
            ("Keepalived_vrrp", "keepalived", RunsOn.CONTROLLER, False),
            ("memcached", "memcached", RunsOn.CONTROLLER, False),
        )
    },
}
"""By the name of the service; for those that write by syslog it is the tag."""

FOUNDATIONS: Final = frozenset(daemon.group for daemon in DAEMONS.values())
"""What a deployment may have in `services` besides OpenStack's projects."""
