"""The operating system of a host: kernel, systemd, cron, sshd and the dnsmasq that serves neutron's networks."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Catalogue, Context, Script, Step, messages

_BRIDGE: Final = "qbr{port:.11}: port 2(tap{port:.11}) entered"
_KILLED: Final = "total-vm:{virtual}kB, anon-rss:{resident}kB, file-rss:0kB, shmem-rss:4kB"

CATALOGUE: Catalogue = {
    **messages(
        "kernel",
        {
            "kernel.promiscuous": ("", "INFO", "device tap{port:.11} entered promiscuous mode"),
            "kernel.left": ("", "INFO", "device tap{port:.11} left promiscuous mode"),
            "kernel.blocking": ("", "INFO", f"{_BRIDGE} blocking state"),
            "kernel.forwarding": ("", "INFO", f"{_BRIDGE} forwarding state"),
            "kernel.disabled": ("", "INFO", f"{_BRIDGE} disabled state"),
            "kernel.profile": (
                "",
                "INFO",
                (
                    'audit: type=1400 audit({audit}): apparmor="STATUS" operation="profile_load" profile="unconfined" '
                    'name="libvirt-{instance}" pid={fork_pid} comm="apparmor_parser"'
                ),
            ),
            "kernel.denied": (
                "",
                "INFO",
                (
                    'audit: type=1400 audit({audit}): apparmor="DENIED" operation="open" profile="/usr/sbin/chronyd" '
                    'name="/run/host/leap-seconds" pid={fork_pid} comm="chronyd" requested_mask="r" denied_mask="r"'
                ),
            ),
            "kernel.oom_guest": (
                "",
                "WARNING",
                "qemu-system-x86 invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0",
            ),
            "kernel.oom_guest_killed": (
                "",
                "ERROR",
                f"Out of memory: Killed process {{victim}} (qemu-system-x86) {_KILLED}, UID:64055 oom_score_adj:0",
            ),
            "kernel.oom_guest_reaped": (
                "",
                "INFO",
                "oom_reaper: reaped process {victim} (qemu-system-x86), now anon-rss:0kB, file-rss:0kB",
            ),
            "kernel.oom_database": (
                "",
                "WARNING",
                (
                    "nova-conductor invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, "
                    "oom_score_adj=0"
                ),
            ),
            "kernel.oom_database_killed": (
                "",
                "ERROR",
                f"Out of memory: Killed process {{victim}} (mariadbd) {_KILLED}, UID:116 oom_score_adj:0",
            ),
            "kernel.oom_database_reaped": (
                "",
                "INFO",
                "oom_reaper: reaped process {victim} (mariadbd), now anon-rss:0kB, file-rss:0kB",
            ),
            "kernel.link_down": ("", "INFO", "ixgbe 0000:3b:00.0 eno1: NIC Link is Down"),
            "kernel.link_up": ("", "INFO", "ixgbe 0000:3b:00.0 eno1: NIC Link is Up 10 Gbps, Flow Control: None"),
            "kernel.bond_down": ("", "WARNING", "bond0: (slave eno1): link status definitely down, disabling slave"),
            "kernel.bond_up": ("", "INFO", "bond0: (slave eno1): link status definitely up, 10000 Mbps full duplex"),
            "kernel.disk_error": (
                "",
                "ERROR",
                "blk_update_request: I/O error, dev sdb, sector {sector} op 0x0:(READ) flags 0x80700 phys_seg 1",
            ),
            "kernel.file_system": (
                "",
                "ERROR",
                (
                    "EXT4-fs error (device dm-3): __ext4_find_entry:1531: inode #{inode}: comm nova-compute: reading "
                    "directory lblock 0"
                ),
            ),
            "kernel.read_only": ("", "ERROR", "EXT4-fs (dm-3): Remounting filesystem read-only"),
            "kernel.pool_full": (
                "",
                "WARNING",
                "device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode",
            ),
            "kernel.hung": ("", "ERROR", "INFO: task ovs-vswitchd:{fork_pid} blocked for more than 120 seconds."),
            "kernel.boot": (
                "",
                "INFO",
                "Linux version 5.15.0-91-generic (gcc 11.4.0, GNU ld 2.38) #101-Ubuntu SMP PREEMPT_DYNAMIC",
            ),
            "kernel.boot_command": ("", "INFO", "Command line: BOOT_IMAGE=/vmlinuz-5.15.0-91-generic ro quiet"),
        },
        Context.NONE,
    ),
    **messages(
        "systemd",
        {
            "systemd.accounting": ("", "INFO", "Starting system activity accounting tool..."),
            "systemd.accounting_ended": ("", "INFO", "sysstat-collect.service: Deactivated successfully."),
            "systemd.accounted": ("", "INFO", "Finished system activity accounting tool."),
            "systemd.messages": ("", "INFO", "Starting Message of the Day..."),
            "systemd.messages_ended": ("", "INFO", "motd-news.service: Deactivated successfully."),
            "systemd.session": ("", "INFO", "Started Session {session} of User {login}."),
            "systemd.session_ended": ("", "INFO", "session-{session}.scope: Deactivated successfully."),
            "systemd.machine": ("", "INFO", "Started Virtual Machine qemu-{machine}-{domain}."),
            "systemd.machine_ended": (
                "",
                "INFO",
                "machine-qemu\\x2d{machine}\\x2d{domain}.scope: Deactivated successfully.",
            ),
            "systemd.machine_killed": (
                "",
                "WARNING",
                (
                    "machine-qemu\\x2d{machine}\\x2d{domain}.scope: A process of this unit has been killed by the OOM "
                    "killer."
                ),
            ),
            "systemd.machine_failed": (
                "",
                "WARNING",
                "machine-qemu\\x2d{machine}\\x2d{domain}.scope: Failed with result 'oom-kill'.",
            ),
            "systemd.oom": (
                "",
                "WARNING",
                "{service}.service: A process of this unit has been killed by the OOM killer.",
            ),
            "systemd.killed": ("", "WARNING", "{service}.service: Main process exited, code=killed, status=9/KILL"),
            "systemd.aborted": ("", "WARNING", "{service}.service: Main process exited, code=dumped, status=6/ABRT"),
            "systemd.exited": ("", "WARNING", "{service}.service: Main process exited, code=exited, status=1/FAILURE"),
            "systemd.failed": ("", "WARNING", "{service}.service: Failed with result 'exit-code'."),
            "systemd.failed_oom": ("", "WARNING", "{service}.service: Failed with result 'oom-kill'."),
            "systemd.scheduled": (
                "",
                "INFO",
                "{service}.service: Scheduled restart job, restart counter is at {counter}.",
            ),
            "systemd.stopping": ("", "INFO", "Stopping {service}.service..."),
            "systemd.stopped": ("", "INFO", "Stopped {service}.service."),
            "systemd.starting": ("", "INFO", "Starting {service}.service..."),
            "systemd.started": ("", "INFO", "Started {service}.service."),
            "systemd.limit": ("", "WARNING", "{service}.service: Start request repeated too quickly."),
            "systemd.not_started": ("", "ERROR", "Failed to start {service}.service."),
            "systemd.apt": ("", "INFO", "Starting Daily apt upgrade and clean activities..."),
            "systemd.apt_ended": ("", "INFO", "Finished Daily apt upgrade and clean activities."),
            "systemd.reloading": ("", "INFO", "Reloading."),
            "systemd.rotate": ("", "INFO", "Starting Rotate log files..."),
            "systemd.rotated": ("", "INFO", "Finished Rotate log files."),
        },
        Context.NONE,
    ),
    **messages(
        "systemd-networkd",
        {
            "networkd.lost": ("", "INFO", "eno1: Lost carrier"),
            "networkd.gained": ("", "INFO", "eno1: Gained carrier"),
        },
        Context.NONE,
    ),
    **messages(
        "CRON",
        {
            "cron.accounting": ("", "INFO", "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)"),
            "cron.hourly": ("", "INFO", "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)"),
            "cron.queues": ("", "INFO", "(rabbitmq) CMD (/usr/local/sbin/collect-queue-lengths)"),
        },
        Context.NONE,
    ),
    **messages(
        "sshd",
        {
            "sshd.accepted": (
                "",
                "INFO",
                "Accepted publickey for {login} from {net}.{octet} port {client_port} ssh2: RSA SHA256:{fingerprint}",
            ),
            "sshd.opened": ("", "INFO", "pam_unix(sshd:session): session opened for user {login} by (uid=0)"),
            "sshd.closed": ("", "INFO", "pam_unix(sshd:session): session closed for user {login}"),
            "sshd.invalid": ("", "INFO", "Invalid user {guess} from {unknown_client} port {client_port}"),
            "sshd.refused": (
                "",
                "INFO",
                "Failed password for invalid user {guess} from {unknown_client} port {client_port} ssh2",
            ),
        },
        Context.NONE,
    ),
    **messages(
        "rsyslogd",
        {
            "rsyslogd.rotated": (
                "",
                "INFO",
                '[origin software="rsyslogd" swVersion="8.2112.0" x-pid="{octet}{few}"] rsyslogd was HUPed',
            ),
            "rsyslogd.write_error": (
                "",
                "ERROR",
                (
                    "file '/var/log/syslog'[{few}] write error - OS error: No space left on device "
                    "[v8.2112.0 try https://www.rsyslog.com/e/2027 ]"
                ),
            ),
        },
        Context.NONE,
    ),
    **messages(
        "dnsmasq",
        {
            "dnsmasq.read": (
                "",
                "INFO",
                "read /var/lib/neutron/dhcp/{network}/addn_hosts - {few} addresses",
            ),
        },
        Context.NONE,
    ),
    **messages(
        "dnsmasq-dhcp",
        {
            "dnsmasq.discover": ("", "INFO", "DHCPDISCOVER(tap{dhcp_port:.11}) {mac}"),
            "dnsmasq.offer": ("", "INFO", "DHCPOFFER(tap{dhcp_port:.11}) {ip} {mac}"),
            "dnsmasq.request": ("", "INFO", "DHCPREQUEST(tap{dhcp_port:.11}) {ip} {mac}"),
            "dnsmasq.acknowledge": ("", "INFO", "DHCPACK(tap{dhcp_port:.11}) {ip} {mac} host-{octet}"),
        },
        Context.NONE,
    ),
}

LIFECYCLES: dict[str, Script] = {
    "login": (Step("sshd.accepted"), Step("sshd.opened", 0.02), Step("systemd.session", 0.05)),
    "logout": (Step("sshd.closed"), Step("systemd.session_ended", 0.1)),
}
