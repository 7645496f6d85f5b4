from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.parsing import services
from core.schema import CATEGORICAL

POD = "0a1b2c3d-1111-2222-3333-444455556666"
CONTAINER = "0123456789abcdef" * 4

FILES = [
    # what packages, Kolla, TripleO, OpenStack-Ansible and DevStack call OpenStack's logs
    ("/var/log/nova/nova-compute.log", "nova-compute"),
    ("/var/log/nova/api.log", "nova-api"),
    ("/var/log/kolla/nova/nova-compute.log", "nova-compute"),
    ("/var/log/kolla/nova/nova-api-error.log", "nova-api"),
    ("/var/log/kolla/glance/glance-api.log", "glance"),
    ("/var/log/kolla/keystone/keystone-apache-public-access.log", "keystone"),
    ("/var/log/containers/stdouts/nova_compute.log", "nova-compute"),
    ("/var/log/containers/nova/nova-metadata-api.log", "nova-api-metadata"),
    ("/var/log/neutron/server.log", "neutron-server"),
    ("/var/log/neutron/l3-agent.log", "neutron-l3-agent"),
    ("/var/log/neutron/neutron-ovn-metadata-agent.log.3", "neutron-ovn-metadata-agent"),
    ("/var/log/keystone/keystone_wsgi_public.log", "keystone"),
    ("/var/log/heat/heat-engine.log", "heat"),
    ("/var/log/swift/proxy.log", "swift-proxy-server"),
    ("openvswitch-agent.log-20151130.gz", "neutron-openvswitch-agent"),
    ("l3-agent.log", "neutron-l3-agent"),
    ("octavia-worker.log", "octavia-worker"),
    ("screen-n-cpu.log", "nova-compute"),
    ("screen-q-svc.2026-11-20-100001.log", "neutron-server"),
    ("placement-uwsgi.log", "nova-placement"),
    # web servers
    ("/var/log/apache2/keystone_access.log", "keystone"),
    ("/var/log/apache2/keystone_error.log", "keystone"),
    ("/var/log/apache2/cinder_error.log", "cinder-api"),
    ("/var/log/httpd/placement_wsgi_error.log", "nova-placement"),
    ("/var/log/httpd/nova_api_wsgi_access.log", "nova-api"),
    ("/var/log/nginx/horizon-error.log", "horizon"),
    ("/var/log/apache2/error.log", "apache2"),
    ("/var/log/apache2/other_vhosts_access.log", "apache2"),
    ("/var/log/httpd/error_log", "httpd"),
    # dates, numbers, compression
    ("nova-compute.log-20151124.gz", "nova-compute"),
    ("nova-compute.log.1", "nova-compute"),
    ("nova-compute-20151124.log.xz", "nova-compute"),
    ("nova-api-2026112800.log", "nova-api"),
    ("nova-api.log.2026-11-27_23", "nova-api"),
    ("haproxy.log.1", "haproxy"),
    ("ansible-nova.json", ""),
    # hosts
    ("cmp07_nova-compute.log", "nova-compute"),
    ("nova-compute.cmp07.log", "nova-compute"),
    ("ctl01.nova-scheduler.log", "nova-scheduler"),
    ("compute4-nova-compute.log", "nova-compute"),
    ("nova-compute-cmp07.log", "nova-compute"),
    ("nova_nova-conductor.log", "nova-conductor"),
    ("swift_swift.log", "swift"),
    ("rabbit@ctl01.log", "rabbitmq"),
    ("rabbit@juju-04f1e3-1-lxd-5.log", "rabbitmq"),
    ("rabbit@ctl01-sasl.log", "rabbitmq"),
    ("rabbit@ctl01_upgrade.log", "rabbitmq"),
    ("rabbitmq_rabbit@controller.log", "rabbitmq"),
    # Kubernetes
    (f"/var/log/pods/openstack_nova-compute-default-x8d2f_{POD}/nova-compute/0.log", "nova-compute"),
    (f"/var/log/pods/kube-system_etcd-ctl01_{POD.replace('-', '')}/etcd/2.log", "etcd"),
    (f"/var/log/pods/openstack_libvirt-libvirt-default-x8d2f_{POD}/main/0.log", "libvirtd"),
    (f"/var/log/containers/neutron-server-7c9f8-abcde_openstack_neutron-server-{CONTAINER}.log", "neutron-server"),
    (f"/var/lib/docker/containers/{CONTAINER}/{CONTAINER}-json.log", ""),
    # infrastructure
    ("/var/log/mysql/error.log", "mariadb"),
    ("/var/log/mysqld.log", "mariadb"),
    ("/var/log/kolla/mariadb/mariadb.log", "mariadb"),
    ("/var/log/rabbitmq/log/crash.log", "rabbitmq"),
    ("/var/log/rabbitmq/startup_log", "rabbitmq"),
    ("/var/log/libvirt/libvirtd.log", "libvirtd"),
    ("/var/log/libvirt/virtqemud.log", "virtqemud"),
    ("/var/log/libvirt/qemu/instance-0000002a.log", "qemu"),
    ("/var/log/openvswitch/ovs-vswitchd.log", "ovs-vswitchd"),
    ("/var/log/ovn/ovn-controller.log", "ovn-controller"),
    ("/var/log/kolla/openvswitch/ovn-nb-db.log", "ovsdb-server-nb"),
    ("/var/log/ceph/ceph-osd.3.log", "ceph-osd"),
    (f"/var/log/ceph/{POD}/ceph-mon.ctl01.log", "ceph-mon"),
    ("/var/log/ceph/ceph-client.rgw.ctl01.rgw0.log", "ceph-rgw"),
    ("/var/log/ceph/ceph.audit.log", "ceph"),
    ("/var/log/pacemaker/pacemaker.log", "pacemaker"),
    ("/var/log/redis/redis-sentinel.log", "redis"),
    ("/var/log/audit/audit.log", "auditd"),
    ("/var/log/cloud-init-output.log", "cloud-init"),
    ("/var/log/juju/unit-nova-compute-0.log", "jujud"),
    ("/var/log/kern.log", "kernel"),
    ("dmesg.0", "kernel"),
    ("rabbit-39.log", "rabbitmq"),
    # files of several programs, runs and dumps: no service
    ("Nova_Test_373_round_1.log", ""),
    ("OpenStack_2k.log", ""),
    ("/var/log/syslog", ""),
    ("/var/log/messages-20261120", ""),
    ("error.log", ""),
    ("access.log", ""),
    ("/srv/source/error.log", ""),
    ("journalctl-previous-boot", ""),
    ("-", ""),
    ("", ""),
]

