"""Wording and format of the logs of a release, and of a deployment that is in no training data.

The catalogue's texts are the common tongue; a dialect translates them once, when a simulation starts. Only prose is
translated: `{fields}` and the `[instance: ` that oslo.log itself writes stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from core.simulate.chance import Chance
from core.simulate.foundations.forms import Versions

_LITERAL = re.compile(r"(?<=\{\{)'|(?<=[:,\[] )'(?=[^']*'[,:}\]])|(?<=\[)'")
"""A quote that opens a text literal of a list or mapping."""

_SET = re.compile(r"\{\{('[^:{}]*\{\w+\}')\}\}")
"""A set of one text, with the braces that a format string doubles."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The wording of one release."""

    name: str
    api_version: str = "v2.1"
    request_context: str = "[{request} {user} {project} - {domain} {domain}]"
    task_context: str = "[{request} - - - - -]"
    trace_level: str = "ERROR"
    """Level of a traceback's lines."""
    packages: str = "/usr/lib/python3/dist-packages"
    debug_suffix: bool = True
    """DEBUG records end with function, file and line."""
    python2: bool = False
    """Text literals in messages have a `u` before them."""
    lexicon: Mapping[str, str] = field(default_factory=dict)
    """Phrase to phrase; longer phrases first."""
    wordings: Mapping[str, str] = field(default_factory=dict)
    """Whole texts that differ, by catalogue key."""
    unsaid: frozenset[str] = frozenset()
    """Keys of messages that are not logged."""
    loggers: Mapping[str, str] = field(default_factory=dict)
    """Logger prefix to logger prefix."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Names of the log files that differ from the usual."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """Level names that differ from the usual."""
    audited: frozenset[str] = frozenset()
    """Keys of messages that are logged at level AUDIT."""
    foundations: Versions = field(default_factory=Versions)
    """Versions of the programs under OpenStack."""

    def word(self, key: str, text: str) -> str:
        """Return the text in this dialect."""
        text = self.wordings.get(key, text)
        if self.python2 and key:
            text = _LITERAL.sub("u'", _SET.sub(r"set([\1])", text))
        return self._translate(text)

    def word_of_daemon(self, key: str, text: str) -> str:
        """Return the text of a program that is not OpenStack's in this dialect."""
        return self._translate(self.wordings.get(key, text))

    def _translate(self, text: str) -> str:
        if not self.lexicon:
            return text
        pattern = _phrases(tuple(self.lexicon))
        parts = re.split(r"(\[instance: |\{[^{}]*\}|\{\{|\}\})", text)
        return "".join(
            part if index % 2 else pattern.sub(lambda hit: self.lexicon[hit.group()], part)
            for index, part in enumerate(parts)
        )

    def level(self, key: str, level: str) -> str:
        """Return the name of a message's level in this dialect."""
        return "AUDIT" if key in self.audited else self.levels.get(level, level)

    def logger(self, name: str) -> str:
        """Return the logger's name in this dialect."""
        for old, new in self.loggers.items():
            if name.startswith(old):
                return new + name[len(old) :]
        return name


@lru_cache(maxsize=64)
def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


JUNO = Dialect(
    name="juno",
    foundations=Versions("3.6", "mysql5"),
    api_version="v2",
    request_context="[{request} {user} {project}]",
    task_context="[{request} None]",
    trace_level="TRACE",
    packages="/usr/lib/python2.7/dist-packages",
    debug_suffix=True,
    python2=True,
    lexicon={
        "Claim granted": "Claim successful",
        "Guest reports": "VM",
        "instance from request to end": "instance",
        "Terminating instance now": "Instance is terminated on request",
        "is not cached here": "has to be cached",
        "Final resource view": "Resources of this node",
    },
    loggers={
        "oslo_service.service": "nova.openstack.common.service",
        "oslo_service.periodic_task": "nova.openstack.common.periodic_task",
        "oslo_config.cfg": "nova.openstack.common.cfg",
        "nova.compute.claims": "nova.compute.claims",
        "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent": (
            "neutron.plugins.openvswitch.agent.ovs_neutron_agent"
        ),
        "nova.scheduler.host_manager": "nova.scheduler.host_manager",
    },
    unsaid=frozenset({"scheduler.claimed", "compute.freed"}),
    audited=frozenset(
        {
            "compute.claim",
            "compute.claim_memory",
            "compute.claim_limit",
            "compute.claim_done",
            "task.resources",
            "task.audit",
            "compute.terminating",
            "start.version",
        }
    ),
)

