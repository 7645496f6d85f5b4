"""Which service wrote a line: by the name of its file, of its unit, container or tag, or of its logger.

The names stand in `tables/services.toml`. No service's name holds what tells one of its instances from another: a host,
a number, or the hash of a pod.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

from core.parsing.event import UUID
from core.parsing.tables import read_table

_TABLE: Final[Mapping[str, Any]] = read_table("services")
_CACHED: Final = 4096
_LONGEST: Final = 256
"""Characters of a name: what is longer is cut, so that names that are kept stay small."""

_PROJECTS: Final = frozenset(_TABLE["projects"]) - {"source"}
_WHOLE: Final = frozenset(_TABLE["whole"]["projects"])
_BY_PACKAGE: Final = frozenset(_TABLE["by_package"]["projects"])
_WEB: Final[Mapping[str, str]] = _TABLE["web"]
_DIRECTORIES: Final = {name: service for name, service in _TABLE["directories"].items() if name != "source"}
_SHARED: Final = frozenset(_TABLE["shared"]["files"])
_WORDS: Final = frozenset(_TABLE["shared"]["words"])
_LOGGERS: Final = tuple((str(package), str(service)) for package, service in _TABLE["loggers"]["order"])

RUNNERS: Final = frozenset(_TABLE["runners"]["names"])
"""Programs that start others and pass on what these write."""

_DAEMONS: Final = {
    name: service for service, others in _TABLE["daemons"].items() if service != "source" for name in (service, *others)
}


def inside(runner: str, service: str) -> str:
    """Name who wrote a line that one program passed on for another: the one that started it, unless that runs any."""
    return service or runner if runner in RUNNERS else runner or service


def _openstack() -> dict[str, str]:
    aliases = {name: service for name, service in _TABLE["aliases"].items() if name != "source"}
    found = {
        f"{project}-{program}": project if project in _WHOLE else f"{project}-{program}"
        for project in _PROJECTS
        for program in _TABLE["projects"][project]
    }
    return {**found, **{project: project for project in _WHOLE}, **aliases}


_OPENSTACK: Final = _openstack()
"""Names of OpenStack's services -> the names that are used here."""

_COMPRESSED: Final = re.compile(r"\.(?:gz|xz|zst|bz2)$")
_EXTENSION: Final = re.compile(r"[._](?:log|out|err|json|jsonl|txt|journal)(?![a-z]).*")
_DATE: Final = re.compile(r"[-_.](?:\d{6,}|\d{4}-\d\d-\d\d).*")
_POD: Final = re.compile(rf"/pods/[^/]+_(?P<pod>[^/_]+)_(?:{UUID}|[0-9a-f]{{32}})/(?P<container>[^/]+)/[^/]+$")
_CONTAINER: Final = re.compile(r"(?P<pod>[^_]+)_[^_]+_(?P<container>.+)-[0-9a-f]{64}\.log")
_CLUSTER: Final = re.compile(rf"(?<=\w)-{UUID}[@-]")
"""Ceph's units and containers name the cluster in the middle: ceph-UUID@osd.3, ceph-UUID-osd-3."""
_ENDED: Final = re.compile(rf"[-_@.]{UUID}\b.*|_container-[0-9a-f]{{8}}$")
_IDENTITY: Final = re.compile(r"(?:[0-9a-f]{12}|[0-9a-f]{64})")
"""A container without a name."""
_ONE_OF_SEVERAL: Final = re.compile(r"\d+|cell\d+|[a-z]{2,}\d{2,}|(?=[a-z]*\d)[a-z0-9]{5,}")
"""An ending that has a digit: the number of an instance, a host, the hash of a pod."""
_RANDOM: Final = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}")
"""The last part of a pod's name, by the alphabet that Kubernetes draws it from."""
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_UPWARDS: Final = 2
"""Directories above a file that may name its service: some programs keep one of their own in theirs."""


def canonical(name: str) -> str:
    """Give the usual name of a service, e.g. of `devstack@n-cpu.service`, `ceph-osd@3` or `glance-api`.

    Others stay as they are, in lower case, without what tells one instance from another; a container's identity alone
    is no name.
    """
    return _canonical(name[:_LONGEST])


@lru_cache(maxsize=_CACHED)
def _canonical(name: str) -> str:
    name = name.lower().strip("()")
    if "/" in name:
        name = _of_path(name)
    if _IDENTITY.fullmatch(name):
        return ""
    whole = _unwrapped(name)
    return _hosted(name) or _of_project(whole) or _without_instance(whole)


@lru_cache(maxsize=_CACHED)
def from_file(path: str) -> str:
    """Name the service of a file: nova-compute for `nova-compute.log-20151124.gz`, empty where it is unclear."""
    text = path.lower()
    pure = PurePosixPath(text)
    pod = _POD.search(text) or _CONTAINER.fullmatch(pure.name)
    if pod is not None:
        return _of_container(pod["container"], pod["pod"])
    stem = _stem(pure.name)
    directories = [parent.name for parent in pure.parents][:_UPWARDS]
    own = next((_DIRECTORIES[directory] for directory in directories if directory in _DIRECTORIES), "")
    if own or stem in _SHARED:
        return own
    return (
        _of_stem(stem)
        or (_of_project_directory(directories[0], stem) if directories else "")
        or next(filter(None, (_known(_unwrapped(directory)) for directory in directories)), "")
    )