TAGS = [
    ("devstack@n-cpu.service", "nova-compute"),
    ("devstack@q-svc.service", "neutron-server"),
    ("devstack@placement-api.service", "nova-placement"),
    ("nova_compute", "nova-compute"),
    ("snap.openstack-hypervisor.nova-compute.service", "nova-compute"),
    ("rabbitmq-bundle", "rabbitmq"),
    ("nova-super-conductor", "nova-conductor"),
    ("barbican-wsgi-api", "barbican-api"),
    ("proxy-server", "swift-proxy-server"),
    ("object-replicator", "swift-object-replicator"),
    ("-wsrep-sst-donor", "mariadb"),
    ("openstack-nova-api", "nova-api"),
    ("glance-registry", "glance"),
    ("nova-api-os-compute", "nova-api"),
    ("tripleo_nova_compute.service", "nova-compute"),
    ("edpm_ovn_controller.service", "ovn-controller"),
    ("kolla-nova_compute-container.service", "nova-compute"),
    ("infra1_nova_api_container-1a2b3c4d", "nova-api"),
    ("ctl01-neutron-server", "neutron-server"),
    ("neutron-keepalived-state-change", "neutron-keepalived-state-change"),
    # pods
    ("nova-compute-default-x8d2f", "nova-compute"),
    ("neutron-server-7c9f8-abcde", "neutron-server"),
    ("keystone-7c9f8d6b5-x8d2f", "keystone"),
    ("nova-cell1-conductor-0", "nova-conductor"),
    ("cinder-volume-lvm-0", "cinder-volume"),
    ("glance-default-external-api-0", "glance"),
    ("rabbitmq-cell1-server-0", "rabbitmq"),
    ("openstack-galera-0", "mariadb"),
    ("mariadb-server-0", "mariadb"),
    ("ovsdbserver-nb-0", "ovsdb-server-nb"),
    ("foo-worker-7c9f8d6b5-x8d2f", "foo-worker"),
    ("foo-worker-7c9f8d6b5-bdfgh", "foo-worker"),
    # one of several
    ("ceph-osd@3.service", "ceph-osd"),
    (f"ceph-{POD}@osd.3.service", "ceph-osd"),
    (f"ceph-{POD}-mon-ctl01", "ceph-mon"),
    (f"ceph-{POD}@rgw.default.ctl01.abcdef.service", "ceph-rgw"),
    ("user@1000.service", "user"),
    ("session-12.scope", "session"),
    ("rabbit@ctl01", "rabbitmq"),
    # daemons and their other names
    ("mysqld", "mariadb"),
    ("mariadbd", "mariadb"),
    ("mysqld_safe", "mariadb"),
    ("beam.smp", "rabbitmq"),
    ("Keepalived_vrrp", "keepalived"),
    ("dnsmasq-dhcp", "dnsmasq"),
    ("qemu-system-x86_64", "qemu"),
    ("CRON", "cron"),
    ("dnsmasq", "dnsmasq"),
    # as they are, but for what stands around them
    ("(sd-pam)", "sd-pam"),
    ("dbus-daemon", "dbus-daemon"),
    ("org.freedesktop.systemd1", "org.freedesktop.systemd1"),
    ("NetworkManager", "networkmanager"),
    ("/usr/sbin/irqbalance", "irqbalance"),
    ("postfix/smtpd", "postfix"),
    ("rabbitmq-exporter", "rabbitmq-exporter"),
    ("systemd-logind", "systemd-logind"),
    ("snap.lxd.daemon", "snap.lxd.daemon"),
    ("ext4lazyinit", "ext4lazyinit"),
    # containers
    ("docker/0123456789ab", "docker"),
    ("docker/nova_compute/0123456789ab", "nova-compute"),
    ("0123456789ab", ""),
]


