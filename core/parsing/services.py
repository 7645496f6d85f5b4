"""Which service wrote a line: by the name of its file, of its unit, or of its logger."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath
from typing import Final

_PROJECTS: Final = frozenset(
    {
        "aodh",
        "barbican",
        "blazar",
        "ceilometer",
        "cinder",
        "cloudkitty",
        "cyborg",
        "designate",
        "freezer",
        "glance",
        "gnocchi",
        "heat",
        "horizon",
        "ironic",
        "keystone",
        "magnum",
        "manila",
        "masakari",
        "mistral",
        "monasca",
        "murano",
        "neutron",
        "nova",
        "octavia",
        "panko",
        "placement",
        "rally",
        "sahara",
        "senlin",
        "solum",
        "swift",
        "tacker",
        "trove",
        "vitrage",
        "watcher",
        "zaqar",
        "zun",
    }
)

_ALIASES: Final = {
    # schema names one service where a project installs several that log alike
    "nova-placement-api": "nova-placement",
    "placement": "nova-placement",
    "placement-api": "nova-placement",
    "nova-api-wsgi": "nova-api",
    "nova-api-os-compute": "nova-api",
    "nova-osapi-compute": "nova-api",
    "nova-metadata-api": "nova-api-metadata",
    "neutron-api": "neutron-server",
    "neutron-ovs-agent": "neutron-openvswitch-agent",
    "neutron-ns-metadata-proxy": "neutron-metadata-agent",
    "cinder-wsgi": "cinder-api",
    # names of DevStack's units
    "n-api": "nova-api",
    "n-cpu": "nova-compute",
    "n-cond": "nova-conductor",
    "n-cond-cell1": "nova-conductor",
    "n-super-cond": "nova-conductor",
    "n-sch": "nova-scheduler",
    "q-svc": "neutron-server",
    "q-agt": "neutron-openvswitch-agent",
    "q-dhcp": "neutron-dhcp-agent",
    "q-l3": "neutron-l3-agent",
    "q-meta": "neutron-metadata-agent",
    "c-api": "cinder-api",
    "c-vol": "cinder-volume",
    "c-sch": "cinder-scheduler",
    "g-api": "glance",
    "g-reg": "glance",
    # Neutron's agents, whose files often lack the project
    "l3-agent": "neutron-l3-agent",
    "dhcp-agent": "neutron-dhcp-agent",
    "metadata-agent": "neutron-metadata-agent",
    "openvswitch-agent": "neutron-openvswitch-agent",
    "linuxbridge-agent": "neutron-linuxbridge-agent",
    "neutron": "neutron-server",
}
_WHOLE_PROJECTS: Final = ("glance", "keystone", "heat")

_LOGGERS: Final = (
    ("nova.osapi_compute", "nova-api"),
    ("nova.metadata", "nova-api"),
    ("nova.api", "nova-api"),
    ("nova.compute.api", "nova-api"),
    ("nova.compute", "nova-compute"),
    ("nova.virt", "nova-compute"),
    ("nova.conductor", "nova-conductor"),
    ("nova.scheduler", "nova-scheduler"),
    ("nova.filters", "nova-scheduler"),
    ("placement", "nova-placement"),
    ("neutron.agent.l3", "neutron-l3-agent"),
    ("neutron.agent.dhcp", "neutron-dhcp-agent"),
    ("neutron.agent.metadata", "neutron-metadata-agent"),
    ("neutron.agent.ovsdb", "neutron-openvswitch-agent"),
    ("neutron.plugins.ml2.drivers.openvswitch.agent", "neutron-openvswitch-agent"),
    ("neutron.plugins.openvswitch.agent", "neutron-openvswitch-agent"),
    ("neutron.agent", "neutron-other"),
    ("neutron", "neutron-server"),
    ("cinder.volume", "cinder-volume"),
    ("cinder.scheduler", "cinder-scheduler"),
    ("cinder.api", "cinder-api"),
    ("eventlet.wsgi", ""),
)

_END_OF_STEM: Final = re.compile(r"\.(?:log|out|err|json|jsonl|txt|gz|xz|zst|bz2|\d+)\b.*", re.IGNORECASE)
_DATE: Final = re.compile(r"[-_.]\d{6,}.*")
_UNIT: Final = re.compile(r"^(?:devstack@|openstack-|kolla[-_]|tripleo_|screen-)|\.service$")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """Give the usual name of a service, e.g. of `devstack@n-cpu.service` or `glance-api`; others stay as they are."""
    name = _UNIT.sub("", name.lower()).replace("_", "-")
    alias = _ALIASES.get(name)
    if alias is not None:
        return alias
    project = name.partition("-")[0]
    return project if project in _WHOLE_PROJECTS else name


def from_file(path: str) -> str:
    """Name the service of a file: nova-compute for `nova-compute.log-20151124.gz`, empty where it is unclear."""
    pure = PurePath(path)
    stem = _UNIT.sub("", _DATE.sub("", _END_OF_STEM.sub("", pure.name.lower()))).replace("_", "-")
    if not _NAME.fullmatch(stem):
        return ""
    if stem in _ALIASES or stem.partition("-")[0] in _PROJECTS:
        # a run or a dump that is named after a project (`nova-test-373-round-1`) is no service
        return "" if any(part.isdigit() for part in stem.split("-")) else canonical(stem)
    parent = pure.parent.name.lower()
    return canonical(f"{parent}-{stem}") if parent in _PROJECTS else ""


def from_prefix(prefix: str) -> str:
    """Name the service of a line that names its file in front: `nova-api.log.1.2017-05-16_13:53:08`."""
    return canonical(prefix.rpartition("/")[2].partition(".log")[0])


@lru_cache(maxsize=4096)
def from_logger(logger: str) -> str:
    """Name the service that a logger's package belongs to; empty for libraries that every service uses."""
    # a vendor may put packages of its own before the project's
    packages = logger.split(".")
    first = next((index for index, package in enumerate(packages) if package in _PROJECTS), 0)
    name = ".".join(packages[first:])
    for package, service in _LOGGERS:
        if name == package or name.startswith(package + "."):
            return service
    root = packages[first]
    if root in _WHOLE_PROJECTS:
        return root
    return f"{root}-other" if root in {"nova", "neutron"} else root if root in _PROJECTS else ""
