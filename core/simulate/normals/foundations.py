"""Hard normals of what OpenStack stands on: restarts, upgrades, backups, scans."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import Disturbance, Repeated
from core.simulate.script import Catalogue, Step

CATALOGUE: Catalogue = {}

NORMALS: Final = (
    Disturbance(
        "broker_restart",
        "The message broker is restarted in order; clients come back",
        lasts=(20.0, 40.0),
        restarts=("rabbitmq",),
        repeats=(
            Repeated(
                (
                    Step("systemd.stopping"),
                    Step("rabbitmq.stopping", 0.2),
                    Step("rabbitmq.dropped", 0.05, repeat=(3, 8)),
                    Step("systemd.stopped", 3.0),
                    Step("systemd.starting", 0.1),
                    Step("rabbitmq.listening", 6.0),
                    Step("rabbitmq.started", 0.3),
                    Step("systemd.started", 0.05),
                ),
                times=1,
                services=("rabbitmq-server",),
            ),
        ),
        on_controller=True,
        needs=frozenset({"rabbitmq", "linux"}),
    ),
    Disturbance(
        "clients_reconnect",
        "Many services open their connections to the broker again",
        lasts=(20.0, 60.0),
        repeats=(
            Repeated(
                (
                    Step("rabbitmq.accepting"),
                    Step("rabbitmq.named", 0.01),
                    Step("rabbitmq.authenticated", 0.005),
                ),
                (0.2, 1.5),
            ),
        ),
        on_controller=True,
        needs=frozenset({"rabbitmq"}),
    ),
    Disturbance(
        "database_backup",
        "The database is backed up: the node leaves the group's flow for a while",
        lasts=(60.0, 180.0),
        repeats=(
            Repeated((Step("galera.donor"),), times=1),
            Repeated((Step("mariadb.page_cleaner"),), (20.0, 60.0), 9.0),
        ),
        on_controller=True,
        recovery_of_daemons=(Step("galera.resynced"),),
        needs=frozenset({"mariadb"}),
    ),
    Disturbance(
        "connections_aborted",
        "A service is stopped and the database notices connections that ended without a goodbye",
        lasts=(5.0, 20.0),
        repeats=(Repeated((Step("mariadb.aborted"),), (0.1, 2.0)),),
        on_controller=True,
        needs=frozenset({"mariadb"}),
    ),
    Disturbance(
        "balancer_reload",
        "The load balancer takes a new configuration",
        lasts=(5.0, 10.0),
        restarts=("haproxy",),
        repeats=(
            Repeated(
                (Step("haproxy.proxy_stopped"), Step("haproxy.proxy_started", 0.5)),
                times=1,
                services=("nova_api", "neutron_api", "keystone_public", "glance_api", "galera"),
            ),
        ),
        on_controller=True,
        needs=frozenset({"haproxy"}),
    ),
    Disturbance(
        "backend_drained",
        "A server is taken out of its backend for maintenance and put back",
        lasts=(60.0, 240.0),
        repeats=(Repeated((Step("haproxy.drained"),), times=1, services=("glance_api",)),),
        on_controller=True,
        recovery_of_daemons=(Step("haproxy.ready"),),
        recovery_daemons=("glance_api",),
        needs=frozenset({"haproxy"}),
    ),
    Disturbance(
        "cache_flap",
        "Clients of the cache go away all at once",
        lasts=(5.0, 20.0),
        repeats=(Repeated((Step("memcached.write"),), (0.5, 3.0)),),
        on_controller=True,
        needs=frozenset({"memcached"}),
    ),
    Disturbance(
        "denied_burst",
        "An AppArmor profile denies a program one file over and over",
        lasts=(10.0, 60.0),
        repeats=(Repeated((Step("kernel.denied"),), (0.5, 4.0)),),
        needs=frozenset({"linux"}),
    ),
    Disturbance(
        "libvirt_restart",
        "libvirtd is restarted in order; guests run on",
        lasts=(5.0, 15.0),
        restarts=("libvirtd",),
        repeats=(
            Repeated(
                (
                    Step("systemd.stopping"),
                    Step("systemd.stopped", 0.5),
                    Step("systemd.starting", 0.1),
                    Step("libvirt.version", 0.3),
                    Step("libvirt.hostname", 0.001),
                    Step("systemd.started", 0.2),
                ),
                times=1,
                services=("libvirtd",),
            ),
        ),
        needs=frozenset({"libvirt", "linux"}),
    ),
    Disturbance(
        "switch_busy",
        "The switch is busy for a moment with many ports",
        lasts=(10.0, 30.0),
        repeats=(
            Repeated((Step("vswitch.long_poll"), Step("vswitch.faults", 0.001)), times=1),
            Repeated((Step("vswitch.wakeup"),), (2.0, 6.0), 1.0),
        ),
        needs=frozenset({"openvswitch"}),
    ),
    Disturbance(
        "switch_restart",
        "Open vSwitch is restarted in order",
        lasts=(5.0, 15.0),
        restarts=("ovs-vswitchd",),
        repeats=(
            Repeated(
                (
                    Step("systemd.stopping"),
                    Step("systemd.stopped", 0.5),
                    Step("vswitch.starting", 0.5),
                    Step("vswitch.version", 0.1),
                    Step("systemd.started", 0.2),
                    Step("vswitch.refused", 0.1),
                    Step("vswitch.connected", 2.0),
                ),
                times=1,
                services=("openvswitch-switch",),
            ),
        ),
        needs=frozenset({"openvswitch", "linux"}),
    ),
    Disturbance(
        "address_moves",
        "The virtual address moves to another controller and back, as planned",
        lasts=(30.0, 60.0),
        repeats=(Repeated((Step("keepalived.advert"), Step("keepalived.backup", 0.01)), times=1),),
        on_controller=True,
        recovery_of_daemons=(Step("keepalived.master", 0.5),),
        needs=frozenset({"keepalived"}),
    ),
    Disturbance(
        "package_upgrade",
        "Packages are upgraded: units are reloaded and restarted",
        lasts=(20.0, 60.0),
        repeats=(
            Repeated((Step("systemd.apt"), Step("systemd.reloading", 3.0, repeat=(2, 6))), times=1),
            Repeated(
                (
                    Step("systemd.stopping"),
                    Step("systemd.stopped", 0.3),
                    Step("systemd.starting", 0.1),
                    Step("systemd.started", 0.5),
                ),
                times=1,
                first=9.0,
                services=("chrony", "ssh", "cron", "rsyslog"),
            ),
        ),
        needs=frozenset({"linux"}),
    ),
    Disturbance(
        "login_scan",
        "An unknown host tries logins",
        lasts=(30.0, 120.0),
        repeats=(Repeated((Step("sshd.invalid"), Step("sshd.refused", 1.5)), (2.0, 9.0)),),
        on_controller=True,
        needs=frozenset({"linux"}),
    ),
    Disturbance(
        "link_replugged",
        "A network port is replugged once, as planned; the bond carries on",
        lasts=(10.0, 20.0),
        repeats=(
            Repeated(
                (
                    Step("kernel.link_down"),
                    Step("kernel.bond_down", 0.1),
                    Step("vswitch.member", 0.1),
                    Step("kernel.link_up", 6.0),
                    Step("kernel.bond_up", 0.2),
                ),
                times=1,
            ),
        ),
        needs=frozenset({"linux"}),
    ),
)
