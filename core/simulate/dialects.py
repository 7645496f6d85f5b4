"""Wording and format of the logs of a release.

A dialect translates the catalogue's texts once, when a simulation starts. Only prose is
translated: `{fields}` and the `[instance: ` that oslo.log itself writes stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from core.simulate.foundations.forms import Versions

_LITERAL: Final = re.compile(r"(?<=\{\{)'|(?<=[:,\[] )'(?=[^']*'[,:}\]])|(?<=\[)'")
"""A quote that opens a text literal of a list or mapping."""

_SET: Final = re.compile(r"\{\{('[^:{}]*\{\w+\}')\}\}")
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
    unlogged: frozenset[str] = frozenset()
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


JUNO: Final = Dialect(
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
    unlogged=frozenset({"scheduler.claimed", "compute.freed"}),
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

KILO: Final = Dialect(
    name="kilo",
    foundations=Versions("3.6", "mysql5"),
    api_version="v2",
    request_context="[{request} {user} {project} - - -]",
    trace_level="TRACE",
    packages="/usr/lib/python2.7/site-packages",
    python2=True,
    unlogged=frozenset({"scheduler.claimed", "compute.freed"}),
    lexicon={
        "Claim granted": "Claim successful",
        "Guest reports": "VM",
        "Power state sync finds a pending task": "The instance has a pending task during power state sync",
        "instance from request to end": "the instance in all",
        "on this hypervisor": "on its hypervisor",
        "is complete": "has completed",
    },
)

PIKE: Final = Dialect(
    name="pike",
    packages="/usr/lib/python2.7/site-packages",
    python2=True,
)

TRAIN: Final = Dialect(
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

ANTELOPE: Final = Dialect(
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
    unlogged=frozenset({"compute.claim_memory", "compute.claim_limit", "task.image_check", "task.image_used"}),
    loggers={
        "keystone.common.wsgi": "keystone.server.flask.request_processing.req_logging",
        "nova.api.openstack.placement.requestlog": "placement.requestlog",
        "nova.osapi_compute.wsgi.server": "nova.api.openstack.requestlog",
    },
    services={"nova-placement-api": "placement-api"},
)

RELEASES: Final = {dialect.name: dialect for dialect in (JUNO, KILO, PIKE, TRAIN, ANTELOPE)}
