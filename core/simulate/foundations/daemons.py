"""The programs under OpenStack: where each runs, into which file it writes, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Form(StrEnum):
    """Text form of a daemon's records; `forms` writes them."""

    RABBITMQ = "rabbitmq"
    MARIADB = "mariadb"
    LIBVIRT = "libvirt"
    QEMU = "qemu"
    VSWITCH = "vswitch"
    SYSLOG = "syslog"
    ACCESS = "access"
    """Apache's combined log format; the message is the whole line."""


class Place(StrEnum):
    """Hosts that a daemon runs on."""

    CONTROLLER = "controller"
    HOST = "host"
    """Every host; it logs where its subject is."""


class Daemon(NamedTuple):
    """One program."""

    group: str
    """What must be deployed for it to run, one of `FOUNDATIONS`."""
    form: Form
    place: Place
    path: str
    """Its file below /var/log; `{host}` is the short name of the host, `{domain}` that of a guest."""
    prefix: str
    """Name of its file where all hosts have one, without `.log`."""
    forks: bool = False
    """Each subject has a process of its own."""
    part_of: str = ""
    """Service that is silent together with it."""


DAEMONS: Final[Mapping[str, Daemon]] = {
    "rabbitmq": Daemon("rabbitmq", Form.RABBITMQ, Place.CONTROLLER, "rabbitmq/rabbit@{host}.log", "rabbitmq"),
    "mariadb": Daemon("mariadb", Form.MARIADB, Place.CONTROLLER, "mysql/error.log", "mariadb"),
    "haproxy": Daemon("haproxy", Form.SYSLOG, Place.CONTROLLER, "haproxy.log", "haproxy"),
    "keystone-access": Daemon(
        "apache",
        Form.ACCESS,
        Place.CONTROLLER,
        "apache2/keystone_access.log",
        "keystone_access",
        part_of="keystone",
    ),
    "libvirtd": Daemon("libvirt", Form.LIBVIRT, Place.HOST, "libvirt/libvirtd.log", "libvirtd"),
    "qemu": Daemon("libvirt", Form.QEMU, Place.HOST, "libvirt/qemu/{domain}.log", "qemu"),
    "ovs-vswitchd": Daemon("openvswitch", Form.VSWITCH, Place.HOST, "openvswitch/ovs-vswitchd.log", "ovs-vswitchd"),
    "kernel": Daemon("linux", Form.SYSLOG, Place.HOST, "kern.log", "kern"),
    "sshd": Daemon("linux", Form.SYSLOG, Place.HOST, "auth.log", "auth", forks=True),
    **{
        name: Daemon(group, Form.SYSLOG, place, "syslog", "syslog", forks)
        for name, group, place, forks in (
            ("systemd", "linux", Place.HOST, False),
            ("systemd-networkd", "linux", Place.HOST, False),
            ("CRON", "linux", Place.HOST, True),
            ("rsyslogd", "linux", Place.HOST, False),
            ("dnsmasq", "linux", Place.CONTROLLER, False),
            ("dnsmasq-dhcp", "linux", Place.CONTROLLER, False),
            ("Keepalived_vrrp", "keepalived", Place.CONTROLLER, False),
            ("memcached", "memcached", Place.CONTROLLER, False),
        )
    },
}
"""By the name of the service; for those that write by syslog it is the tag."""

FOUNDATIONS: Final = frozenset(daemon.group for daemon in DAEMONS.values())
"""What a deployment may have in `services` besides OpenStack's projects."""
