"""Masks what varies in a message: ids, addresses, numbers, names, payloads.

Masking is idempotent, and what stays is what makes the message's identity: its words, its exception class, whether an
exit code is zero, the class of an HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MAX_MESSAGE: Final = 4_000
"""Characters of a message that are looked at."""

MAX_TEMPLATE: Final = 400
"""Characters that a template may have."""

_DEBUG_SUFFIX: Final = re.compile(r" \S+ /\S+\.py[co]?:\d+$")
_OPENING: Final = re.compile(r"[\[{]")
_PAIRS: Final = {"[": "]", "{": "}"}
_PAYLOAD: Final = re.compile(r"[,='\":<>]|^\s*$")
_KEPT_BRACKETS: Final = re.compile(r"\[(?:Errno \d+|instance: [^\]\[]*|\d+)\]")
_WITHIN_WORD: Final = re.compile(r"\w[A-Za-z]$|[ac-tv-zA-Z]$")
_DOMAINS: Final = "localdomain|local|internal|novalocal|lan|com|org|net|io|edu|cloud|example|test|invalid"
_ALPHANUMERIC_WORDS: Final = (
    "aarch64 amd64 base64 bz2 db2 ec2 el7 ext2 ext3 ext4 http2 i18n ipv4 ipv6 iso8601 iso9660 l2 l3 l4 l7 md5 ml2 "
    "oauth1 oauth2 py2 py3 python2 python3 qcow2 s3 saml2 sha1 sha256 sha512 tls1 utf8 v1 v2 v3 v4 x509 x86 x86_64"
)

_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _keep_class(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}xx"


def _keep_zero(match: re.Match[str]) -> str:
    return f"{match[1]}{'0' if match[2] == '0' else '<nonzero>'}"


_LITERALS: Final[tuple[_Rule, ...]] = (
    (re.compile(r"\\x0d$|\\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\[?\d\d/[A-Z][a-z]{2}/\d{4}[ :]\d\d:\d\d:\d\d(?: [+-]\d{4})?\]?"), "<time>"),
    (re.compile(r"<(?:[\w.]+\.)?(\w+)(?: object)? at 0x[0-9a-fA-F]+>"), r"<\1>"),
    (re.compile(r"\b[a-z][a-z+]*://[^\s'\",<>()\[\]{}|]+"), "<url>"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w"), "<email>"),
    (re.compile(r"((?i:\bstatus(?: code)?:? |\bcode:? |\bHTTP:? |\bRESP: \[))([1-5])\d\d\b"), _keep_class),
    (re.compile(r"((?i:\bexit code:? |\bexit status:? ))(-?\d+)\b"), _keep_zero),
)

_VARIABLES: Final[tuple[_Rule, ...]] = (
    (re.compile(r"(?<![\w<])[ub]?'[^']*'(?!\w)|(?<![\w<])[ub]?\"[^\"]*\"(?!\w)"), "<str>"),
    (re.compile(r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"), "<mac>"),
    (re.compile(r"\b(?:req-)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/\d+)?(?![\w.]*\d)"), "<ip>"),
    (
        re.compile(
            r"(?<![\w:.])\[?(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4})?(?:::?[0-9a-fA-F]{1,4})*\]?(?:/\d+)?(?![\w:])"
        ),
        "<ip>",
    ),
    (re.compile(r"(?<![\w:])::1?(?:/\d+)?(?![\w:])"), "<ip>"),
    (re.compile(r"(?<![\w>.])/[\w.+@:%~#=-]+(?:/[\w.+@:%~#=<>-]*)*(?<![.:,])|(?<![\w>.])/(?=[\s)\],;:]|$)"), "<path>"),
    (
        re.compile(
            r"\b(?:tap|qvo|qvb|qbr|qr|qg|sg|ha|fg|rfp|fpr|fip|snat|brq|qrouter|qdhcp|qlbaas|patch|o-hm)-?"
            r"(?:[0-9a-f]{8}-[0-9a-f]{1,3}\b|<uuid>)|\b(?:vnet|eth|ens|eno|enp|bond|veth|loop|dm-)\d+\w*\b|\b[shv]d[a-z]\d*\b"
        ),
        "<device>",
    ),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?:[\w:.]+=[^\s,]*,\s*){3,}[\w:.]+=[^\s,)]*"), "<fields>"),
    (re.compile(r"([A-Za-z_][\w:.]*=)(?![=<\s])[^\s,;)\]]+"), r"\1<value>"),
    (re.compile(r"([A-Za-z_][\w:.]*=)(?=[,;)\]]|\s|$)"), r"\1<value>"),
    (
        re.compile(
            r"\b((?:user|project|domain|role|tenant|group): )(?![A-Z]\w*(?:Error|Exception|Timeout)\b)[^\s,;:<]*[\w-]"
        ),
        r"\1<name>",
    ),
    (
        re.compile(
            r"\b((?:[Hh]ost|[Nn]ode|[Hh]ypervisor|[Hh]ostname):? )(?=[\w.-]*[\d.-]\w|localhost)[\w.-]*\w(?::[\w.-]*\w)?"
        ),
        r"\1<host>",
    ),
    (
        re.compile(rf"\b(on |for |from |to )(?:[a-z0-9-]+\.)+(?:{_DOMAINS})\b"),
        r"\1<host>",
    ),
    (re.compile(r"\bset\(\)|\b(?:frozen)?set\(<list>\)"), "<list>"),
    (re.compile(r"(?<![\w<])[-+]*\d(?:[\w.:+-]*\w)?%?"), "<n>"),
    (re.compile(rf"\b(?!(?i:{_ALPHANUMERIC_WORDS.replace(' ', '|')})\b)[A-Za-z_]*[A-Za-z_]\d\w*"), "<name>"),
    (re.compile(r"\s+"), " "),
)
"""In this order: each may rely on what those before it have masked."""


def strip_debug_suffix(message: str) -> str:
    """Drop the ` function /path/file.py:123` that oslo's DEBUG format appends."""
    return _DEBUG_SUFFIX.sub("", message)


