"""Open vSwitch: ports that come and go, housekeeping, and a switch that hangs."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Catalogue, Context, Script, messages

_CONTROLLER: Final = "br-int<->tcp:127.0.0.1:6633"

CATALOGUE: Catalogue = messages(
    "ovs-vswitchd",
    {
        "vswitch.added": ("bridge", "INFO", "bridge br-int: added interface tap{port:.11} on port {ofport}"),
        "vswitch.deleted": ("bridge", "INFO", "bridge br-int: deleted interface tap{port:.11} on port {ofport}"),
        "vswitch.flow_mods": (
            "connmgr",
            "INFO",
            f"{_CONTROLLER}: {{octet}} flow_mods in the {{few}} s starting 10 s ago ({{octet}} adds)",
        ),
        "vswitch.memory": (
            "memory",
            "INFO",
            "handlers:5 idl-cells:{thread} ofconns:3 ports:{octet} revalidators:3 rules:{number} udpif keys:{octet}",
        ),
        "vswitch.wakeup": (
            "poll_loop",
            "INFO",
            (
                "wakeup due to [POLLIN] on fd {octet} (FIFO pipe:[{serial}]) at vswitchd/bridge.c:423 "
                "({percent}% CPU usage)"
            ),
        ),
        "vswitch.long_poll": (
            "timeval",
            "WARNING",
            "Unreasonably long {slow_ms}ms poll interval ({octet}ms user, {few}ms system)",
        ),
        "vswitch.faults": ("timeval", "WARNING", "faults: {number} minor, 0 major"),
        "vswitch.quiesce": (
            "ovs_rcu(urcu3)",
            "WARNING",
            "blocked {quiesce} ms waiting for main to quiesce",
        ),
        "vswitch.refused": ("rconn", "WARNING", f"{_CONTROLLER}: connection failed (Connection refused)"),
        "vswitch.inactive": (
            "rconn",
            "ERROR",
            f"{_CONTROLLER}: no response to inactivity probe after 10 seconds, disconnecting",
        ),
        "vswitch.connected": ("rconn", "INFO", f"{_CONTROLLER}: connected"),
        "vswitch.link_down": ("bond", "INFO", "interface eno1: link state down"),
        "vswitch.link_up": ("bond", "INFO", "interface eno1: link state up"),
        "vswitch.member": ("bond", "INFO", "bond bond0: active interface is now eno2"),
        "vswitch.bfd_down": (
            "bfd",
            "INFO",
            'vxlan-{serial:x}: BFD state change: up->down "No Diagnostic"->"Control Detection Time Expired".',
        ),
        "vswitch.assertion": (
            "util(handler6)",
            "CRITICAL",
            "ofproto/ofproto-dpif-upcall.c:1{octet}: assertion n_ukeys >= 0 failed in udpif_revalidator()",
        ),
        "vswitch.starting": ("vlog", "INFO", "opened log file /var/log/openvswitch/ovs-vswitchd.log"),
        "vswitch.version": ("bridge", "INFO", "ovs-vswitchd (Open vSwitch) 2.17.7"),
    },
    Context.NONE,
)

LIFECYCLES: dict[str, Script] = {}
