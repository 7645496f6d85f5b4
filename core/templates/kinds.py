"""What sort of thing a message speaks of, by its logger and its words."""

from __future__ import annotations

import re
from typing import Final

_EXCEPTION: Final = re.compile(
    r"\bTraceback \(most recent|\b[A-Za-z_.]*(?:Error|Exception|Timeout|NotFound|Unauthorized|Forbidden|Conflict"
    r"|NoValidHost\w*|Fault)(?=[:(]|$)|\b[Uu]nhandled (?:error|exception)|\b[Ee]xception\b|: [A-Z][a-z]+[A-Z]\w+: "
)
_BY_LOGGER: Final = tuple(
    # a vendor may put packages of its own before the project's
    (re.compile(rf"(?:^|\.)(?:{packages})"), kind)
    for packages, kind in (
        (r"oslo[._]messaging|kombu|amqp|(?:nova|neutron|cinder|heat)(?:\.common)?\.rpc\b", "messaging"),
        (r"oslo[._]db|sqlalchemy|pymysql|nova\.servicegroup|alembic", "database"),
        (r"oslo[._](?:config|policy)|opts$|policy$|stevedore|extensions?$|py\.warnings", "configuration"),
        (r"oslo[._](?:service|concurrency|reports|privsep|rootwrap)|\w*service$|wsgi$|processutils", "process"),
        (r"keystonemiddleware|keystone\.(?:token|auth)|keystoneauth", "token"),
        (r"glance|imagecache|nova\.image|nova\.virt\.images", "image"),
        (r"cinder|os_brick|nova\.virt\.block_device|nova\.volume", "volume"),
        (r"resource_tracker|claims$|nova\.scheduler|placement|nova\.filters|quota", "resources"),
        (r"neutron|nova\.network|os_vif|vif|ovsdbapp|server_external_events|octavia|designate", "network"),
        (r"keystone", "token"),
        (r"nova\.(?:compute|virt|conductor|privsep)|heat|ironic|magnum", "lifecycle"),
    )
)
_BY_WORDS: Final = (
    (re.compile(r"\bAMQP|\brabbit|\bmessage queue|\bheartbeat|\bMessagingTimeout", re.IGNORECASE), "messaging"),
    (re.compile(r"\bMySQL|\bdatabase|\bdeadlock|\bSQL connection", re.IGNORECASE), "database"),
    (
        re.compile(r"\bdeprecat|\bOption <str>|\bconfig(?:uration)? (?:option|file)|^[\w.]+ += ", re.IGNORECASE),
        "configuration",
    ),
    (
        re.compile(
            r"\bSIG(?:TERM|HUP|INT|KILL)|\bworkers?\b|\bchild\b|\blistening on|\bwsgi st|\bversion <", re.IGNORECASE
        ),
        "process",
    ),
    (re.compile(r"\bLifecycle Event|\bspawn|\binstance\b", re.IGNORECASE), "lifecycle"),
    (re.compile(r"\btoken\b", re.IGNORECASE), "token"),
    (re.compile(r"\bvolume\b", re.IGNORECASE), "volume"),
    (re.compile(r"\bimage\b", re.IGNORECASE), "image"),
    (re.compile(r"\bport\b|\bnetwork\b|\bbridge\b|\brouter\b", re.IGNORECASE), "network"),
)
_SPEAKS_FIRST: Final = frozenset({"messaging", "database", "process"})

_FAILURE: Final = re.compile(
    r"refus|tim(?:ed|ing)[ -]?out|timeout|unable|fail(?!over\b)|errno|\berrors?\b|error(?=[:(]|$)|cannot|can ?not|can't"
    r"|could ?n[o']t|unreachable|denied|exception|traceback|abort|not ?found|no valid host|\blost\b|\bdead\b"
    r"|broken pipe|reset by peer|\binvalid|unavailable|exceed|reject|conflict|missing|unauthorized|forbidden|deadlock"
    r"|corrupt|stuck|giv(?:e|ing) up|\bkilled\b|panic|insufficient|not enough|no space|does ?n[o']t exist|unexpected"
    r"|not (?:active|available|responding|running|alive)|no response|went away|disconnect|unsupported|unknown"
    r"|outlasted|out of sync|dropped|<nonzero>|\b5xx\b"
    # hosts with another locale log the translated messages
    r"|impossibile|errore|non riuscit|fehler|fehlgeschlagen|\berreur|échec|échou|\bfallo\b|falló",
    re.IGNORECASE,
)


def kind_of(logger: str, text: str) -> str:
    """Give the entry of `schema.CATEGORICAL["kind"]` for a template that is not HTTP."""
    if text.startswith("RESP:"):
        return "http_client"
    if _EXCEPTION.search(text):
        return "exception"
    by_words = next((kind for pattern, kind in _BY_WORDS if pattern.search(text)), "unknown")
    if by_words in _SPEAKS_FIRST or by_words == "configuration":
        return by_words
    return next((kind for pattern, kind in _BY_LOGGER if pattern.search(logger)), by_words)


def speaks_of_failure(text: str) -> bool:
    """Tell whether a template says that something went wrong."""
    return _FAILURE.search(text) is not None
