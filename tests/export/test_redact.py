from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.export.redact import REDACTED, redact
from tests.helpers.cost import TENFOLD, growth

UUIDS = st.uuids().map(str)
SECRETS = st.text(string.ascii_letters + string.digits + "!#$%*+-./:?@_~", min_size=8, max_size=40).map(
    lambda s: f"Z9{s}"
)
TOKENS = st.text(string.ascii_letters + string.digits + "-_", min_size=60, max_size=120).map(lambda s: f"gAAAAAB{s}")
WORDS = st.lists(
    st.sampled_from(
        ["Instance", "spawned", "on", "host", "after", "19.8", "s", "[instance:", "x]", "GET", "/v2.1/servers", "200"]
    )
).map(" ".join)
PLACES = (
    "password={}",
    "password: {}",
    "db_password = {}",
    "adminPass='{}'",
    '"adminPass": "{}"',
    "{{'password': u'{}', 'name': 'demo'}}",
    '{{\\"admin_password\\": \\"{}\\", \\"name\\": \\"demo\\"}}',
    "neutron_pass={}",
    "X-Auth-Token: {}",
    "'X-Subject-Token': '{}'",
    "X-Service-Token => {}",
    "Authorization: Basic {}",
    "Authorization: Bearer {}",
    "auth_token={}",
    "metadata_proxy_shared_secret = {}",
    "aws_secret_access_key={}",
    "api_key={}",
    "keystone --os-password {} token-get",
)


@pytest.mark.parametrize("place", PLACES)
@given(WORDS, SECRETS, WORDS)
def test_a_named_secret_is_redacted_in_every_notation(place: str, before: str, secret: str, after: str) -> None:
    text = redact(f"{before} {place.format(secret)} {after}")
    assert secret.rstrip(":") not in text
    assert REDACTED in text
    assert text.startswith(before)
    assert text.endswith(after)


@given(WORDS, st.sampled_from(("rabbit", "mysql+pymysql", "http", "amqp")), SECRETS)
def test_the_password_of_a_url_is_redacted_and_its_host_stays(words: str, scheme: str, secret: str) -> None:
    password = secret.replace("/", "_")
    text = redact(f"{words} {scheme}://openstack:{password}@10.0.0.5:5672/nova {words}")
    assert password not in text
    assert f"{scheme}://openstack:{REDACTED}@10.0.0.5:5672/nova" in text


@given(WORDS, TOKENS)
def test_a_fernet_token_is_redacted_without_a_name(words: str, token: str) -> None:
    assert redact(f"{words} {token} {words}") == f"{words} {REDACTED} {words}"


def test_a_private_key_is_redacted_with_all_its_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----"
    assert redact(f"key:\n{key}\nrest") == f"key:\n{REDACTED}\nrest"
    assert redact(key[:40]) == REDACTED


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "AQBSdFhWRUkFGBAAvXvRwrNBUFn7mC6Y0Ct9Tg==",
        "MII" + "Ab9/" * 30,
    ],
)
def test_keys_with_a_known_prefix_are_redacted(secret: str) -> None:
    assert redact(f"used {secret} here") == f"used {REDACTED} here"


@given(WORDS, UUIDS, UUIDS)
def test_ids_stay(words: str, request: str, instance: str) -> None:
    project = instance.replace("-", "")
    text = (
        f"[req-{request} {project} {project} - default default] [instance: {instance}] {words} "
        f'GET /v2.1/{project}/servers/{instance} HTTP/1.1" status: 200 len: 1893 time: 0.2'
    )
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "password=None, token=null, secret=***",
        "Failed to validate token: Token not found",
        "token expired",
        "password_file=/etc/nova/password secret_uuid=457eb676 token_expiration=3600",
        "Could not load 'keystonemiddleware.auth_token:filter_factory'",
        "http://10.0.0.1:8774/v2.1/servers?user=a@example.org",
        '"auth": {"passwordCredentials": {"username": "demo"}}',
        "Authorization: <none>",
        "",
    ],
)
def test_text_without_a_secret_is_unchanged(text: str) -> None:
    assert redact(text) == text


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                "password",
                "token",
                "=",
                ":",
                " ",
                "'",
                '"',
                "\\",
                "x",
                "[redacted]",
                "://",
                "@",
                "&",
                "-----BEGIN PRIVATE KEY-----",
                "Bearer ",
            ]
        )
    ).map("".join)
)
@example("://PASSWORD:/'@")
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        "a", "password", "password=,", "://", "://a:", ",", 'token="', "token:", "token: x,", "eyJ-",
        "--", "--a-", "--password ",
        "secret\\", 'password="\\', "-----BEGIN PRIVATE KEY-----", "-----BEGIN A", "Bearer ", "MII/", "gAAAA",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "password=", "token: "])
def test_a_hostile_line_is_redacted_in_linear_time(before: str, part: str) -> None:
    assert growth(lambda length: redact(before + part * (length // len(part)) + "x"), 10_000) < TENFOLD
