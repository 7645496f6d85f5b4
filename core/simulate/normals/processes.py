"""Hard normals of the processes themselves: restarts, upgrades, options, rotation."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import Disturbance, Repeated
from core.simulate.script import Catalogue, Context, Message, Step, messages

RESTARTED: Final = ("nova-compute", "nova-conductor", "nova-scheduler", "neutron-server", "neutron-openvswitch-agent")

CATALOGUE: Catalogue = {
    **messages(
        "*",
        {
            "start.stopping": ("oslo_service.service", "INFO", "Caught SIGTERM, stopping children"),
            "start.begin": ("oslo_service.service", "INFO", "Starting {number} workers"),
            "start.child": ("oslo_service.service", "INFO", "Started child {number}"),
            "start.version": ("nova.service", "INFO", "Starting node (version {number}.1.0-1)"),
            "start.amqp": (
                "oslo.messaging._drivers.impl_rabbit",
                "INFO",
                "Connected to the AMQP server on {amqp}:5672 with port {number}",
            ),
            "option.deprecated": (
                "oslo_config.cfg",
                "WARNING",
                'Option "dhcp_domain" from group "DEFAULT" is deprecated for removal and may be ignored.',
            ),
            "option.renamed": (
                "oslo_config.cfg",
                "WARNING",
                'Deprecated: Option "auth_uri" from group "keystone_authtoken" is now called "www_authenticate_uri".',
            ),
            "option.removed": (
                "oslo_log.versionutils",
                "WARNING",
                "Deprecated: the in-tree scheduler driver is deprecated as of this cycle and may go away in the next.",
            ),
            "rotation.done": ("oslo_log.rotate", "INFO", "Log file was reopened after rotation"),
            "amqp.idle": (
                "oslo.messaging._drivers.impl_rabbit",
                "WARNING",
                "Unexpected error during heartbeat, trying again once: connection closed by idle limit",
            ),
        },
        Context.NONE,
    ),
    **messages(
        "nova-compute",
        {
            "monitor.cpu": (
                "nova.compute.monitors.cpu.virt_driver",
                "INFO",
                "Monitor cpu.virt_driver is new in this release and collects {number} metrics",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-openvswitch-agent",
        {
            "ovs.start": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "INFO",
                "Agent initialized successfully, now running with {number} ports to look after...",
            ),
            "ovs.synced": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "INFO",
                "Agent is in sync again after its start, {number} ports are wired",
            ),
            "ovs.missing_port": (
                "neutron.agent.common.ovs_lib",
                "INFO",
                "Port {port} is not present in bridge br-int",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "keystone",
        {
            "keystone.rotated": ("keystone.common.fernet_utils", "INFO", "Promoted key 0 to be the primary: {number}"),
        },
    ),
    "host.joined": Message(
        "nova-scheduler",
        "nova.scheduler.host_manager",
        "INFO",
        "Received a sync request from a host not known before: '{resource}'. Recreating its instance info.",
        Context.TASK,
    ),
    "certificate.soon": Message(
        "keystone",
        "keystone.common.wsgi",
        "WARNING",
        "Certificate of the public endpoint runs out in {number} days",
        Context.NONE,
    ),
    "db.purge": Message(
        "nova-api",
        "nova.cmd.manage",
        "INFO",
        "Archived {number} deleted rows of table instances",
        Context.NONE,
    ),
}

NORMALS: Final = (
    Disturbance(
        "restart",
        "Services are restarted: shutdown and start messages, deprecation warnings",
        lasts=(40.0, 80.0),
        restarts=RESTARTED,
        repeats=(
            Repeated(
                (
                    Step("start.stopping"),
                    Step("option.deprecated", 4.0),
                    Step("option.renamed", 0.01),
                    Step("option.removed", 0.2, chance=0.6),
                    Step("start.version", 0.5),
                    Step("start.begin", 0.1),
                    Step("start.child", 0.05, repeat=(1, 4)),
                    Step("start.amqp", 0.8, repeat=(1, 2)),
                ),
                times=1,
                services=RESTARTED,
            ),
        ),
        recovery=(Step("ovs.start", 1.0),),
    ),
    Disturbance(
        "option_warnings",
        "A configuration tool runs and every option that is deprecated is warned of",
        lasts=(10.0, 30.0),
        repeats=(
            Repeated(
                (Step("option.deprecated"), Step("option.renamed", 0.02), Step("option.removed", 0.02)),
                (3.0, 6.0),
                services=("keystone", "nova-placement-api"),
            ),
        ),
    ),
    Disturbance(
        "upgrade",
        "After an upgrade services log what they never logged before",
        lasts=(600.0, 1800.0),
        repeats=(
            Repeated((Step("start.version"), Step("option.removed", 0.2)), times=1, services=("nova-compute",)),
            Repeated((Step("monitor.cpu"),), (50.0, 70.0), 5.0),
            Repeated((Step("upgrade.servers"),), (40.0, 90.0), 10.0, users=True),
        ),
    ),
    Disturbance(
        "log_rotation",
        "Log files are rotated and reopened",
        lasts=(2.0, 5.0),
        repeats=(Repeated((Step("rotation.done"),), times=1, services=(*RESTARTED, "keystone", "nova-api")),),
    ),
    Disturbance(
        "debug_on",
        "DEBUG is switched on for a while",
        lasts=(200.0, 500.0),
        debug=True,
    ),
    Disturbance(
        "agent_resync",
        "The Open vSwitch agent was restarted and wires all ports again",
        lasts=(20.0, 40.0),
        repeats=(
            Repeated(
                (
                    Step("ovs.start"),
                    Step("ovs.port_updated", 0.2, repeat=(4, 12)),
                    Step("ovs.filters", 0.1),
                    Step("ovs.missing_port", 0.1, repeat=(0, 3)),
                    Step("ovs.devices_up", 0.5),
                    Step("ovs.synced", 1.0),
                ),
                times=1,
                users=True,
            ),
        ),
    ),
    Disturbance(
        "dhcp_resync",
        "The DHCP agent was restarted and synchronizes all networks",
        lasts=(20.0, 40.0),
        repeats=(
            Repeated(
                (
                    Step("start.amqp"),
                    Step("task.dhcp_sync", 0.5),
                    Step("dhcp.starting", 0.2, repeat=(3, 8)),
                    Step("dhcp.finished", 0.5, repeat=(3, 8)),
                    Step("task.dhcp_done", 0.5),
                ),
                times=1,
                services=("neutron-dhcp-agent",),
            ),
        ),
    ),
    Disturbance(
        "certificate_warning",
        "A certificate runs out in some days",
        lasts=(2.0, 5.0),
        repeats=(Repeated((Step("certificate.soon"),), times=1),),
    ),
    Disturbance(
        "amqp_idle",
        "An idle connection to the queue was closed and opened again at once",
        lasts=(5.0, 10.0),
        repeats=(
            Repeated(
                (Step("amqp.idle"), Step("start.amqp", 0.2)),
                times=1,
                services=("nova-conductor", "neutron-server"),
            ),
        ),
    ),
    Disturbance(
        "key_rotation",
        "keystone rotates its keys",
        lasts=(2.0, 5.0),
        repeats=(Repeated((Step("keystone.rotated"),), times=1),),
    ),
    Disturbance(
        "database_purge",
        "Deleted rows are archived at night",
        lasts=(10.0, 30.0),
        repeats=(Repeated((Step("db.purge"),), (2.0, 5.0)),),
    ),
    Disturbance(
        "new_host",
        "A compute host joins",
        lasts=(5.0, 15.0),
        repeats=(Repeated((Step("host.joined"),), (2.0, 3.0), times=2),),
    ),
)