@lru_cache(maxsize=_CACHED)
def from_prefix(prefix: str) -> str:
    """Name the service of a line that names its file in front: `nova-api.log.1.2017-05-16_13:53:08`."""
    found = from_file(prefix)
    if found:
        return found
    stem = _stem(prefix.lower().rpartition("/")[2])
    return "" if stem in _SHARED or stem in _WORDS else canonical(stem)


@lru_cache(maxsize=_CACHED)
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
    if root not in _PROJECTS:
        return ""
    return f"{root}-other" if root in _BY_PACKAGE else root


def _stem(name: str) -> str:
    """Take from a file's name its date, its number and what kind of file it is."""
    bare = _COMPRESSED.sub("", name)
    return _DATE.sub("", _EXTENSION.sub("", bare)) or bare


def _unwrapped(name: str) -> str:
    """Take from a name what units, containers and clusters put around it."""
    name = _ENDED.sub("", _CLUSTER.sub("-", name)).replace("_", "-")
    for before in _TABLE["wrappings"]["before"]:
        name = name.removeprefix(before)
    for after in _TABLE["wrappings"]["after"]:
        name = name.removesuffix(after)
    head, at, _ = name.partition("@")
    return head if at and head else name


def _of_path(name: str) -> str:
    """Choose the part of `/usr/sbin/cron` or `docker/nova_compute/0123456789ab` that names a service."""
    if name.startswith("/"):
        return name.rpartition("/")[2]
    parts = [part for part in name.split("/") if part and not _IDENTITY.fullmatch(part)]
    return next((part for part in parts if part not in RUNNERS), parts[0] if parts else "")


def _of_container(container: str, pod: str) -> str:
    named = canonical(container)
    return canonical(pod) if named in _WORDS or named in RUNNERS else named


def _hosted(name: str) -> str:
    """Give the service that a name stands for, perhaps with a host before it; empty for an unknown name."""
    whole = _unwrapped(name)
    words, parts = name.split("_"), whole.split("-")
    shorter = [_unwrapped("_".join(words[start:])) for start in range(1, len(words))]
    shorter += ["-".join(parts[start:]) for start in range(1, len(parts) - 1) if parts[start] in _PROJECTS]
    return next(filter(None, map(_known, (whole, *shorter))), "")


def _known(name: str) -> str:
    """Give the service that a name stands for, perhaps with an instance behind it; empty for an unknown name."""
    exact = _OPENSTACK.get(name) or _DAEMONS.get(name)
    if exact:
        return exact
    head, dot, rest = name.partition(".")
    if dot:
        return _known(f"{head}-{rest.partition('.')[0]}") or _known(head)
    parts = [part for part in name.split("-") if not part.startswith("cell") or not part[4:].isdigit()]
    for end in range(len(parts), 0, -1):
        start, ending = "-".join(parts[:end]), parts[end:]
        # OpenStack names a program whole; what follows the name of a daemon may make it another program
        found = _OPENSTACK.get(start) if end > 1 or start in _WHOLE else None
        if found is None and all(map(_says_nothing, ending)):
            found = _OPENSTACK.get(start) or _DAEMONS.get(start)
        if found:
            return found
    return ""


def _says_nothing(part: str) -> bool:
    return part in _WORDS or _ONE_OF_SEVERAL.fullmatch(part) is not None or _DAEMONS.get(part) is not None


def _of_project(name: str) -> str:
    """Name a service of an OpenStack project that the table does not list, or that only a project is named of."""
    parts = name.partition(".")[0].split("-")
    if parts[0] not in _PROJECTS:
        return ""
    project = parts[0]
    while len(parts) > 1 and parts[1] == project:
        del parts[1]
    while len(parts) > 1 and (parts[-1] in _WORDS - {"server"} or _ONE_OF_SEVERAL.fullmatch(parts[-1])):
        parts.pop()
    while len(parts) > 1 and _RANDOM.fullmatch(parts[-1]):
        parts.pop()
    if len(parts) == 1:
        return _WEB.get(project, project) if name != project else _OPENSTACK.get(project, project)
    return "-".join(parts)


def _without_instance(name: str) -> str:
    parts = name.split("-")
    hashed = len(parts) > 2 and _RANDOM.fullmatch(parts[-1]) and _ONE_OF_SEVERAL.fullmatch(parts[-2])
    if hashed:
        parts.pop()
    while len(parts) > 1 and _ONE_OF_SEVERAL.fullmatch(parts[-1]):
        parts.pop()
    return "-".join(parts)


def _of_stem(stem: str) -> str:
    """Name the service of a file by its own name, which may have a host before or behind it."""
    found = next(filter(None, map(_hosted, (stem, *stem.split(".")))), "")
    whole = _unwrapped(stem)
    # a run or a dump that is named after a project (`nova-test-373-round-1`) is no service
    if found or not _NAME.fullmatch(whole) or any(part.isdigit() for part in whole.split("-")):
        return found
    return _of_project(whole)


def _of_project_directory(directory: str, stem: str) -> str:
    """Name the service of a file that stands in the directory of an OpenStack project."""
    name = f"{directory}-{_unwrapped(stem)}"
    return (_known(name) or _of_project(name)) if directory in _PROJECTS and _NAME.fullmatch(name) else ""
