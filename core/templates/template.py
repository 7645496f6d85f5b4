"""Message to template, and the numbers of the message that features need."""

from __future__ import annotations

import re
from hashlib import blake2b
from math import nan
from typing import Final, NamedTuple

from core.templates import http
from core.templates.kinds import kind_of, speaks_of_failure
from core.templates.masking import MAX_MESSAGE, mask

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_MASKS: Final = re.compile(r"<\w+>")
_DURATION: Final = re.compile(
    r"(?:\b(?:took|elapsed|held|waited|spent|lasted|holding it for|interval by)\b[:= ]*"
    r"|(?<!again )(?<!retry )(?<!retrying )(?<!connecting )\bin )"
    r"(?P<value>\d+(?:\.\d+)?) ?(?P<unit>ms|milliseconds?|msecs?|s|secs?|seconds?|m|min|minutes?)\b",
    re.IGNORECASE,
)
_UNIT_SECONDS: Final = {"ms": 0.001, "mi": 60.0, "m": 60.0}


class Template(NamedTuple):
    """A message with its variables masked; equal in every process and release that masks alike."""

    id: int
    """63-bit hash of the text, never 0."""
    text: str
    words: tuple[int, ...]
    """63-bit hashes of its distinct words, in order of appearance."""
    kind: str
    """An entry of `schema.CATEGORICAL["kind"]`."""
    failure_words: bool


class MessageFacts(NamedTuple):
    """What one message tells."""

    template: Template
    method: str
    """HTTP method, or empty."""
    route: int
    """63-bit hash of method and masked path; 0 where there is none."""
    status: int
    """HTTP status; 0 where there is none."""
    latency: float
    """Seconds an HTTP reply took; nan where there is none."""
    size: float
    """Bytes of an HTTP reply; nan where there is none."""
    duration: float
    """Seconds that the message says something took; nan where there is none."""


class Templater:
    """Gives the facts of messages; equal messages give equal facts in every process."""

    def facts(self, logger: str, message_head: str) -> MessageFacts:
        """Read the first line of a message."""
        message = message_head[:MAX_MESSAGE]
        exchange = http.read(logger, message)
        if exchange is not None:
            return MessageFacts(
                _template(exchange.text, exchange.kind),
                exchange.method,
                stable_hash(f"{exchange.method} {exchange.path}"),
                exchange.status,
                exchange.latency,
                exchange.size,
                nan,
            )
        text = mask(message)
        return MessageFacts(_template(text, kind_of(logger, text)), "", 0, 0, nan, nan, duration_of(message))


def stable_hash(text: str) -> int:
    """Hash to 63 bits, alike in every process; never 0."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 or 1


def duration_of(message: str) -> float:
    """Seconds that a message says something took; nan where it does not say."""
    match = _DURATION.search(message)
    if match is None:
        return nan
    unit = match["unit"].lower()
    scale = _UNIT_SECONDS.get(unit if unit == "m" else "ms" if unit.startswith(("ms", "mil")) else unit[:2], 1.0)
    return float(match["value"]) * scale


def _template(text: str, kind: str) -> Template:
    words = dict.fromkeys(word.lower() for word in _WORD.findall(_MASKS.sub(" ", text)))
    return Template(stable_hash(text), text, tuple(map(stable_hash, words)), kind, speaks_of_failure(text))