KILO = Dialect(
    name="kilo",
    foundations=Versions("3.6", "mysql5"),
    api_version="v2",
    request_context="[{request} {user} {project} - - -]",
    trace_level="TRACE",
    packages="/usr/lib/python2.7/site-packages",
    python2=True,
    unsaid=frozenset({"scheduler.claimed", "compute.freed"}),
    lexicon={
        "Claim granted": "Claim successful",
        "Guest reports": "VM",
        "Power state sync finds a pending task": "The instance has a pending task during power state sync",
        "instance from request to end": "the instance in all",
        "on this hypervisor": "on its hypervisor",
        "is complete": "has completed",
    },
)

PIKE = Dialect(
    name="pike",
    packages="/usr/lib/python2.7/site-packages",
    python2=True,
)

TRAIN = Dialect(
    name="train",
    packages="/usr/lib/python3.6/site-packages",
    lexicon={
        "instance spawned": "server spawned",
        "Terminating instance now": "Terminating instance",
        "Creating image on local disk": "Creating image(s)",
        "nobody waits for": "that is not expected",
        "is not cached here": "is missing from the local cache",
    },
    wordings={
        "cinder.created": "Volume {volume} is ready after its creation, it took {took:.2f} seconds.",
        "dhcp.reload": "Allocations are written anew for port {port} with address {ip} on network {network}",
        "task.token_flush": "{used_here} expired tokens were flushed",
    },
    loggers={
        "keystone.common.wsgi": "keystone.server.flask.application",
        "nova.api.openstack.placement.requestlog": "placement.requestlog",
    },
    services={"nova-placement-api": "placement-api"},
)

ANTELOPE = Dialect(
    name="antelope",
    foundations=Versions("3.9", "mariadb", "iso"),
    request_context="[None {request} {user} {project} - - default default]",
    task_context="[None {request} - - - - - -]",
    lexicon={
        "Attempting claim": "Starting a claim",
        "Guest reports": "Domain is now",
        "Terminating instance now": "Terminating instance",
        "Creating image on local disk": "Creating image(s)",
        "Configuration for devices up": "Wiring finished for devices up",
        "removed from the integration bridge": "are gone from br-int",
        "Deleting instance files": "Removing the files of the instance",
    },
    wordings={
        "neutron.event_response": (
            "Nova event matching {{'name': 'network-vif-plugged', 'server_uuid': '{instance}', 'tag': '{port}'}}: "
            "completed with code 200"
        ),
        "cinder.created": "Volume {volume} is ready after its creation, it took {took:.2f} seconds.",
        "dhcp.reload": "Reloading dnsmasq for network {network}: port {port} has address {ip}",
        "keystone.not_found": "Lookup failed: user {client_name} does not exist",
        "task.dhcp_done": "Synchronizing state has ended for all networks",
    },
    unsaid=frozenset({"compute.claim_memory", "compute.claim_limit", "task.image_check", "task.image_used"}),
    loggers={
        "keystone.common.wsgi": "keystone.server.flask.request_processing.req_logging",
        "nova.api.openstack.placement.requestlog": "placement.requestlog",
        "nova.osapi_compute.wsgi.server": "nova.api.openstack.requestlog",
    },
    services={"nova-placement-api": "placement-api"},
)

RELEASES = {dialect.name: dialect for dialect in (JUNO, KILO, PIKE, TRAIN, ANTELOPE)}

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

_PREFIXES = ("", "", "acme.", "cloud.", "dist.")

_FILES: dict[str, tuple[str, ...]] = {
    "keystone": ("keystone", "keystone-wsgi-public", "identity"),
    "glance-api": ("glance-api", "glance", "image-api"),
    "nova-placement-api": ("nova-placement-api", "placement-api", "placement-wsgi"),
    "neutron-openvswitch-agent": ("neutron-openvswitch-agent", "neutron-linuxbridge-agent", "neutron-l2-agent"),
    "nova-api": ("nova-api", "nova-api-wsgi", "nova-osapi"),
    "cinder-volume": ("cinder-volume", "cinder-volume-ceph"),
}


_OPTIONAL = (
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
        unsaid=frozenset(key for key in _OPTIONAL if chance.happens(0.3)),
        services={service: chance.pick(names) for service, names in _FILES.items()},
        levels={"WARNING": "WARN"} if chance.happens(0.15) else {},
        wordings={key: other for key, other in _OTHER_VERSIONS.items() if foundations.happens(0.5)},
        foundations=Versions(
            foundations.pick(("3.6", "3.8", "3.9")),
            foundations.pick(("mariadb", "mariadb", "mysql5", "mysql8")),
            foundations.pick(("rfc3164", "iso")),
        ),
    )
