from __future__ import annotations

import pytest

from core.parsing import services
from core.schema import CATEGORICAL


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/var/log/nova/nova-compute.log", "nova-compute"),
        ("nova-compute.log-20151124.gz", "nova-compute"),
        ("nova-compute.log.1", "nova-compute"),
        ("nova-compute-20151124.log.xz", "nova-compute"),
        ("openvswitch-agent.log-20151130.gz", "neutron-openvswitch-agent"),
        ("/var/log/neutron/server.log", "neutron-server"),
        ("/var/log/nova/api.log", "nova-api"),
        ("/var/log/kolla/glance/glance-api.log", "glance"),
        ("/var/log/keystone/keystone_wsgi_public.log", "keystone"),
        ("l3-agent.log", "neutron-l3-agent"),
        ("octavia-worker.log", "octavia-worker"),
        ("Nova_Test_373_round_1.log", ""),
        ("OpenStack_2k.log", ""),
        ("/var/log/syslog", ""),
        ("/var/log/messages", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_file_names_its_service(path: str, service: str) -> None:
    assert services.from_file(path) == service


@pytest.mark.parametrize(
    ("logger", "service"),
    [
        ("nova.compute.manager", "nova-compute"),
        ("nova.virt.libvirt.driver", "nova-compute"),
        ("nova.osapi_compute.wsgi.server", "nova-api"),
        ("neutron.agent.dhcp.agent", "neutron-dhcp-agent"),
        ("neutron.db.agents_db", "neutron-server"),
        ("keystone.common.wsgi", "keystone"),
        ("glance.registry.api", "glance"),
        ("nova.utils", "nova-other"),
        ("cloud.nova.compute.manager", "nova-compute"),
        ("novaclient.v2", ""),
        ("oslo_messaging._drivers.impl_rabbit", ""),
        ("eventlet.wsgi.server", ""),
        ("", ""),
    ],
)
def test_the_package_of_a_logger_names_its_service(logger: str, service: str) -> None:
    assert services.from_logger(logger) == service


@pytest.mark.parametrize(
    ("unit", "service"),
    [
        ("devstack@n-cpu.service", "nova-compute"),
        ("devstack@q-svc.service", "neutron-server"),
        ("nova_compute", "nova-compute"),
        ("openstack-nova-api", "nova-api"),
        ("glance-registry", "glance"),
        ("dnsmasq", "dnsmasq"),
    ],
)
def test_the_name_of_a_unit_names_its_service(unit: str, service: str) -> None:
    assert services.canonical(unit) == service


def test_every_service_of_the_schema_keeps_its_name() -> None:
    own = [name for name in CATEGORICAL["service"] if name not in {"unknown", "other"}]
    assert [services.canonical(name) for name in own] == own
