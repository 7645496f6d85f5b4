"""HTTP in messages: requests, replies and calls to other services, with their route, status, time and size."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from math import nan
from typing import Final, NamedTuple
from urllib.parse import unquote

from core.templates.tables import entries

_METHODS: Final = "GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS"
_UUID: Final = r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

_QUOTED_REPLY: Final = re.compile(
    rf'"({_METHODS}) ([^"\s]+)(?: HTTP/[\d.]+)?"(?: status:)? (\d{{3}})\b'
    r"(?: +(?:len: )?(?:(\d{1,15})|-))?(?: +microversion: \S+)?(?: +(?:time: )?(\d{1,9}\.\d{1,15})(?!\S))?",
    re.ASCII,
)
_UWSGI_REPLY: Final = re.compile(
    rf"\] ({_METHODS}) (\S+) => "
    r"generated (\d{1,15}) bytes in (\d{1,15}) msecs \(HTTP/[\d.]+ (\d{3})\)",
    re.ASCII,
)
_PROXIED: Final = re.compile(
    r"\S+ \[[^\]]{1,40}\] \S+ ([^/\s]+)/\S+ (?:-?\d{1,15}/){4}\+?(\d{1,15}) (\d{3}|-1) \+?(\d{1,15}) "
    rf'.*"({_METHODS}) (/\S*) HTTP/[\d.]+"',
    re.ASCII,
)
"""haproxy, configuration manual, 8.2.3: the last of its timers is the whole, from accepting to the last byte."""
_RETURNED: Final = re.compile(rf"(?:({_METHODS}) )?(https?://\S+) returned with HTTP (\d{{3}})\b", re.ASCII)
_REQUEST: Final = re.compile(rf"({_METHODS}) ((?:https?:/)?/\S*)")
_CURL: Final = re.compile(rf"REQ: curl .*?-X ({_METHODS}) [\"']?(https?://[^\s\"']+)")
_CALL: Final = re.compile(rf"({_METHODS}) call to \S+ for (https?://\S+) used request id")
_FIRST_WORDS: Final = (*(f"{method} " for method in _METHODS.split("|")), "http", "REQ: ", "[pid: ")
_CLIENT_LOGGERS: Final = entries("http_client_loggers")

_EXACT_STATUS: Final = frozenset({401, 403, 404, 409, 413})
_HOST: Final = re.compile(r"https?://[^/?\s]*")
_VERSION: Final = re.compile(r"v(\d+)(?:\.\d+)?")
_ID: Final = re.compile(rf".*{_UUID}.*|\d+|[0-9a-fA-F]{{16,}}|.*\d{{4,}}.*|.*%.*|.{{48,}}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d+\.\d+")
_PARAMETER: Final = re.compile(r"[A-Za-z_][A-Za-z_.:-]{0,40}")
_MAX_SEGMENTS: Final = 12
_COLLECTIONS: Final = frozenset(entries("http_collections"))
_ACTIONS: Final = frozenset(entries("http_actions"))


class HttpExchange(NamedTuple):
    """An HTTP request, or a request with its reply, as a message describes it."""

    kind: str
    """`http_request`, `http_reply` or `http_client`."""
    method: str
    target: str
    """The path or URL as it is."""
    status: int
    """0 where the message names none."""
    latency: float
    """Seconds; nan where the message names none."""
    size: float
    """Bytes; nan where the message names none."""


# NamedTuple's own constructor is a Python function: bypassing it halves the cost of a message.
_new_exchange = partial(tuple.__new__, HttpExchange)


def exchange_template(kind: str, method: str, path: str, status: int) -> str:
    """Return the template of an exchange: side, method, route and class of the status."""
    words = ["client" if kind == "http_client" else "", method, path]
    if status:
        words += ["->", status_class(status)]
    return " ".join(word for word in words if word)


def status_class(status: int) -> str:
    """Return `2xx` and the like; client errors with a meaning of their own stay exact."""
    return str(status) if status in _EXACT_STATUS else f"{status // 100}xx"


def parse_exchange(logger: str, message: str) -> HttpExchange | None:
    """Parse a message about an HTTP exchange; None for all others."""
    quote = message.find('"')
    if quote >= 0:
        reply = _QUOTED_REPLY.search(message, quote)
        if reply is not None:
            method, target, status, size, time = reply.groups()
            return _new_exchange((
                "http_client" if _is_client(logger) else "http_reply", method, target,
                int(status), float(time) if time else nan, float(size) if size else nan,
            ))  # fmt: skip
        proxied = _PROXIED.fullmatch(message)
        if proxied is not None:
            backend, milliseconds, code, size, method, target = proxied.groups()
            # Its time is that of the backend and its queue: another quantity than that of the service behind it.
            return _new_exchange((
                "http_reply", method, f"/{backend}{target}", max(int(code), 0), int(milliseconds) / 1000, float(size)
            ))  # fmt: skip
    return _parse_line(logger, message) if message.startswith(_FIRST_WORDS) else None


def _parse_line(logger: str, message: str) -> HttpExchange | None:
    request = _REQUEST.fullmatch(message)
    if request is not None:
        return HttpExchange(
            "http_client" if _is_client(logger) else "http_request", request[1], request[2], 0, nan, nan
        )
    returned = _RETURNED.match(message)
    if returned is not None:
        return HttpExchange("http_reply", returned[1] or "", returned[2], int(returned[3]), nan, nan)
    call = _CURL.match(message) or _CALL.match(message)
    if call is not None:
        return HttpExchange("http_client", call[1], call[2], 0, nan, nan)
    reply = _UWSGI_REPLY.search(message)
    if reply is None:
        return None
    method, target, size, milliseconds, status = reply.groups()
    return HttpExchange("http_reply", method, target, int(status), int(milliseconds) / 1000, float(size))


@lru_cache(maxsize=1_024)
def _is_client(logger: str) -> bool:
    return logger.startswith(_CLIENT_LOGGERS)


def masked_path(target: str) -> str:
    """Mask ids and names in the path of a URL, fold minor versions, and keep only the names of the parameters."""
    host = _HOST.match(target)
    path, _, query = (target[host.end() :] if host else target).partition("?")
    segments = [part for part in path.split("/") if part][:_MAX_SEGMENTS]
    masked = [
        _mask_segment(segment, named=previous in _COLLECTIONS)
        for segment, previous in zip(segments, ["", *segments], strict=False)
    ]
    names = {part.partition("=")[0] for part in query.split("&") if part}
    kept = sorted({name if _PARAMETER.fullmatch(name) else "<name>" for name in map(unquote, names)})
    return "/" + "/".join(masked) + ("?" + "&".join(kept) if kept else "")


@lru_cache(maxsize=16_384)
def _mask_segment(segment: str, *, named: bool) -> str:
    stem = segment.removesuffix(".json").removesuffix(".xml")
    version = _VERSION.fullmatch(stem)
    if version is not None:
        return f"v{version[1]}"
    if _DATE.fullmatch(stem):
        return "<version>"
    if _ID.fullmatch(stem) or (named and stem not in _ACTIONS and stem not in _COLLECTIONS):
        return "<id>"
    return stem
