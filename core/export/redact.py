"""Replaces secrets in log text; ids of requests, instances and projects stay."""

from __future__ import annotations

import re
from typing import Final

REDACTED: Final = "[redacted]"

# A longer name (`password_file`, `secret_uuid`, `token_expiration`) is not the name of a secret.
_SUFFIX: Final = r"(?: [_-]? (?: id | hash | key | value | string | data ) )?+"
_PASSWORD: Final = rf"""
    (?: pass (?: word | wd | phrase ) | admin_?pass | [_.-]pass | authorization | session_?id
      | (?: api | access | auth | private | signing | encryption ) _?key ) {_SUFFIX}"""
_TOKEN: Final = rf"(?: token | secret | credential s?+ ) {_SUFFIX}"

_NOTHING: Final = r"""
    (?: None | null | true | false | \[redacted\] | \*{3,} | <[^<>\s]*> ) (?= [\s,;&)\]}\\"'] | \Z )
    | [{\[(] (?= [\s\\"'}\])] | u' | \Z )"""
_BARE: Final = r"""(?: (?! [,;)\]}]{1,9} (?: \s | \Z ) ) [^\s&"'] )+"""
_SCHEME: Final = r"(?: (?: Basic | Bearer | Digest | Negotiate ) \s+ )?"


def _assigned(name: str, sign: str, bare: str) -> str:
    """Return the pattern of `name sign value`, as in options, headers, JSON, Python's repr, and JSON within JSON."""
    return rf"""
        ( {name} \\*+ ["']?+ \s*+ {sign} \s*+ (?: [bu] (?= ["'] ) )?+ )
        (?! \\*+ ["']?+ (?: {_NOTHING} ) )
        (?: (?P<quote> " ) (?: [^"\\\n] | \\. )*+ "? | (?P<single> ' ) (?: [^'\\\n] | \\. )*+ '?
          | (?P<escaped> \\+ ["'] ) (?: (?! (?P=escaped) ) . )*+ (?P=escaped)?
          | {bare} )"""


# Every repetition is bounded, possessive, or ends where the next match could begin: matching takes linear time in a
# hostile line of a megabyte too.
_RULES: Final = tuple(
    (trigger, re.compile(pattern, re.VERBOSE | re.IGNORECASE))
    for triggers, pattern in (
        (
            "-----begin",
            r"() -----BEGIN\ [A-Z ]*PRIVATE\ KEY----- (?s:.*?) (?: -----END\ [A-Z ]*PRIVATE\ KEY----- | \Z )",
        ),
        # The password of a URL reaches to the last @ before the path, so that one with an @ in it is covered.
        # One that a rule below has redacted, up to where that rule ends a value, is left alone.
        ("://", r"( :// [^\s/:@]* : ) (?! \[redacted\] [&\"'] ) [^\s/]+ (?= @ )"),
        ("pass authorization session key", _assigned(_PASSWORD, "(?: => | : | = (?! > ) )", _SCHEME + _BARE)),
        ("token secret credential", _assigned(_TOKEN, "(?: => | = (?! > ) )", _BARE)),
        # `token: not found` is prose: what follows a colon must look like a token.
        ("token secret credential", _assigned(_TOKEN, ":", rf"(?= \S{{0,99}}\d ) (?= \S{{8}} ) {_BARE}")),
        ("--", rf"( --[a-z-]{{0,40}} (?: password | secret | token ) \s++ ) (?! - | {_NOTHING} ) {_BARE}"),
        ("bearer", r"( \b Bearer \s++ ) [\w.~+/=-]{16,}"),
        # Fernet, JSON web and PKI tokens, AWS and Ceph keys are recognised by their prefixes.
        ("gaaaa", r"() \b (?-i:gAAAA) [\w=-]{16,}"),
        ("eyj", r"() (?<! [\w-] ) (?-i:eyJ) [\w-]{8,} \. [\w-]{8,} (?: \. [\w-]* )?"),
        ("mii", r"() \b (?-i:MII) [\w+/=-]{97,}"),
        ("akia asia", r"() \b (?-i: (?:AKIA|ASIA) [0-9A-Z]{16} ) \b"),
        ("aq", r"() \b (?-i:AQ) [\w+/]{36} =="),
    )
    for trigger in triggers.split()
)
"""A lower case text without the trigger of a rule cannot match the rule; the search for it is cheap."""


def redact(text: str) -> str:
    """Return the text with every secret of a known form replaced."""
    lower = text.lower()
    for trigger, pattern in _RULES:
        if trigger in lower:
            text = pattern.sub(_replacement, text)
    return text


def _replacement(match: re.Match[str]) -> str:
    groups = match.groupdict()
    quote = groups.get("quote") or groups.get("single") or groups.get("escaped") or ""
    return f"{match[1]}{quote}{REDACTED}{quote}"
