"""Masks what varies in a message: ids, addresses, numbers, names, payloads.

What stays identifies the message: its words, its exception class, whether an exit code is zero, the class of an HTTP
status. Masking is idempotent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.templates.tables import alternatives, entries

MAX_TEMPLATE: Final = 400
"""Characters that a template may have."""

_MAX_PASSES: Final = 8

EMPTY_TEMPLATE: Final = "<empty>"
"""The template of a message without text, e.g. one whose text begins on the next line."""

_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME: Final = r"\d\d?:\d\d:\d\d"
_HEX: Final = r"[0-9a-fA-F]"
_DOMAINS: Final = alternatives("host_domains")
_DEVICES: Final = alternatives("device_prefixes")
_WORDS_WITH_DIGITS: Final = frozenset(entries("words_with_digits"))
_STATES: Final = frozenset(entries("states"))
_COUNTED: Final = alternatives("counted_things")
_NOT_A_NAME: Final = alternatives("not_names")


def _keep_class(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}xx"


def _keep_zero(match: re.Match[str]) -> str:
    return f"{match[1]}{'<zero>' if match[2] == '0' else '<nonzero>'}"


def _keep_state(match: re.Match[str]) -> str:
    return f"'{match[1]}'" if match[1].lower() in _STATES else "<str>"


def _keep_none(match: re.Match[str]) -> str:
    return "<zero> " if not int(match[1]) else "<nonzero> "


def _keep_code(match: re.Match[str]) -> str:
    return match[0] if _CODE_BEFORE.search(match.string, 0, match.start()) else "<n>"


def _name(match: re.Match[str]) -> str:
    word = match[0]
    few_digits = sum(map(str.isdigit, word)) < 3
    return word if word.lower() in _WORDS_WITH_DIGITS or (few_digits and not word[-1].isdigit()) else "<name>"


def _rule(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> _Rule:
    return re.compile(pattern), replacement


_CODE_BEFORE: Final = re.compile(
    # (1213, 'Deadlock found'), errno: 28, error 1047, error code 1205, rc=1
    r"(?:(?i:\berrno[:= ]{1,2}|\bos error |\berror (?:code:? )?|\brc=)|Error\)? \()$"
)
"""What stands before a number that says which error it is."""

_WHOLE_MESSAGE: Final = (
    _rule(r" \S+ /\S+\.py[co]?:\d+$", ""),  # oslo's DEBUG format appends ` function /path/file.py:123`
    _rule(r"^RESP: \[([1-5])\d\d\] .*", r"RESP: [\1xx]"),
    _rule(r"^[\w.]+ += .*|^[\w.]+ +=$", "<option> = <value>"),
    _rule(r"\\x0d$|\\x1b\[[0-9;]*m", ""),
)
_BEFORE_PAYLOADS: Final = (
    _rule(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "<time>"),
    _rule(rf"\[?\d\d/{_MONTH}/\d{{4}}[ :]{_TIME}(?: [+-]\d{{4}})?\]?", "<time>"),
    _rule(rf"\b{_DAY},? (?:{_MONTH} +\d\d? {_TIME}|\d\d? {_MONTH}) \d{{4}}(?: {_TIME}(?: GMT)?)?", "<time>"),
    _rule(rf"(?<![\w:.]){_TIME}(?:\.\d+)?(?![\w:])", "<time>"),
    _rule(rf"<(?:[a-z-]+ )*(?:\w+\.)*(\w+)(?: object)? at 0x{_HEX}+>", r"<\1>"),
    _rule(r"\b[a-z][a-z+]*://[^\s'\",<>()\[\]{}|]+", "<url>"),
    _rule(r"\[(?=(?:[0-9a-fA-F]*:){2})[0-9a-fA-F:.]{2,45}(?:%\w+)?\](?::\d+)?(?![\w\]])", "<ip>"),
    _rule(r"(?<![\w.+-])([\w-]+)@[\w.:\\-]+\.(service|socket|timer|slice|mount|target|scope)\b", r"\1@<name>.\2"),
    _rule(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w", "<email>"),
    _rule(r"((?i:\bstatus(?: code)?:? |\bcode:? |\bHTTP:? |\bRESP: \[))([1-5])\d\d\b", _keep_class),
    _rule(r"\bSQLSTATE\[\w+\] \[(\d+)\]", r"SQLSTATE error \1"),
    _rule(r"((?i:\bexit code:? |\bexit status:? ))(-?\d+)\b", _keep_zero),
)
_AFTER_PAYLOADS: Final = (
    _rule(r"(?<![\w<])[ub]?'([\w -]{2,24})'(?!\w)", _keep_state),
    _rule(r"(?<![\w<])[ub]?\"([\w -]{2,24})\"(?!\w)", _keep_state),
    _rule(
        rf"(?<![\w<])[ub]?'(?!(?i:{'|'.join(sorted(_STATES, key=len, reverse=True))})')[^']*'(?!\w)"
        r"|(?<![\w<])[ub]?\"[^\"]*\"(?!\w)",
        "<str>",
    ),
    _rule(rf"\b(?:{_HEX}{{2}}:){{5}}{_HEX}{{2}}\b", "<mac>"),
    _rule(rf"\b(?:req-)?{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}\b", "<uuid>"),
    _rule(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/\d+)?(?!\.?\w)", "<ip>"),
    _rule(
        rf"(?<![\w:.])\[?(?:(?:{_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}|(?=[0-9a-fA-F:]*::)(?=:*{_HEX})(?:{_HEX}{{0,4}}:){{2,7}}"
        rf"{_HEX}{{0,4}})(?:\]:\d+|\])?(?:/\d+)?(?![\w:])",
        "<ip>",
    ),
    _rule(r"(?<![\w>.])/[\w.+@:%~#=-]+(?:/[\w.+@:%~#=<>-]*)*(?<![.:,])", "<path>"),
    _rule(r"(?<![\w<.-])[\w-]+\.(?:cfg|conf|img|ini|iso|json|log|py[co]?|qcow2|sh|sock|txt|xml|ya?ml)\b", "<path>"),
    _rule(
        rf"\b(?:{_DEVICES})-?(?:{_HEX}{{8}}-{_HEX}{{1,3}}\b|<uuid>)"
        r"|\b(?:vnet|eth|ens|eno|enp|enx|em|ib|wlan|bond|team|veth|loop|dm-|vlan|vxlan[-_]|gre[-_])\d+\w*(?:\.\d+)?\b"
        r"|\bp\d+p\d+(?:\.\d+)?\b|\b[shv]d[a-z]\d*\b",
        "<device>",
    ),
    _rule(rf"\b0x{_HEX}+\b", "<hex>"),
    _rule(rf"\b(?=[a-fA-F]*\d)(?=\d*[a-fA-F]){_HEX}{{8,}}\b", "<hex>"),
    _rule(r"(?<![\w:.])(?:[\w:.]++=[^\s,]*+,\s*+){3,}[\w:.]+=[^\s,)]*", "<fields>"),
    _rule(r"(?<![\w:.])(?!errno=|rc=)([A-Za-z_][\w:.]*=)(?:(?![=<])[^\s,;)\]]+|(?=[\s,;)\]]|$))", r"\1<value>"),
    _rule(
        r"\b((?:user|project|domain|role|tenant|group): )(?![A-Z]\w*(?:Error|Exception|Timeout)\b)[^\s,;:<]*[\w-]",
        r"\1<name>",
    ),
    _rule(
        r"\b((?:[Hh]ost(?:name)?|[Nn]ode|[Hh]ypervisor):? )(?=[\w.-]*[\d.-]\w|localhost)[\w.-]*\w(?::[\w.-]*\w)?",
        r"\1<host>",
    ),
    _rule(
        r"\b((?:on|for|from|to|of|with|by|at|in) (?:the )?(?:[Hh]ost|[Nn]ode|[Hh]ypervisor):? )"
        rf"(?!(?:{_NOT_A_NAME})\b)[a-z][\w.-]*\w\b",
        r"\1<host>",
    ),
    _rule(
        rf"\b((?:[Ss]tack|[Cc]luster|[Uu]ser) )(?!(?:{_NOT_A_NAME})\b)[a-z](?:[\w.-]*\w)?\b(?![:=(])",
        r"\1<name>",
    ),
    _rule(r"(?<![\w.@<-])[A-Za-z][\w.-]*@[A-Za-z][\w.-]*\w(?:#[\w.-]+)?(?!\w)", "<host>"),
    _rule(
        r"\b((?:on|to|from|at|server|via|with|broker|peer|endpoint|address) )[A-Za-z][\w.-]*:\d{2,5}\b(?!:)",
        r"\1<host>",
    ),
    _rule(rf"\b(on |for |from |to )(?:[a-z0-9-]+\.)+(?:{_DOMAINS})\b", r"\1<host>"),
    _rule(rf"(?<![\w<.:-])(\d+) (?=(?:{_COUNTED})(?!\w))", _keep_none),
    _rule(r"\bset\(\)|\b(?:frozen)?set\(<list>\)", "<list>"),
    _rule(r"(?<![\w<])(?<!Errno )[-+]{0,2}(?![1-5]xx\b)\d(?:[\w.:+-]*\w)?%?", _keep_code),
    _rule(r"(?<![\\\w<])[A-Za-z_]\w*\d\w*(?!>)", _name),
    _rule(r"(?<![\w.<-])[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*-<(?:n|name|hex)>(?:\.[A-Za-z]\w*)*", "<name>"),
    _rule(r"\[instance: (?!<)[^\]]*\]", "[instance: <name>]"),
    _rule(r"(<\w+>)(?:[ ,]+\1)+", r"\1"),
    _rule(r"\s+", " "),
)
"""In this order: a rule may rely on what the ones before it have masked."""

_ZEROED_WORDS: Final = "|".join(sorted({re.sub(r"\d", "0", word) for word in _WORDS_WITH_DIGITS}))
_DIGITS_MATTER: Final = re.compile(
    rf"(?i:\b(?:status|code|http|errno|error|rc)\b)[^\w<]{{0,3}}0|\b(?i:{_ZEROED_WORDS})(?!\w)"
    rf"|Error\)? \(0|SQLSTATE|(?<![\w<.:-])0+ (?:{_COUNTED})(?!\w)"
    r"|[A-Za-z_]00?[A-Za-z_]|\\x(?!0d$)(?:0|\w0)"
)

_OPENING: Final = re.compile(r"[\[{]")
_BRACKETS: Final = re.compile(r"[\[\]{}'\"]")
_CLOSES: Final = {"]": "[", "}": "{"}
_PAYLOAD: Final = re.compile(r"[,=\":<>{]|\B'|'\B|^\s*$")
_KEPT_BRACKETS: Final = re.compile(r"\[(?:Errno \d+|instance: [^\]\[]*|\d+)\]")


def mask(message: str) -> str:
    """Return the message with its variables masked, at most `MAX_TEMPLATE` characters; never empty."""
    text = _apply(_WHOLE_MESSAGE, message.strip())
    # One rule may match what another has left. Mostly the second pass finds nothing.
    for _ in range(_MAX_PASSES):
        masked = _apply(_AFTER_PAYLOADS, _fold_payloads(_apply(_BEFORE_PAYLOADS, text)))
        masked = masked.strip()[:MAX_TEMPLATE].rstrip() or EMPTY_TEMPLATE
        if masked == text:
            break
        text = masked
    return text


def digits_matter(message: str) -> bool:
    """Return whether messages that differ only in their digits (all 0 here) may have different templates."""
    return _DIGITS_MATTER.search(message) is not None


def _apply(rules: tuple[_Rule, ...], text: str) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _fold_payloads(text: str) -> str:
    """Replace every outermost dict and list; an unclosed one (in a cut message) reaches to the end."""
    if "[" not in text and "{" not in text:
        return text
    ends = _ends(text)
    out: list[str] = []
    position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        start = opening.start()
        end = ends.get(start, len(text))
        out.append(text[position:start])
        position = end
        if text[start] == "{":
            out.append("<dict>")
        elif start in ends and (
            _KEPT_BRACKETS.fullmatch(text, start, end) or not _PAYLOAD.search(text[start + 1 : end - 1])
        ):
            # Words in brackets are part of the message: their variables are masked like all others.
            out.append("[")
            position = start + 1
        else:
            out.append("<list>")
    out.append(text[position:])
    return "".join(out)


def _ends(text: str) -> dict[int, int]:
    """Map the start of each bracket to its end; inside brackets, quotes hide brackets."""
    ends: dict[int, int] = {}
    stack: list[int] = []
    quote = ""
    for match in _BRACKETS.finditer(text):
        at, character = match.start(), match[0]
        if quote:
            if character == quote and text[at - 1] != "\\":
                quote = ""
        elif character in "[{":
            stack.append(at)
        elif character in "]}":
            if stack and text[stack[-1]] == _CLOSES[character]:
                ends[stack.pop()] = at + 1
        elif stack and (character == '"' or not text[at - 1].isalpha() or not text[at - 2 : at - 1].isalpha()):
            # An apostrophe within a word opens no string; `u'` does.
            quote = character
    return ends
