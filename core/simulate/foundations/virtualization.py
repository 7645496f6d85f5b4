"""libvirtd and QEMU: guests that start and stop, and a daemon that loses them."""

from __future__ import annotations

from core.simulate.script import Catalogue, Context, Script, Step, messages

CATALOGUE: Catalogue = {
    **messages(
        "libvirtd",
        {
            "libvirt.tainted": (
                "qemuDomainObjTaintMsg:6398",
                "WARNING",
                "Domain id={machine} name='{domain}' uuid={instance} is tainted: host-cpu",
            ),
            "libvirt.end_of_file": (
                "qemuMonitorIO:615",
                "ERROR",
                "internal error: End of file from qemu monitor",
            ),
            "libvirt.reset": (
                "qemuMonitorIORead:486",
                "ERROR",
                "Unable to read from monitor: Connection reset by peer",
            ),
            "libvirt.job": (
                "qemuDomainObjBeginJobInternal:951",
                "WARNING",
                (
                    "Cannot start job (modify, none, none) for domain {domain}; current job is (modify, none, none) "
                    "owned "
                    "by ({number} remoteDispatchDomainCreateWithFlags, 0 <null>, 0 <null> (flags=0x0)) for "
                    "({octet}s, 0s, 0s)"
                ),
            ),
            "libvirt.job_timeout": (
                "qemuDomainObjBeginJobInternal:973",
                "ERROR",
                (
                    "Timed out during operation: cannot acquire state change lock (held by "
                    "monitor=remoteDispatchDomainCreateWithFlags)"
                ),
            ),
            "libvirt.keepalive": (
                "virKeepAliveTimerInternal:137",
                "WARNING",
                "No response from client {object} after 6 keepalive messages in 35 seconds",
            ),
            "libvirt.no_space": (
                "qemuProcessReportLogError:2104",
                "ERROR",
                (
                    "internal error: process exited while connecting to monitor: qemu-system-x86_64: -drive "
                    "file=/var/lib/nova/instances/{instance}/disk,format=qcow2: Could not write qcow2 header: No space "
                    "left on device"
                ),
            ),
            "libvirt.read_only": (
                "virQEMUFileOpenAs:11420",
                "ERROR",
                "Failed to open file '/var/lib/nova/instances/{instance}/console.log': Read-only file system",
            ),
            "libvirt.version": ("", "INFO", "libvirt version: 8.0.0, package: 1ubuntu7.10"),
            "libvirt.hostname": ("", "INFO", "hostname: {host}"),
        },
        Context.NONE,
    ),
    **messages(
        "qemu",
        {
            "qemu.starting": (
                "",
                "INFO",
                (
                    "starting up libvirt version: 8.0.0, package: 1ubuntu7.10, qemu version: 6.2.0, hostname: {host}\n"
                    "LC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-name guest={domain},debug-threads=on \\\n"
                    "-m {ram} -smp {vcpus} -uuid {instance}"
                ),
            ),
            "qemu.terminating": (
                "",
                "INFO",
                "qemu-system-x86_64: terminating on signal 15 from pid {number} (/usr/sbin/libvirtd)",
            ),
            "qemu.stopped": ("", "INFO", "shutting down, reason=destroyed"),
            "qemu.crashed": ("", "INFO", "shutting down, reason=crashed"),
        },
        Context.NONE,
    ),
}

LIFECYCLES: dict[str, Script] = {}

ECHOES: dict[str, Script] = {
    "dhcp.reload": (Step("dnsmasq.read", 0.1),),
    "compute.started": (
        Step("kernel.profile", 0.01),
        Step("kernel.promiscuous", 0.02),
        Step("kernel.blocking", 0.001),
        Step("kernel.forwarding", 0.002),
        Step("vswitch.added", 0.05),
        Step("qemu.starting", 0.02),
        Step("systemd.machine", 0.05),
        Step("libvirt.tainted", 0.2, chance=0.5),
        Step("dnsmasq.discover", 5.0),
        Step("dnsmasq.offer", 0.003),
        Step("dnsmasq.request", 0.01),
        Step("dnsmasq.acknowledge", 0.003),
    ),
    "ovs.devices_up": (Step("vswitch.flow_mods", 10.0, 0.02),),
    "compute.destroyed": (
        Step("qemu.terminating", 0.02),
        Step("libvirt.end_of_file", 0.05, chance=0.3),
        Step("qemu.stopped", 0.1),
        Step("systemd.machine_ended", 0.2),
    ),
    "compute.shut": (Step("qemu.stopped", 0.1),),
    "ovs.port_removed": (
        Step("kernel.disabled", 0.01),
        Step("kernel.left", 0.002),
        Step("vswitch.deleted", 0.05),
    ),
}
"""What foundations log when an OpenStack service takes a step, by the key of the step; it runs beside the step."""