def mask(message: str) -> str:
    """Give the message with its variables masked, at most `MAX_TEMPLATE` characters, printable where it is."""
    text = strip_debug_suffix(message[:MAX_MESSAGE])
    for pattern, replacement in _LITERALS:
        text = pattern.sub(replacement, text)
    text = _fold_payloads(text)
    for pattern, replacement in _VARIABLES:
        text = pattern.sub(replacement, text)
    return text.strip()[:MAX_TEMPLATE]


def _fold_payloads(text: str) -> str:
    """Replace every outermost dict and list; one that does not end (a cut message) is taken to the end."""
    out: list[str] = []
    position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        start = opening.start()
        end = _closing(text, start)
        inside = text[start + 1 : end - 1]
        out.append(text[position:start])
        if text[start] == "[" and (_KEPT_BRACKETS.fullmatch(text, start, end) or not _PAYLOAD.search(inside)):
            # words in brackets are part of the message: their variables are masked like all others
            out.append("[")
            position = start + 1
        else:
            out.append("<list>" if text[start] == "[" else "<dict>")
            position = end
    out.append(text[position:])
    return "".join(out)


def _closing(text: str, start: int) -> int:
    """Find the end of the bracket that opens at `start`; quotes hide brackets."""
    stack: list[str] = []
    quote = ""
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            if character == quote and text[index - 1] != "\\":
                quote = ""
        elif character in _PAIRS:
            stack.append(_PAIRS[character])
        elif character in "]}" and stack:
            if character == stack[-1]:
                stack.pop()
            if not stack:
                return index + 1
        elif character == '"' or (character == "'" and not _WITHIN_WORD.search(text, max(0, index - 2), index)):
            quote = character
    return len(text)
