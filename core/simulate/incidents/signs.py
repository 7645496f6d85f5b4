"""What foundations log in incidents that show in OpenStack first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.simulate.disturbance import Repeated
from core.simulate.script import Step

SIGNS: Final[Mapping[str, tuple[Repeated, ...]]] = {
    "amqp_unreachable": (
        Repeated(
            (Step("systemd.killed"), Step("systemd.failed", 0.01)),
            times=1,
            services=("rabbitmq-server",),
        ),
    ),
    "database_lost": (
        Repeated((Step("mariadb.stopping"),), times=1),
        Repeated((Step("haproxy.down"), Step("haproxy.none", 0.001)), times=1, first=2.0, services=("galera",)),
    ),
    "neutron_refused": (
        Repeated((Step("haproxy.down"), Step("haproxy.none", 0.001)), times=1, first=2.0, services=("neutron_api",)),
    ),
    "slow_network_api": (
        Repeated((Step("haproxy.down_timeout"),), times=1, first=25.0, services=("neutron_api",)),
        Repeated((Step("haproxy.up"),), times=1, first=45.0, services=("neutron_api",)),
    ),
    "disk_full": (Repeated((Step("libvirt.no_space"),), (30.0, 90.0), 15.0),),
    "slow_spawn": (Repeated((Step("libvirt.job"),), (30.0, 60.0), 40.0),),
    "slow_destroy": (Repeated((Step("libvirt.job"), Step("libvirt.job_timeout", 30.0)), (40.0, 90.0), 20.0),),
    "libvirt_lost": (
        Repeated((Step("systemd.aborted"), Step("systemd.failed", 0.01)), times=1, services=("libvirtd",)),
        Repeated((Step("libvirt.keepalive"),), times=1, first=0.5),
    ),
    "ovs_switch_hung": (
        Repeated((Step("vswitch.quiesce"),), (1.0, 8.0)),
        Repeated((Step("vswitch.long_poll"), Step("vswitch.faults", 0.001)), (10.0, 30.0), 2.0),
        Repeated((Step("vswitch.inactive"),), (15.0, 40.0), 10.0),
        Repeated((Step("kernel.hung"),), times=1, first=60.0),
    ),
    "service_crash": (
        Repeated((Step("systemd.killed"), Step("systemd.scheduled", 0.3)), (25.0, 50.0), services=("nova-conductor",)),
    ),
}
"""Further repetitions by the kind of the incident; without foundations nothing of them is logged."""
