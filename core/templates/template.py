"""Message to template, with the numbers in the message that features need."""

from __future__ import annotations

import re
from functools import partial
from hashlib import blake2b
from math import nan
from typing import Final, NamedTuple, TypeVar

from core.templates.http import HttpExchange, exchange_template, masked_path, parse_exchange
from core.templates.kinds import has_failure_keyword, kind_of, reports_failure
from core.templates.masking import digits_matter, mask
from core.templates.shapes import shape_key, shape_of, without_uuids

MAX_MESSAGE: Final = 2_000
"""Characters of a message that are read; the rest is ignored."""

_MAX_CACHED_LENGTH: Final = 512

_K = TypeVar("_K")
_V = TypeVar("_V")

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_PREFIX: Final = re.compile(r"[^:,(\[{]*")
_MIN_PREFIX_WORDS: Final = 2
"""A shorter prefix says too little to identify a message."""
_MASKS: Final = re.compile(r"<\w+>")
_DURATION: Final = re.compile(
    r"(?:\b(?:took|elapsed|held|waited|spent|lasted|holding it for|interval by)\b[:= ]{0,3}"
    r"|(?<!again )(?<!retry )(?<!retrying )(?<!connecting )\bin )"
    r"(?P<value>\d{1,15}(?:\.\d{1,15})?) ?(?P<unit>ms|milliseconds?|msecs?|s|secs?|seconds?|m|mins?|minutes?)\b"
    r"|\belapsed(?: time)?[:= ]{1,3}(?P<seconds>\d{1,15}\.\d{1,15})\b",
    re.IGNORECASE | re.ASCII,
)


class Template(NamedTuple):
    """A message with its variables masked; equal in every process and release with the same masking rules."""

    id: int
    """63-bit hash of the text, never 0."""
    text: str
    words: tuple[int, ...]
    """63-bit hashes of its distinct words, in order of appearance."""
    kind: str
    """An entry of `schema.CATEGORICAL["kind"]`."""
    failure_words: bool
    reports_failure: bool
    """Whether it says that something has broken: counts where the record has no level."""
    prefix_hash: int
    """63-bit hash of what stands before its first detail: equal for messages that differ in their details alone."""


class MessageFacts(NamedTuple):
    """The template of one message and the values in it."""

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


# NamedTuple's own constructor is a Python function: bypassing it halves the cost of a message.
_new_facts = partial(tuple.__new__, MessageFacts)


class Templater:
    """Extracts the facts of messages: a pure function of the message, with bounded caches."""

    def __init__(self, cached: int = 16_384) -> None:
        """Start with empty caches; each is cleared when it holds `cached` entries."""
        self._cached = cached
        self._messages: dict[tuple[str, str], MessageFacts] = {}
        self._exchanges: dict[tuple[str, str, str, int], tuple[Template, int]] = {}
        self._shapes: dict[tuple[str, bytes], tuple[MessageFacts, bool] | None] = {}
        self._numbered: dict[tuple[str, str], tuple[MessageFacts, bool]] = {}
        self._templates: dict[tuple[str, str], Template] = {}

    def facts(self, logger: str, message_head: str) -> MessageFacts:
        """Return the facts of a message, given its first line."""
        message = message_head[:MAX_MESSAGE]
        if '"' in message:
            # A web server's reply has its own time and size, so the same message hardly ever comes twice: no lookup.
            exchange = parse_exchange(logger, message)
            if exchange is not None:
                return self._exchange(exchange)
        key = (logger, message)
        known = self._messages.get(key)
        if known is None:
            known = self._read(logger, message)
            if len(message) < _MAX_CACHED_LENGTH:
                self._bounded(self._messages)[key] = known
        return known

    def _read(self, logger: str, message: str) -> MessageFacts:
        exchange = parse_exchange(logger, message)
        if exchange is not None:
            return self._exchange(exchange)
        shape = shape_of(message)
        key = (logger, shape_key(shape))
        try:
            known = self._shapes[key]
        except KeyError:
            known = self._shape(logger, shape, key)
        facts, timed = known or self._with_digits(logger, message)
        return facts._replace(duration=duration_of(message)) if timed else facts

    def _exchange(self, exchange: HttpExchange) -> MessageFacts:
        kind, method, target, status, latency, size = exchange
        key = (kind, method, target, status)
        known = self._exchanges.get(key)
        if known is None:
            path = masked_path(target)
            template = self._template(exchange_template(kind, method, path, status), kind)
            known = template, stable_hash(f"{method} {path}")
            self._bounded(self._exchanges)[key] = known
        template, route = known
        return _new_facts((template, method, route, status, latency, size, nan))

    def _shape(self, logger: str, shape: bytes, key: tuple[str, bytes]) -> tuple[MessageFacts, bool] | None:
        """Return the facts of a new shape; None where they depend on digits, which a shape does not have."""
        text = shape.decode("utf-8", "surrogatepass")
        known = None if digits_matter(text) else self._mask(logger, text)
        self._bounded(self._shapes)[key] = known
        return known

    def _with_digits(self, logger: str, message: str) -> tuple[MessageFacts, bool]:
        """Return the facts of a message whose digits matter; messages that differ only in UUIDs share an entry."""
        key = (logger, without_uuids(message))
        known = self._numbered.get(key)
        if known is None:
            known = self._mask(*key)
            if len(message) < _MAX_CACHED_LENGTH:
                self._bounded(self._numbered)[key] = known
        return known

    def _mask(self, logger: str, message: str) -> tuple[MessageFacts, bool]:
        text = mask(message)
        template = self._template(text, kind_of(logger, text))
        return MessageFacts(template, "", 0, 0, nan, nan, nan), _DURATION.search(message) is not None

    def _template(self, text: str, kind: str) -> Template:
        """Return the cached or a new template: many shapes share one."""
        key = (text, kind)
        known = self._templates.get(key)
        if known is None:
            words = dict.fromkeys(word.lower() for word in _WORD.findall(_MASKS.sub(" ", text)))
            known = Template(
                stable_hash(text),
                text,
                tuple(map(stable_hash, words)),
                kind,
                has_failure_keyword(text),
                reports_failure(text),
                stable_hash(_prefix(text, kind)),
            )
            self._bounded(self._templates)[key] = known
        return known

    def _bounded(self, cache: dict[_K, _V]) -> dict[_K, _V]:
        if len(cache) >= self._cached:
            cache.clear()
        return cache


def stable_hash(text: str) -> int:
    """Hash to 63 bits, the same in every process; never 0."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 or 1


def _prefix(text: str, kind: str) -> str:
    """Return the words before the first colon, comma or bracket; the whole text where they are too few.

    The route and the status of an HTTP exchange are not details: its prefix is its whole text.
    """
    found = _PREFIX.match(text)
    if found is None or kind.startswith("http") or len(_WORD.findall(_MASKS.sub(" ", found[0]))) < _MIN_PREFIX_WORDS:
        return text
    return found[0].strip()


def duration_of(message: str) -> float:
    """Return the seconds that a message says something took; nan where it names none."""
    match = _DURATION.search(message)
    if match is None:
        return nan
    if match["seconds"]:
        return float(match["seconds"])
    unit = match["unit"].lower()
    if unit.startswith(("ms", "mil")):
        return float(match["value"]) / 1000
    return float(match["value"]) * (60 if unit[0] == "m" else 1)
