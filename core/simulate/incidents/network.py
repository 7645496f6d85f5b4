"""Incidents of neutron: its endpoint, its agents and what they wire."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, SILENCE, STATUS, UNSEEN, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback, messages

_NETWORK_API: Final = (
    "nova/compute/manager.py _allocate_network_async: info = self.network_api.allocate_for_instance(context, instance)",
    "nova/network/neutron.py allocate_for_instance: created = self._create_ports(context, instance)",
)

CATALOGUE: Catalogue = {
    "nova.refused": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] Instance failed network setup after 1 attempt(s): ConnectFailure",
        traceback=Traceback(
            (*_NETWORK_API, "keystoneauth1/session.py _send_request: raise exceptions.ConnectFailure(text)"),
            "keystoneauth1.exceptions.connection.ConnectFailure: Unable to establish connection to "
            "http://{vip}:9696/v2.0/ports: [Errno 111] Connection refused",
        ),
    ),
    "nova.refused_cache": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] The network info cache could not be refreshed: Unable to establish connection to "
        "http://{vip}:9696/v2.0/ports",
        Context.TASK,
        Traceback(
            (
                "nova/compute/manager.py _heal_instance_info_cache: self.network_api.refresh(context, instance)",
                "keystoneauth1/session.py _send_request: raise exceptions.ConnectFailure(text)",
            ),
            "keystoneauth1.exceptions.connection.ConnectFailure: Unable to establish connection to "
            "http://{vip}:9696/v2.0/ports: [Errno 111] Connection refused",
        ),
    ),
    "port.binding_failed": Message(
        "neutron-server",
        "neutron.plugins.ml2.managers",
        "ERROR",
        "Failed to bind port {port} on host {host} for vnic_type normal using segments [{{'network_type': 'vxlan', "
        "'segmentation_id': {vlan}}}]",
    ),
    "nova.binding_failed": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] Instance failed to spawn: PortBindingFailed: Binding failed for port {port}",
        traceback=Traceback(
            (
                "nova/virt/libvirt/driver.py _get_guest_config: config = self.vif_driver.get_config(instance, vif)",
                "nova/network/neutron.py _ensure_bound: raise exception.PortBindingFailed(port_id=port)",
            ),
            "nova.exception.PortBindingFailed: Binding failed for port {port}, look into the log of neutron.",
        ),
    ),
    "nova.vif_timeout": Message(
        "nova-compute",
        "nova.virt.libvirt.driver",
        "WARNING",
        "[instance: {instance}] Timeout waiting for [('network-vif-plugged', '{port}')] for an instance with vm_state "
        "building and task_state spawning: 300 seconds",
    ),
    "nova.vif_failed": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] Instance failed to spawn: VirtualInterfaceCreateException",
        traceback=Traceback(
            (
                "nova/virt/libvirt/driver.py spawn: self._create_guest(context, instance)",
                "nova/virt/libvirt/driver.py _create_guest: raise exception.VirtualInterfaceCreateException()",
            ),
            "nova.exception.VirtualInterfaceCreateException: Virtual Interface creation failed",
        ),
    ),
    **messages(
        "neutron-server",
        {
            "agent.dead": (
                "neutron.db.agents_db",
                "WARNING",
                (
                    "Agent healthcheck: 1 of {number} agents is dead:\n                Type       Last heartbeat host\n"
                    "  Open vSwitch agent  {number} s before now {host}"
                ),
            ),
            "agent.no_dhcp": (
                "neutron.db.agentschedulers_db",
                "WARNING",
                "No DHCP agents are available, rescheduling is left out",
            ),
            "agent.no_dhcp_network": (
                "neutron.api.rpc.agentnotifiers.dhcp_rpc_agent_api",
                "WARNING",
                "Unable to schedule network {network}: no agents available; later port and subnet events try again.",
            ),
            "agent.alive": (
                "neutron.db.agents_db",
                "INFO",
                "Agent on host {host} is alive again",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-dhcp-agent",
        {
            "dhcp.driver": (
                "neutron.agent.dhcp.agent",
                "ERROR",
                (
                    "Unable to reload_allocations dhcp for {network}.: ProcessExecutionError: Exit code: 2; "
                    "Stderr: dnsmasq: failed to create listening socket"
                ),
            ),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-openvswitch-agent",
        {
            "ovs.vswitchd": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "ERROR",
                "Error while processing VIF ports: ofctl request timed out: version=0x4, datapath {object}",
            ),
            "ovs.resync": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "WARNING",
                "OVS is dead. The agent keeps running and checks again",
            ),
            "ovs.back": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "INFO",
                "Agent out of sync with plugin, all ports are wired anew",
            ),
        },
        Context.TASK,
    ),
    "metadata.proxy": Message(
        "neutron-metadata-agent",
        "neutron.agent.metadata.agent",
        "ERROR",
        "Unexpected error.: ConnectionRefusedError: [Errno 111] ECONNREFUSED",
        Context.NONE,
        Traceback(
            (
                "neutron/agent/metadata/agent.py __call__: return self._proxy_request(instance, tenant, request)",
                "neutron/agent/metadata/agent.py _proxy_request: reply = http.request(url, method=request.method)",
            ),
            "ConnectionRefusedError: [Errno 111] ECONNREFUSED",
        ),
    ),
}

UNPLUGGED: Final = Effect(
    ("ovs.port_updated",),
    Action.FAIL,
    (Step("nova.vif_timeout", 120.0, 0.02), Step("nova.vif_failed", 0.2)),
    local=True,
)
"""The switch of a host plugs no ports: the servers that boot there fail."""

INCIDENTS: Final = (
    Disturbance(
        "neutron_refused",
        "neutron's endpoint refuses connections: nothing can be wired and builds fail",
        ERRORS,
        (90.0, 240.0),
        repeats=(Repeated((Step("nova.refused_cache"),), (20.0, 50.0), 1.0),),
        effects=(
            Effect(("neutron.create_port",), Action.FAIL, (Step("nova.refused", 0.8),)),
            Effect(("neutron.*", "task.ports_of"), Action.LOSE),
        ),
        silences=("neutron-server",),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "port_binding_failed",
        "No mechanism driver binds ports on a host",
        ERRORS,
        (120.0, 300.0),
        effects=(
            Effect(
                ("compute.vif_waiting", "glance.show"),
                Action.FAIL,
                (Step("port.binding_failed", 0.3), Step("nova.binding_failed", 0.6)),
                local=True,
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "dead_agent",
        "The Open vSwitch agent of a host stops: first silence, then a failed healthcheck and interfaces never come up",
        UNSEEN,
        (240.0, 420.0),
        repeats=(Repeated((Step("agent.dead"),), (35.0, 40.0), 75.0),),
        effects=(UNPLUGGED,),
        silences=("neutron-openvswitch-agent",),
        provokes=(("server", 2),),
        recovery=(Step("agent.alive"),),
    ),
    Disturbance(
        "dhcp_off",
        "The DHCP agent stops serving without a word: guests get no address and never ask for metadata",
        SILENCE,
        (300.0, 500.0),
        repeats=(
            Repeated((Step("agent.no_dhcp"),), (70.0, 90.0), 80.0, role=Role.SYMPTOM),
            Repeated((Step("agent.no_dhcp_network"),), (60.0, 120.0), 95.0, role=Role.SYMPTOM),
        ),
        effects=(Effect(("metadata.*",), Action.LOSE),),
        silences=("neutron-dhcp-agent",),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "dhcp_driver_failed",
        "dnsmasq cannot be started for networks: the DHCP agent fails on every change",
        ERRORS,
        (120.0, 300.0),
        effects=(Effect(("dhcp.reload", "dhcp.finished"), Action.ADD, (Step("dhcp.driver", 0.2),), role=Role.CAUSE),),
        provokes=(("server", 2), ("network", 1)),
    ),
    Disturbance(
        "ovs_switch_hung",
        "The switch of a host hangs: the agent times out on it over and over",
        ERRORS,
        (120.0, 300.0),
        repeats=(Repeated((Step("ovs.vswitchd"), Step("ovs.resync", 0.3)), (12.0, 35.0)),),
        effects=(UNPLUGGED,),
        provokes=(("server", 1),),
        recovery=(Step("ovs.back", 1.0),),
    ),
    Disturbance(
        "metadata_down",
        "The metadata service is down: guests that ask get 500",
        STATUS,
        (150.0, 300.0),
        effects=(
            Effect(
                ("metadata.*",),
                Action.FAIL,
                (
                    Step("metadata.proxy", 0.3),
                    Step(SAME, 0.01, status=500),
                    Step("metadata.proxy", 4.0),
                    Step(SAME, 0.01, status=500),
                ),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 2), ("metadata", 3)),
    ),
)
