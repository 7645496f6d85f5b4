"""haproxy and keepalived in front of the APIs, and Apache under keystone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from core.simulate.chance import Chance
from core.simulate.foundations.forms import MONTHS
from core.simulate.script import Catalogue, Context, Message, Script, Step, messages

BACKENDS: Final[Mapping[str, str]] = {
    "nova-api": "nova_api",
    "nova-api-metadata": "nova_metadata",
    "nova-placement-api": "placement_api",
    "neutron-server": "neutron_api",
    "keystone": "keystone_public",
    "glance-api": "glance_api",
    "cinder-api": "cinder_api",
    "heat-api": "heat_api",
}
"""Name of the proxy by the service that answers its requests."""

REQUEST, ACCESS = "haproxy.request", "access.keystone"

CATALOGUE: Catalogue = {
    ACCESS: Message(
        "keystone-access",
        "",
        "INFO",
        '{client} - - [{replied}] "{method} {called} HTTP/1.1" {status} {length} "-" '
        '"openstacksdk keystoneauth1 python-requests"',
        Context.NONE,
    ),
    **messages(
        "haproxy",
        {
            REQUEST: (
                "",
                "INFO",
                (
                    "{client}:{client_port} [{accepted}] {backend} {backend}/{chosen} {timers} {status} {length} - - "
                    '{termination} {load} "{method} {called} HTTP/1.1"'
                ),
            ),
            "haproxy.down": (
                "",
                "CRITICAL",
                (
                    'Server {service}/{server} is DOWN, reason: Layer4 connection problem, info: "Connection refused", '
                    "check duration: 0ms. 0 active and 0 backup servers left. {sessions} sessions active, 0 requeued, "
                    "0 remaining in queue."
                ),
            ),
            "haproxy.down_timeout": (
                "",
                "CRITICAL",
                (
                    "Server {service}/{server} is DOWN, reason: Layer7 timeout, check duration: 1000{check_ms}ms. "
                    "0 active and 0 backup servers left. {sessions} sessions active, 0 requeued, 0 remaining in queue."
                ),
            ),
            "haproxy.down_status": (
                "",
                "CRITICAL",
                (
                    'Server {service}/{server} is DOWN, reason: Layer7 wrong status, code: 503, info: "Service '
                    'Unavailable", check duration: {check_ms}ms. 1 active and 0 backup servers left. {sessions} '
                    "sessions "
                    "active, 0 requeued, 0 remaining in queue."
                ),
            ),
            "haproxy.none": ("", "CRITICAL", "backend {service} has no server available!"),
            "haproxy.up": (
                "",
                "INFO",
                (
                    'Server {service}/{server} is UP, reason: Layer7 check passed, code: 200, info: "OK", check '
                    "duration: "
                    "{check_ms}ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."
                ),
            ),
            "haproxy.drained": (
                "",
                "INFO",
                (
                    "Server {service}/{peer_server} is going DOWN for maintenance. 1 active and 0 backup servers left. "
                    "{sessions} sessions active, 0 requeued, 0 remaining in queue."
                ),
            ),
            "haproxy.ready": (
                "",
                "INFO",
                "Server {service}/{peer_server} is UP/READY (leaving forced maintenance).",
            ),
            "haproxy.proxy_stopped": (
                "",
                "INFO",
                "Proxy {service} stopped (cumulated conns: FE: {serial}, BE: {serial}).",
            ),
            "haproxy.proxy_started": ("", "INFO", "Proxy {service} started."),
        },
        Context.NONE,
    ),
    **messages(
        "Keepalived_vrrp",
        {
            "keepalived.script": ("", "INFO", "VRRP_Script(chk_haproxy) failed (exited with status 1)"),
            "keepalived.advert": (
                "",
                "INFO",
                "(VI_1) Master received advert from {peer_ip} with higher priority 110, ours 100",
            ),
            "keepalived.backup": ("", "INFO", "(VI_1) Entering BACKUP STATE"),
            "keepalived.master": ("", "INFO", "(VI_1) Entering MASTER STATE"),
        },
        Context.NONE,
    ),
    **messages(
        "memcached",
        {"memcached.write": ("", "INFO", "Failed to write, and not due to blocking: Broken pipe")},
        Context.NONE,
    ),
}

LIFECYCLES: dict[str, Script] = {"cache_drop": (Step("memcached.write"),)}


def request_fields(
    chance: Chance, service: str, server: str, *, replied: float, latency: float, queued: float, status: int
) -> dict[str, Any]:
    """Return what haproxy's HTTP log says of a request that was answered at `replied`, seconds since 1970.

    `latency` is the server's own time and `queued` the wait before it, in seconds. A request that no server took has
    status 503. The fields are those of haproxy's configuration manual, 8.2.3.
    """
    down = status == 503
    wait, connect, answer = round(queued * 1000.0), chance.whole(0, 1), max(1, round(latency * 1000.0))
    whole = wait + connect + answer + chance.whole(0, 1)
    active = chance.whole(2, 40)
    accepted = datetime.fromtimestamp(replied - whole / 1000.0, UTC)
    waiting = chance.whole(4, 60) if wait else 0
    return {
        "backend": BACKENDS[service],
        "chosen": "<NOSRV>" if down else server,
        "client_port": chance.whole(32_768, 60_999),
        "accepted": f"{_date(accepted)}.{accepted.microsecond // 1000:03}",
        "replied": f"{_date(datetime.fromtimestamp(replied, UTC))} +0000",
        "timers": f"0/{wait}/-1/-1/{wait}" if down else f"0/{wait}/{connect}/{answer}/{whole}",
        "termination": "SC--" if down else "----",
        "load": (
            f"{active}/{chance.whole(1, min(9, active))}/{chance.whole(0, 3)}/{0 if down else chance.whole(0, 2)}/0 "
            f"{waiting}/{chance.whole(0, 9) if wait else 0}"
        ),
    }


def _date(moment: datetime) -> str:
    return f"{moment:%d}/{MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S}"