@pytest.mark.parametrize(("path", "service"), FILES)
def test_the_name_of_a_file_names_its_service(path: str, service: str) -> None:
    assert services.from_file(path) == service


@pytest.mark.parametrize(("tag", "service"), TAGS)
def test_the_name_of_a_unit_a_container_or_a_tag_names_its_service(tag: str, service: str) -> None:
    assert services.canonical(tag) == service


@pytest.mark.parametrize(
    ("prefix", "service"),
    [
        ("nova-api.log.1.2017-05-16_13:53:08", "nova-api"),
        ("/var/log/neutron/neutron-l3-agent.log", "neutron-l3-agent"),
        ("/var/log/syslog", ""),
        ("error.log", ""),
        ("irqbalance.log", "irqbalance"),
    ],
)
def test_a_file_that_stands_before_a_line_names_its_service(prefix: str, service: str) -> None:
    assert services.from_prefix(prefix) == service


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
        ("octavia.controller.worker", "octavia"),
        *((library, "") for library in ("oslo_messaging._drivers.impl_rabbit", "sqlalchemy.engine", "amqp", "")),
        *((library, "") for library in ("keystonemiddleware.auth_token", "urllib3.connectionpool", "novaclient.v2")),
        ("eventlet.wsgi.server", ""),
    ],
)
def test_the_package_of_a_logger_names_its_service_and_that_of_a_library_none(logger: str, service: str) -> None:
    assert services.from_logger(logger) == service


def test_every_service_of_the_schema_keeps_its_name() -> None:
    own = [name for name in CATEGORICAL["service"] if name not in {"unknown", "other"}]
    assert [services.canonical(name) for name in own] == own


@pytest.mark.parametrize("named", [service for _, service in (*FILES, *TAGS) if service])
def test_a_name_that_was_given_is_its_own_name(named: str) -> None:
    assert services.canonical(named) == named


_HASH = st.text("bcdfghjklmnpqrstvwxz2456789", min_size=5, max_size=5)


@given(
    st.sampled_from(["nova-compute", "neutron-server", "rabbitmq", "ceph-osd", "keystone"]),
    st.lists(
        st.one_of(_HASH.filter(lambda text: bool(re.search(r"\d", text))), st.integers(0, 99).map(str)), max_size=2
    ),
    st.integers(1, 99),
)
def test_no_service_holds_a_host_a_number_or_a_hash(service: str, ending: list[str], host: int) -> None:
    pod = "-".join([service, *ending])
    assert services.canonical(pod) == service
    assert services.from_file(f"cmp{host:02}_{pod}.log") == service
    assert services.from_file(f"{service}.cmp{host:02}.log.{host}") == service
