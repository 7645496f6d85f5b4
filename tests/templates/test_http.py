from __future__ import annotations

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schema import CATEGORICAL
from core.templates import MessageFacts, Templater
from core.templates.http import masked_path

TENANT = "54fadb412c4e40cdbaed9335e4c35a9e"
SERVER = "c656c2cc-e830-4b90-b82d-ed702722de4e"


BALANCER = "10.0.0.5:51234 [20/Nov/2026:10:00:01.123] glance_front glance_back/"


def facts(message: str, logger: str = "nova.osapi_compute.wsgi.server") -> MessageFacts:
    return Templater().facts(logger, message)


@pytest.mark.parametrize(
    ("message", "text", "status", "latency", "size"),
    [
        (
            f'{BALANCER}ctl01 0/0/1/148/149 200 1234 - - ---- 12/3/0/0/0 0/0 "GET /v2/images HTTP/1.1"',
            "GET /glance_back/v2/images -> 2xx", 200, 0.149, 1234,
        ),
        (
            f'{BALANCER}<NOSRV> 0/3000/-1/-1/+3004 503 +217 - - SC-- 40/3/2/0/3 0/0 "GET /v2/images HTTP/1.1"',
            "GET /glance_back/v2/images -> 5xx", 503, 3.004, 217,
        ),
        (
            f'10.0.0.1 "GET /v2.1/{TENANT}/servers/{SERVER} HTTP/1.1" status: 200 len: 1893 time: 0.2477829',
            "GET /v2/<id>/servers/<id> -> 2xx", 200, 0.2477829, 1893,
        ),
        (
            '10.0.0.1 "GET /v2.0/ports?device_id=1&a=2 HTTP/1.1" status: 404  len: 210 time: 0.0790830',
            "GET /v2/ports?a&device_id -> 404", 404, 0.079083, 210,
        ),
        (
            '10.0.0.1 - - [26/Jun/2018 03:21:24] "POST /v2/images HTTP/1.1" 201 815 1.573177',
            "POST /v2/images -> 2xx", 201, 1.573177, 815,
        ),
        (
            '10.0.0.1 "PUT /placement/allocations/c6" status: 409 len: 0 microversion: 1.10',
            "PUT /placement/allocations/<id> -> 409", 409, None, 0,
        ),
        (
            '10.0.0.1 "GET /v2.1/servers/detail" status: 200 len: 1893 microversion: 2.1 time: 0.123456',
            "GET /v2/servers/detail -> 2xx", 200, 0.123456, 1893,
        ),
        (
            '10.0.0.1 - - [23/Nov/2026:17:38:23 +0100] "GET /v3 HTTP/1.1" 500 - "-" "curl"',
            "GET /v3 -> 5xx", 500, None, None,
        ),
        (
            "[pid: 1|app: 0|req: 3/4] () {6 vars} [x] GET /v3/users/b => generated 9 bytes in 45 msecs (HTTP/1.1 200)",
            "GET /v3/users/<id> -> 2xx", 200, 0.045, 9,
        ),
        ("http://h:8776/v2/1/volumes/detail returned with HTTP 503", "/v2/<id>/volumes/detail -> 5xx", 503, None, None),
    ],
)  # fmt: skip
def test_a_reply_gives_route_status_time_and_size(
    message: str, text: str, status: int, latency: float | None, size: float | None
) -> None:
    found = facts(message)
    assert (found.template.text, found.template.kind, found.status) == (text, "http_reply", status)
    assert (None if isnan(found.latency) else found.latency) == latency
    assert (None if isnan(found.size) else found.size) == size
    assert isnan(found.duration)


def test_a_request_gives_its_route() -> None:
    found = facts("GET http://10.0.20.24:35357/v3/domains/tempest-domain-1536880375", "keystone.common.wsgi")
    assert (found.template.text, found.template.kind) == ("GET /v3/domains/<id>", "http_request")
    assert (found.method, found.status) == ("GET", 0)


@pytest.mark.parametrize(
    ("logger", "message", "text"),
    [
        ("urllib3.connectionpool", 'http://10.0.0.1:5000 "GET /v3/ HTTP/1.1" 200 255', "client GET /v3 -> 2xx"),
        ("keystoneauth.session", "REQ: curl -g -i -X POST http://h:9696/v2.0/ports -H x", "client POST /v2/ports"),
        ("keystoneauth.session", "GET call to compute for http://h/v2.1 used request id r", "client GET /v2"),
    ],
)  # fmt: skip
def test_a_call_to_another_service_is_told_from_one_that_was_served(logger: str, message: str, text: str) -> None:
    found = facts(message, logger)
    assert (found.template.text, found.template.kind) == (text, "http_client")


def test_request_and_reply_share_a_route_and_methods_do_not() -> None:
    request = facts("GET http://h:5000/v3/users/1")
    reply = facts('10.0.0.1 "GET /v3/users/2 HTTP/1.1" status: 200 len: 1 time: 0.1')
    other = facts("POST http://h:5000/v3/users/1")
    assert request.route == reply.route != other.route
    assert request.template != reply.template


@pytest.mark.parametrize(
    "message", ['speaks of "GET" twice', "GET lost", "http is a protocol", 'said "GET /x" and left', ""]
)
def test_other_messages_are_not_http(message: str) -> None:
    assert facts(message).route == 0


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/v2.1/", "/v2"),
        ("/v3/", "/v3"),
        ("http://h:1/v2.0/networks.json?b=1&a=2&a=3", "/v2/networks?a&b"),
        ("/v2/servers/detail", "/v2/servers/detail"),
        (f"/v2.1/{TENANT}/servers/{SERVER}/action", "/v2/<id>/servers/<id>/action"),
        ("/v3/projects/web/users/bob/roles/admin", "/v3/projects/<id>/users/<id>/roles/<id>"),
        ("/2009-04-04/meta-data/public-keys/0/openssh-key", "/<version>/meta-data/public-keys/<id>/openssh-key"),
        ("/x?a%5B0%5D=1", "/x?<name>"),
        ("/x?%00=1", "/x?<name>"),
        ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n", "/a/b/c/d/e/f/g/h/i/j/k/l"),
    ],
)
def test_a_route_names_collections_and_masks_their_members(target: str, route: str) -> None:
    assert masked_path(target) == route


@given(
    st.sampled_from(["GET", "DELETE"]),
    st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=0x3FF, exclude_categories=("C", "Z")), max_size=60)),
    st.integers(100, 599),
)
def test_any_path_gives_a_bounded_printable_template(method: str, segments: list[str], status: int) -> None:
    target = "/" + "/".join(segments).replace('"', "")
    found = facts(f'10.0.0.1 "{method} {target} HTTP/1.1" status: {status} len: 1 time: 0.1')
    assert found.template.text.isprintable()
    assert found.template.kind in CATEGORICAL["kind"]
    assert found.status == status
