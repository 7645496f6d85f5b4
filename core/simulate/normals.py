"""Hard normals: unusual, sometimes alarming to read, and not wrong."""

from __future__ import annotations

from core.simulate.disturbance import Action, Chorus, Disturbance, Effect, registry
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Message, Route, Step, messages

RESTARTED = ("nova-compute", "nova-conductor", "nova-scheduler", "neutron-server", "neutron-openvswitch-agent")

CATALOGUE: Catalogue = {
    **messages(
        "*",
        {
            "start.stopping": ("oslo_service.service", "INFO", "Caught SIGTERM, stopping children"),
            "start.begin": ("oslo_service.service", "INFO", "Starting {number} workers"),
            "start.child": ("oslo_service.service", "INFO", "Started child {number}"),
            "start.wsgi": ("nova.wsgi", "INFO", "({number}) wsgi starting up on http://0.0.0.0:8774"),
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
        "nova-api",
        {
            "client.conflict": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Cannot 'reboot' instance {instance} while it is in task_state deleting",
            ),
            "client.bad": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Invalid input for field/attribute flavorRef. Value: None.",
            ),
            "client.missing": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Instance {instance} could not be found.",
            ),
            "client.policy": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Policy doesn't allow os_compute_api:os-services to be performed.",
            ),
            "client.quota": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Quota exceeded for ram: Requested 512000, but limit is 51200",
            ),
            "api.sort_keys": (
                "oslo_db.sqlalchemy.utils",
                "WARNING",
                "Unique keys are not among sort_keys. The sorting order may be unstable.",
            ),
            "api.unknown_event": (
                "nova.api.openstack.compute.server_external_events",
                "INFO",
                "Dropping event network-changed for unknown instance {instance}",
            ),
        },
    ),
    **messages(
        "nova-compute",
        {
            "cache.clean": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Removable base files: /var/lib/nova/_base/{volume}",
            ),
            "cache.cleaned": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Removing base or swap file: /var/lib/nova/_base/{volume}, unused for {number} hours",
            ),
            "host.disabled": (
                "nova.compute.manager",
                "INFO",
                "Host {host} was disabled by its operator: maintenance",
            ),
            "host.enabled": ("nova.compute.manager", "INFO", "Host {host} was enabled by its operator"),
            "sync.mismatch": (
                "nova.compute.manager",
                "WARNING",
                "While power states are synchronized, found {hosts} instances in the database and 0 on the hypervisor.",
            ),
            "monitor.cpu": (
                "nova.compute.monitors.cpu.virt_driver",
                "INFO",
                "Monitor cpu.virt_driver is new in this release and collects {number} metrics",
            ),
        },
        Context.TASK,
    ),
    "host.joined": Message(
        "nova-scheduler",
        "nova.scheduler.host_manager",
        "INFO",
        "Received a sync request from a host not known before: '{resource}'. Recreating its instance info.",
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
        "neutron-server",
        {
            "neutron.not_found": (
                "neutron.api.v2.resource",
                "INFO",
                "show failed (client error): There is no such resource.",
            ),
            "neutron.in_use": (
                "neutron.api.v2.resource",
                "INFO",
                "delete failed (client error): Network {network} has ports in use, remove them first.",
            ),
        },
    ),
    **messages(
        "keystone",
        {
            "token.expired": (
                "keystone.common.wsgi",
                "WARNING",
                "Authorization failed. This token has expired, a new login is due. from {client}",
            ),
            "keystone.rotated": ("keystone.common.fernet_utils", "INFO", "Promoted key 0 to be the primary: {number}"),
        },
    ),
    **messages(
        "cinder-volume",
        {
            "volume.backup": (
                "cinder.backup.manager",
                "INFO",
                "Backup of volume {volume} has begun, nightly window",
            ),
            "volume.backed_up": (
                "cinder.backup.manager",
                "INFO",
                "Backup of volume {volume} has ended, took {number}.20 seconds",
            ),
        },
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
    "scan.root": Route("nova-api", "GET", "/.env", 404, 90, 0.004),
    "scan.admin": Route("nova-api", "GET", "/admin/login.php", 404, 90, 0.004),
    "scan.neutron": Route("neutron-server", "GET", "/phpmyadmin/index.php", 404, 120, 0.004),
    "rare.groups": Route("nova-api", "GET", "/{v}/{project}/os-server-groups", 200, 210, 0.09),
    "rare.hypervisors": Route("nova-api", "GET", "/{v}/{project}/os-hypervisors/detail", 200, 3900, 0.3),
    "rare.console": Route("nova-api", "GET", "/{v}/{project}/os-simple-tenant-usage", 200, 2900, 0.6),
    "rare.qos": Route("neutron-server", "GET", "/v2.0/qos/policies", 200, 160, 0.1),
    "upgrade.servers": Route("nova-api", "GET", "/{v}/{project}/servers/{instance}/topology", 200, 480, 0.12),
}

