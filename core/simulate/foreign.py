"""Wording and format of the logs of a deployment that is in no training data."""

from __future__ import annotations

from typing import Final

from core.simulate.chance import Chance
from core.simulate.dialects import RELEASES, Dialect
from core.simulate.foundations.forms import Versions

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "instance": ("server", "guest", "machine", "workload"),
    "Instance": ("Server", "Guest", "Machine", "Workload"),
    "Terminating": ("Shutting away", "Removing", "Tearing down"),
    "Creating": ("Making", "Preparing", "Provisioning"),
    "Deleting": ("Erasing", "Purging", "Dropping"),
    "Starting": ("Beginning", "Launching", "Entering"),
    "Finished": ("Ended", "Done with", "Through with"),
    "Attaching": ("Plugging in", "Hooking up"),
    "volume": ("disk", "block device"),
    "Volume": ("Disk", "Block device"),
    "network": ("net", "segment"),
    "Guest reports": ("Power state is", "Domain event", "Hypervisor says"),
    "updated": ("changed", "refreshed", "altered"),
    "removed": ("taken off", "withdrawn"),
    "Port": ("Interface", "Vif"),
    "Ports": ("Interfaces", "Vifs"),
    "hypervisor": ("virtualisation host", "compute node"),
    "Took": ("Spent", "Took"),
    "seconds": ("seconds", "secs", "s"),
    "Configuration": ("Setup", "Wiring"),
    "Claim granted": ("Reservation made", "Resources are taken"),
    "Attempting claim": ("Trying to reserve", "Reserving"),
    "deleted": ("erased", "dropped"),
    "request": ("call", "order"),
    "Reload": ("Refresh", "Rewriting"),
    "unreachable": ("not answering", "unreachable", "away"),
    "failed": ("did not work", "failed", "went wrong"),
    "Failed": ("Not able", "Failed", "No success"),
    "Timed out": ("Gave up waiting", "Timed out", "Deadline passed"),
    "timed out": ("gave up waiting", "timed out", "ran over its deadline"),
    "refused": ("turned down", "refused", "rejected"),
    "lost": ("gone", "lost", "dropped"),
    "available": ("free", "usable", "available"),
    "Unable": ("Not able", "Unable"),
    "Could not": ("Cannot", "Was not able to"),
}

_PREFIXES: Final = ("", "", "acme.", "cloud.", "dist.")

_FILES: dict[str, tuple[str, ...]] = {
    "keystone": ("keystone", "keystone-wsgi-public", "identity"),
    "glance-api": ("glance-api", "glance", "image-api"),
    "nova-placement-api": ("nova-placement-api", "placement-api", "placement-wsgi"),
    "neutron-openvswitch-agent": ("neutron-openvswitch-agent", "neutron-linuxbridge-agent", "neutron-l2-agent"),
    "nova-api": ("nova-api", "nova-api-wsgi", "nova-osapi"),
    "cinder-volume": ("cinder-volume", "cinder-volume-ceph"),
}


_OPTIONAL: Final = (
    *("compute.claim_memory", "compute.claim_limit", "compute.config_drive", "compute.pending_task", "compute.freed"),
    *("compute.deleted_files", "compute.paused", "task.image_check", "task.image_used", "task.base_files"),
    *("ovs.filters", "ovs.vlan", "dhcp.reload", "nova.creating_event", "neutron.segment", "scheduler.claimed"),
)
"""Keys that a deployment may leave out of its log."""


_OTHER_VERSIONS: dict[str, str] = {
    "rabbitmq.closing": "closing AMQP connection <0.{connection}.0> ({net}.{octet}:{client_port} -> {amqp}:5672)",
    "rabbitmq.tick": "node {peer_node} down: connection_closed",
    "systemd.accounting_ended": "sysstat-collect.service: Succeeded.",
    "systemd.messages_ended": "motd-news.service: Succeeded.",
    "systemd.session": "Started Session {session} of user {login}.",
    "systemd.session_ended": "session-{session}.scope: Succeeded.",
    "systemd.machine_ended": "machine-qemu\\x2d{machine}\\x2d{domain}.scope: Succeeded.",
    "systemd.scheduled": "{service}.service: Service hold-off time over, scheduling restart.",
    "systemd.killed": "{service}.service: main process exited, code=killed, status=9/KILL",
    "systemd.failed": "Unit {service}.service entered failed state.",
    "systemd.limit": "start request repeated too quickly for {service}.service",
    "kernel.oom_guest_killed": "Killed process {victim} (qemu-kvm) total-vm:{virtual}kB, anon-rss:{resident}kB",
    "kernel.oom_database_killed": "Killed process {victim} (mysqld) total-vm:{virtual}kB, anon-rss:{resident}kB",
    "kernel.bond_down": "bond0: link status definitely down for interface eno1, disabling it",
    "kernel.disk_error": "print_req_error: I/O error, dev sdb, sector {sector}",
    "vswitch.member": "bond bond0: active member is now eno2",
    "galera.cluster_view": (
        "WSREP: ================================================\nView:\n  id: {galera_state}:{seqno}\n"
        "  status: non-primary\n================================================="
    ),
    "keepalived.backup": "VRRP_Instance(VI_1) Entering BACKUP STATE",
    "keepalived.master": "VRRP_Instance(VI_1) Entering MASTER STATE",
}
"""Messages of daemons as other versions of them word them."""


def foreign_dialect(seed: int) -> Dialect:
    """Return a dialect of other words, logger names, file names and contexts, the same for the same seed."""
    chance = Chance("dialect", seed)
    foundations = chance.branch("foundations")
    base = chance.pick(tuple(RELEASES.values()))
    lexicon = {word: chance.pick(choices) for word, choices in _SYNONYMS.items() if chance.happens(0.7)}
    prefix = chance.pick(_PREFIXES)
    style = chance.pick(
        (
            ("[{request} {user} {project} - {domain} {domain}]", "[{request} - - - - -]"),
            ("[{request} {user} {project} - - -]", "[{request} - - - - -]"),
            ("[None {request} {user} {project} - - default default]", "[None {request} - - - - - -]"),
            ("[{request} ]", "[{request} ]"),
        )
    )
    packages = ("nova.", "neutron.", "keystone.", "glance.", "cinder.", "heat.") if prefix else ()
    return Dialect(
        name=f"foreign-{seed}",
        api_version=chance.pick(("v2", "v2.1", "v2.1")),
        request_context=style[0],
        task_context=style[1],
        trace_level=base.trace_level,
        packages=chance.pick(("/opt/stack/venv/lib/python3.10/site-packages", "/usr/lib/python2.7/dist-packages")),
        debug_suffix=chance.happens(0.5),
        lexicon=lexicon,
        loggers={package: prefix + package for package in packages},
        unlogged=frozenset(key for key in _OPTIONAL if chance.happens(0.3)),
        services={service: chance.pick(names) for service, names in _FILES.items()},
        levels={"WARNING": "WARN"} if chance.happens(0.15) else {},
        wordings={key: other for key, other in _OTHER_VERSIONS.items() if foundations.happens(0.5)},
        foundations=Versions(
            foundations.pick(("3.6", "3.8", "3.9")),
            foundations.pick(("mariadb", "mariadb", "mysql5", "mysql8")),
            foundations.pick(("rfc3164", "iso")),
        ),
    )
