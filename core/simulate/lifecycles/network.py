"""Networks, routers, floating addresses and metadata as neutron logs them."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Context, Message, Route, Script, Step, messages

OVS: Final = "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent"
SECURITY_GROUPS: Final = "neutron.agent.securitygroups_rpc"

CATALOGUE: Final = {
    "neutron.health": Route("neutron-server", "GET", "/", 200, 252, 0.005),
    "neutron.networks": Route("neutron-server", "GET", "/v2.0/networks", 200, 2170, 0.3),
    "neutron.subnets": Route("neutron-server", "GET", "/v2.0/subnets", 200, 1419, 0.25),
    "neutron.ports_of": Route(
        "neutron-server", "GET", "/v2.0/ports?device_id={instance}", 200, 1040, 0.12, internal=True
    ),
    "neutron.security_groups": Route(
        "neutron-server", "GET", "/v2.0/security-groups?tenant_id={project}", 200, 2700, 0.2, internal=True
    ),
    "neutron.floatingips": Route("neutron-server", "GET", "/v2.0/floatingips", 200, 520, 0.12),
    "neutron.create_port": Route("neutron-server", "POST", "/v2.0/ports", 201, 1060, 0.8, internal=True),
    "neutron.bind_port": Route("neutron-server", "PUT", "/v2.0/ports/{port}", 200, 1110, 0.6, internal=True),
    "neutron.delete_port": Route("neutron-server", "DELETE", "/v2.0/ports/{port}", 204, 173, 0.45, internal=True),
    "neutron.create_network": Route("neutron-server", "POST", "/v2.0/networks", 201, 862, 0.9),
    "neutron.create_subnet": Route("neutron-server", "POST", "/v2.0/subnets", 201, 840, 0.8),
    "neutron.create_router": Route("neutron-server", "POST", "/v2.0/routers", 201, 690, 1.1),
    "neutron.add_interface": Route(
        "neutron-server", "PUT", "/v2.0/routers/{router}/add_router_interface", 200, 500, 1.4
    ),
    "neutron.remove_interface": Route(
        "neutron-server", "PUT", "/v2.0/routers/{router}/remove_router_interface", 200, 490, 1.3
    ),
    "neutron.delete_router": Route("neutron-server", "DELETE", "/v2.0/routers/{router}", 204, 171, 0.7),
    "neutron.delete_network": Route("neutron-server", "DELETE", "/v2.0/networks/{network}", 204, 172, 0.8),
    "neutron.create_floatingip": Route("neutron-server", "POST", "/v2.0/floatingips", 201, 540, 0.9),
    "neutron.associate": Route("neutron-server", "PUT", "/v2.0/floatingips/{floatingip}", 200, 560, 0.7),
    **messages(
        "neutron-server",
        {
            "neutron.segment": (
                "neutron.db.segments_db",
                "INFO",
                "Added segment {segment} of type vxlan for network {network}",
            ),
            "neutron.event_response": (
                "neutron.notifiers.nova",
                "INFO",
                (
                    "Nova event response: {{'status': 'completed', 'tag': '{port}', 'name': 'network-vif-plugged', "
                    "'server_uuid': '{instance}', 'code': 200}}"
                ),
            ),
        },
    ),
    "neutron.port_up": Message(
        "neutron-server",
        "neutron.plugins.ml2.plugin",
        "DEBUG",
        "Port {port} is bound on host {host}, status goes to ACTIVE",
    ),
    **messages(
        "neutron-openvswitch-agent",
        {
            "ovs.port_updated": (
                OVS,
                "INFO",
                (
                    "Port {port} updated. Details: {{'network_id': '{network}', 'admin_state_up': True, "
                    "'segmentation_id': {vlan}, 'device_owner': 'compute:nova', 'mac_address': '{mac}'}}"
                ),
            ),
            "ovs.vlan": (OVS, "INFO", "Assigning {vlan} as local vlan for net-id={network}"),
            "ovs.filters": (SECURITY_GROUPS, "INFO", "Preparing filters for devices {{'{port}'}}"),
            "ovs.devices_up": (OVS, "INFO", "Configuration for devices up ['{port}'] and devices down [] is done."),
            "ovs.port_removed": (OVS, "INFO", "Ports {{'{port}'}} removed from the integration bridge"),
            "ovs.rule_updated": (SECURITY_GROUPS, "INFO", "Security group rule updated ['{security_group}']"),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-dhcp-agent",
        {
            "dhcp.reload": (
                "neutron.agent.dhcp.agent",
                "INFO",
                "Reload of allocations for port {port} on network {network}, address {ip}",
            ),
            "dhcp.starting": ("neutron.agent.dhcp.agent", "INFO", "Starting network {network} dhcp configuration"),
            "dhcp.finished": ("neutron.agent.dhcp.agent", "INFO", "Finished network {network} dhcp configuration"),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-l3-agent",
        {
            "l3.starting": (
                "neutron.agent.l3.agent",
                "INFO",
                "Starting router update for {router}, action 3, wait 0.1",
            ),
            "l3.finished": (
                "neutron.agent.l3.agent",
                "INFO",
                "Finished a router update for {router}, took {took:.3f} seconds",
            ),
        },
        Context.TASK,
    ),
    "metadata.instance_id": Route("nova-api-metadata", "GET", "/2009-04-04/meta-data/instance-id", 200, 127, 0.25),
    "metadata.public_keys": Route("nova-api-metadata", "GET", "/2009-04-04/meta-data/public-keys", 200, 139, 0.02),
    "metadata.hostname": Route("nova-api-metadata", "GET", "/2009-04-04/meta-data/hostname", 200, 134, 0.02),
    "metadata.local_ip": Route("nova-api-metadata", "GET", "/2009-04-04/meta-data/local-ipv4", 200, 126, 0.02),
    "metadata.user_data": Route("nova-api-metadata", "GET", "/2009-04-04/user-data", 200, 176, 0.02),
    "metadata.openstack": Route("nova-api-metadata", "GET", "/openstack/2013-10-17/meta_data.json", 200, 967, 0.23),
}

LIFECYCLES: dict[str, Script] = {
    "network": (
        Step("keystone.issue"),
        Step("keystone.validate", 0.1, chance=0.6),
        Step("neutron.create_network", 0.1),
        Step("neutron.segment", 0.01),
        Step("neutron.create_subnet", 0.3),
        Step("dhcp.starting", 0.3),
        Step("dhcp.finished", 2.0),
        Step("neutron.create_router", 0.5),
        Step("neutron.add_interface", 0.5),
        Step("l3.starting", 0.3, mark="router"),
        Step("l3.finished", 2.5, since="router"),
        Step("ovs.port_updated", 0.4),
        Step("ovs.vlan", 0.01),
        Step("ovs.filters", 0.03),
        Step("ovs.devices_up", 0.5),
    ),
    "network_delete": (
        Step("keystone.validate", 0.1, chance=0.6),
        Step("neutron.remove_interface", 0.2),
        Step("ovs.port_removed", 0.5),
        Step("neutron.delete_router", 0.4),
        Step("neutron.delete_network", 0.4),
        Step("dhcp.starting", 0.3),
        Step("dhcp.finished", 0.6),
    ),
    "floating_ip": (
        Step("keystone.validate", 0.1, chance=0.6),
        Step("neutron.create_floatingip", 0.2),
        Step("neutron.associate", 0.4),
        Step("l3.starting", 0.2, mark="router"),
        Step("l3.finished", 1.4, since="router"),
    ),
    "security_group": (
        Step("keystone.validate", 0.1, chance=0.6),
        Step("neutron.security_groups", 0.2),
        Step("ovs.rule_updated", 0.3, repeat=(2, 5)),
    ),
}
