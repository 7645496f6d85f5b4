"""HTTP in messages: requests, replies and calls to other services, with their route, status, time and size."""

from __future__ import annotations

import re
from math import nan
from typing import Final, NamedTuple
from urllib.parse import unquote

_METHODS: Final = "GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS"
_UUID: Final = r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

_QUOTED_REPLY: Final = re.compile(
    rf'"(?P<method>{_METHODS}) (?P<target>[^"\s]+)(?: HTTP/[\d.]+)?"(?: status:)? (?P<status>\d{{3}})\b'
    r"(?: +(?:len: )?(?P<size>\d+))?(?: +(?:time: )?(?P<time>\d+\.\d+)\b(?!\S))?"
)
_UWSGI_REPLY: Final = re.compile(
    rf"\] (?P<method>{_METHODS}) (?P<target>\S+) => generated (?P<size>\d+) bytes in (?P<ms>\d+) msecs "
    r"\(HTTP/[\d.]+ (?P<status>\d{3})\)"
)
_RETURNED: Final = re.compile(
    rf"(?:(?P<method>{_METHODS}) )?(?P<target>https?://\S+) returned with HTTP (?P<status>\d{{3}})\b"
)
_REQUEST: Final = re.compile(rf"(?P<method>{_METHODS}) (?P<target>(?:https?:/)?/\S*)$")
_CURL: Final = re.compile(rf"REQ: curl .*?-X (?P<method>{_METHODS}) [\"']?(?P<target>https?://[^\s\"']+)")
_CALL: Final = re.compile(rf"(?P<method>{_METHODS}) call to \S+ for (?P<target>https?://\S+) used request id")
_CLIENT_LOGGERS: Final = ("urllib3", "requests", "keystoneauth", "keystoneclient", "neutronclient", "glanceclient")

_EXACT_STATUS: Final = frozenset({401, 403, 404, 409, 413})
_HOST: Final = re.compile(r"https?://[^/?\s]*")
_VERSION: Final = re.compile(r"v(\d+)(?:\.\d+)?")
_ID: Final = re.compile(rf".*{_UUID}.*|\d+|[0-9a-fA-F]{{16,}}|.*\d{{4,}}.*|.*%.*|.{{48,}}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d+\.\d+")
_PARAMETER: Final = re.compile(r"[A-Za-z_][A-Za-z_.:-]{0,40}")
_MAX_SEGMENTS: Final = 12
_COLLECTIONS: Final = frozenset(
    {
        "agents", "aggregates", "alarms", "allocations", "backups", "clusters", "consumers", "containers",
        "credentials", "domains", "endpoints", "export_locations", "extensions", "extra_specs", "flavors", "floatingips", "groups",
        "hosts", "images", "inventories", "keypairs", "lbaas", "limits", "listeners", "loadbalancers", "members",
        "metadata", "metering-labels", "networks", "nodes", "objects", "os-aggregates", "os-availability-zone",
        "os-extra_specs", "os-floating-ips", "os-hosts", "os-hypervisors", "os-instance-actions", "os-interface",
        "os-keypairs", "os-networks", "os-quota-class-sets", "os-quota-sets", "os-security-groups", "os-server-groups",
        "os-services", "os-simple-tenant-usage", "os-volume_attachments", "os-volumes", "policies", "pools", "ports",
        "projects", "quotas", "regions", "registered_limits", "resource_classes", "resource_providers", "resources",
        "roles", "routers", "secrets", "security-group-rules", "security-groups", "servers", "services", "shares",
        "snapshots", "stacks", "subnetpools", "subnets", "tags", "tenants", "traits", "transfers", "trusts", "types",
        "users", "volumes", "zones",
    }
)  # fmt: skip
_FIXED: Final = frozenset(
    {
        "action", "default", "defaults", "detail", "disable", "disable-log-reason", "enable", "force-down", "manage",
        "search", "statistics", "summary", "uptime", "usages",
    }
)  # fmt: skip


class Http(NamedTuple):
    """What a message tells of one HTTP exchange."""

    kind: str
    """`http_request`, `http_reply` or `http_client`."""
    method: str
    path: str
    """The masked path with the names of its query's parameters."""
    status: int
    """0 where the message names none."""
    latency: float
    """Seconds; nan where the message names none."""
    size: float
    """Bytes; nan where the message names none."""

    @property
    def text(self) -> str:
        """The template: side, method, route, and the class of the status."""
        words = ["client", self.method, self.path] if self.kind == "http_client" else [self.method, self.path]
        if self.status:
            words += ["->", status_class(self.status)]
        return " ".join(word for word in words if word)


def status_class(status: int) -> str:
    """`2xx`; the client errors that mean something of their own stay exact."""
    return str(status) if status in _EXACT_STATUS else f"{status // 100}xx"


def read(logger: str, message: str) -> Http | None:
    """Read a message that is about an HTTP exchange; None for all others."""
    client = logger.startswith(_CLIENT_LOGGERS)
    reply = _QUOTED_REPLY.search(message) or _UWSGI_REPLY.search(message)
    if reply is not None:
        return _exchange("http_client" if client else "http_reply", reply)
    returned = _RETURNED.match(message)
    if returned is not None:
        return _exchange("http_reply", returned)
    request = _REQUEST.match(message)
    if request is not None:
        return _exchange("http_client" if client else "http_request", request)
    call = _CURL.match(message) or _CALL.match(message)
    return _exchange("http_client", call) if call else None


def _exchange(kind: str, match: re.Match[str]) -> Http:
    found = match.groupdict()
    latency = nan
    if found.get("time"):
        latency = float(found["time"])
    elif found.get("ms"):
        latency = int(found["ms"]) / 1000
    return Http(
        kind,
        found["method"] or "",
        masked_path(found["target"]),
        int(found.get("status") or 0),
        latency,
        float(found["size"]) if found.get("size") else nan,
    )


def masked_path(target: str) -> str:
    """Mask ids and names in the path of a URL, fold minor versions, and keep only the names of the parameters."""
    host = _HOST.match(target)
    path, _, query = (target[host.end() :] if host else target).partition("?")
    segments: list[str] = []
    previous = ""
    for segment in [part for part in path.split("/") if part][:_MAX_SEGMENTS]:
        segments.append(_segment(segment, previous))
        previous = segment
    names = {part.partition("=")[0] for part in query.split("&") if part}
    kept = sorted({name if _PARAMETER.fullmatch(name) else "<name>" for name in map(unquote, names)})
    return "/" + "/".join(segments) + ("?" + "&".join(kept) if kept else "")


def _segment(segment: str, previous: str) -> str:
    stem = segment.removesuffix(".json").removesuffix(".xml")
    version = _VERSION.fullmatch(stem)
    if version is not None:
        return f"v{version[1]}"
    if _DATE.fullmatch(stem):
        return "<version>"
    if _ID.fullmatch(stem) or (previous in _COLLECTIONS and stem not in _FIXED and stem not in _COLLECTIONS):
        return "<id>"
    return stem