HARD_NORMALS = registry(
    (
        (
            Disturbance(
                "restart",
                "Services are restarted: shutdown and start messages, deprecation warnings",
                lasts=(40.0, 80.0),
                chorus=(
                    Chorus(
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
                chorus=(
                    Chorus(
                        (Step("option.deprecated"), Step("option.renamed", 0.02), Step("option.removed", 0.02)),
                        (3.0, 6.0),
                        services=("keystone", "nova-placement-api"),
                    ),
                ),
            ),
            Disturbance(
                "metadata_404",
                "Guests ask for metadata that they do not have",
                lasts=(30.0, 90.0),
                chorus=(
                    Chorus(
                        (Step("metadata.user_data", status=404), Step("metadata.openstack", 0.2, status=404)),
                        (3.0, 9.0),
                        users=True,
                    ),
                ),
            ),
            Disturbance(
                "one_off_500",
                "A single request fails with 503 and works when tried again",
                lasts=(5.0, 10.0),
                chorus=(Chorus((Step("nova.list", status=503), Step("nova.list", 1.0)), times=1, users=True),),
            ),
            Disturbance(
                "conflict_409",
                "A client reboots what it has just deleted",
                lasts=(10.0, 40.0),
                chorus=(
                    Chorus((Step("client.conflict"), Step("nova.action", 0.01, status=409)), (4.0, 15.0), users=True),
                ),
            ),
            Disturbance(
                "bad_request",
                "A client sends what the API cannot read",
                lasts=(10.0, 40.0),
                chorus=(Chorus((Step("client.bad"), Step("nova.create", 0.01, status=400)), (4.0, 15.0), users=True),),
            ),
            Disturbance(
                "missing_server",
                "A client asks for servers that are long deleted",
                lasts=(10.0, 60.0),
                chorus=(
                    Chorus((Step("client.missing"), Step("nova.show", 0.01, status=404)), (3.0, 12.0), users=True),
                ),
            ),
            Disturbance(
                "policy_probe",
                "A client tries what its role does not allow",
                lasts=(10.0, 40.0),
                chorus=(
                    Chorus((Step("client.policy"), Step("rare.groups", 0.01, status=403)), (4.0, 9.0), users=True),
                ),
            ),
            Disturbance(
                "quota_probe",
                "A client asks for more than its quota, once or twice",
                lasts=(10.0, 30.0),
                chorus=(
                    Chorus(
                        (Step("client.quota"), Step("nova.create", 0.01, status=403)), (6.0, 12.0), times=2, users=True
                    ),
                ),
            ),
            Disturbance(
                "network_in_use",
                "A client deletes a network that still has ports",
                lasts=(10.0, 30.0),
                chorus=(
                    Chorus(
                        (Step("neutron.in_use"), Step("neutron.delete_network", 0.01, status=409)),
                        (6.0, 12.0),
                        users=True,
                    ),
                ),
            ),
            Disturbance(
                "missing_network",
                "A client looks networks up by name first, as many do: 404, then 200",
                lasts=(20.0, 60.0),
                chorus=(
                    Chorus(
                        (
                            Step("neutron.not_found"),
                            Step("neutron.subnets", 0.01, status=404),
                            Step("neutron.networks", 0.3),
                        ),
                        (4.0, 12.0),
                        users=True,
                    ),
                ),
            ),
            Disturbance(
                "token_expired",
                "A long-lived client's token expires and is renewed",
                lasts=(5.0, 15.0),
                chorus=(
                    Chorus(
                        (
                            Step("nova.list", status=401),
                            Step("token.expired", 0.02),
                            Step("keystone.issue", 0.2),
                            Step("nova.list", 0.2),
                        ),
                        times=1,
                        users=True,
                    ),
                ),
            ),
            Disturbance(
                "new_tenant",
                "A project, its user and its first network and servers are made",
                lasts=(60.0, 120.0),
                chorus=(
                    Chorus(
                        (
                            Step("keystone.create_project"),
                            Step("keystone.create_user", 0.5),
                            Step("keystone.grant", 0.4),
                        ),
                        times=1,
                        users=True,
                    ),
                ),
                provokes=(("network", 1), ("server", 1)),
            ),
            Disturbance(
                "upgrade",
                "After an upgrade services log what they never logged before",
                lasts=(300.0, 900.0),
                chorus=(
                    Chorus((Step("start.version"), Step("option.removed", 0.2)), times=1, services=("nova-compute",)),
                    Chorus((Step("monitor.cpu"),), (50.0, 70.0), 5.0),
                    Chorus((Step("upgrade.servers"),), (40.0, 90.0), 10.0, users=True),
                ),
            ),
            Disturbance(
                "log_rotation",
                "Log files are rotated and reopened",
                lasts=(2.0, 5.0),
                chorus=(Chorus((Step("rotation.done"),), times=1, services=(*RESTARTED, "keystone", "nova-api")),),
            ),
            Disturbance(
                "big_image",
                "Servers boot from a big image that is not cached yet: slow, and said so",
                lasts=(200.0, 300.0),
                effects=(
                    Effect(("compute.fetching",), Action.SLOW, factor=(1.0, 1.0), local=True),
                    Effect(("glance.download",), Action.SLOW, factor=(6.0, 12.0), local=True),
                    Effect(
                        ("compute.started",),
                        Action.ADD,
                        (Step("compute.fetching", 0.1), Step("glance.download", 30.0)),
                        local=True,
                    ),
                    Effect(("compute.took_spawn", "compute.took_build"), Action.MARK),
                ),
                provokes=(("server", 1),),
            ),
            Disturbance(
                "load_peak",
                "Everybody comes at once: four times the load, a little slower",
                lasts=(200.0, 500.0),
                effects=(Effect(("nova.*", "neutron.*", "keystone.*"), Action.SLOW, factor=(1.0, 1.8)),),
                load=4.0,
            ),
            Disturbance(
                "debug_on",
                "DEBUG is switched on for a while",
                lasts=(200.0, 500.0),
                debug=True,
            ),
            Disturbance(
                "agent_resync",
                "The Open vSwitch agent was restarted and wires all ports anew",
                lasts=(20.0, 40.0),
                chorus=(
                    Chorus(
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
                chorus=(
                    Chorus(
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
                chorus=(Chorus((Step("certificate.soon"),), times=1),),
            ),
            Disturbance(
                "amqp_idle",
                "An idle connection to the queue was closed and opened again at once",
                lasts=(5.0, 10.0),
                chorus=(
                    Chorus(
                        (Step("amqp.idle"), Step("start.amqp", 0.2)),
                        times=1,
                        services=("nova-conductor", "neutron-server"),
                    ),
                ),
            ),
            Disturbance(
                "cache_cleanup",
                "The image cache removes base files that nobody uses any more",
                lasts=(5.0, 15.0),
                chorus=(Chorus((Step("cache.clean"), Step("cache.cleaned", 0.2)), times=1),),
            ),
            Disturbance(
                "maintenance",
                "A host is disabled, emptied by live migration, and enabled again",
                lasts=(100.0, 200.0),
                chorus=(Chorus((Step("host.disabled"),), times=1),),
                provokes=(("migrate", 3),),
                recovery=(Step("host.enabled"),),
            ),
            Disturbance(
                "new_host",
                "A compute host joins",
                lasts=(5.0, 15.0),
                chorus=(Chorus((Step("host.joined"),), (2.0, 3.0), times=2),),
            ),
            Disturbance(
                "rare_calls",
                "An administrator calls what nobody calls on other days",
                lasts=(20.0, 60.0),
                chorus=(
                    Chorus(
                        (
                            Step("rare.groups"),
                            Step("rare.hypervisors", 1.0),
                            Step("rare.console", 1.0),
                            Step("rare.qos", 1.0),
                        ),
                        (15.0, 30.0),
                        users=True,
                    ),
                ),
            ),
            Disturbance(
                "scan",
                "A scanner knocks at the public endpoints: 404s on paths that never were",
                lasts=(5.0, 15.0),
                chorus=(
                    Chorus(
                        (Step("scan.root"), Step("scan.admin", 0.1), Step("scan.neutron", 0.1)), (1.0, 3.0), users=True
                    ),
                ),
            ),
            Disturbance(
                "backup_window",
                "Volumes are backed up; the storage is busy and cinder a little slower",
                lasts=(100.0, 300.0),
                chorus=(Chorus((Step("volume.backup"), Step("volume.backed_up", 20.0)), (20.0, 50.0)),),
                effects=(Effect(("cinder.*",), Action.SLOW, factor=(1.0, 2.0)),),
                needs=frozenset({"cinder"}),
            ),
            Disturbance(
                "database_purge",
                "Deleted rows are archived at night",
                lasts=(10.0, 30.0),
                chorus=(Chorus((Step("db.purge"),), (2.0, 5.0)),),
            ),
            Disturbance(
                "key_rotation",
                "keystone rotates its keys",
                lasts=(2.0, 5.0),
                chorus=(Chorus((Step("keystone.rotated"),), times=1),),
            ),
            Disturbance(
                "sort_warning",
                "A listing with an unusual sort key is warned of",
                lasts=(10.0, 40.0),
                chorus=(Chorus((Step("api.sort_keys"), Step("nova.list", 0.2)), (5.0, 15.0), users=True),),
            ),
            Disturbance(
                "noisy_client",
                "One client polls without a pause",
                lasts=(60.0, 180.0),
                chorus=(Chorus((Step("nova.list"),), (0.2, 0.6), users=True),),
            ),
            Disturbance(
                "late_events",
                "Events arrive for instances that were deleted meanwhile",
                lasts=(10.0, 30.0),
                chorus=(
                    Chorus((Step("api.unknown_event"), Step("nova.event", 0.01, status=404)), (4.0, 9.0), users=True),
                ),
            ),
            Disturbance(
                "power_sync_mismatch",
                "A host that has just been emptied counts its instances",
                lasts=(2.0, 5.0),
                chorus=(Chorus((Step("sync.mismatch"),), times=1, role=Role.NONE),),
            ),
        ),
    )
)
