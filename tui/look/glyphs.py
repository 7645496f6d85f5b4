"""The few signs that are not letters, and plain ones for a locale that cannot print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; each takes one cell."""

    flagged: str
    muted: str
    mark: str
    cursor: str
    related: str
    notice: str
    ellipsis: str
    following: str
    held: str
    arrow: str
    separator: str
    rule: str
    bars: str
    """Nine fillings of a cell, empty to full."""
    only_ascii: bool = False


UNICODE: Final = Glyphs(
    flagged="◆",
    muted="◇",
    mark="✦",
    cursor="›",
    related="│",
    notice="─",
    ellipsis="…",
    following="●",
    held="○",
    arrow="→",
    separator="·",
    rule="╌",
    bars=" ▁▂▃▄▅▆▇█",
)

ASCII: Final = Glyphs(
    flagged="!",
    muted="x",
    mark="*",
    cursor=">",
    related="|",
    notice="-",
    ellipsis="~",
    following="*",
    held="o",
    arrow=">",
    separator="|",
    rule="-",
    bars=" _.-:=+*#",
    only_ascii=True,
)


def glyphs_for(environ: Mapping[str, str]) -> Glyphs:
    """Choose the signs that locale and terminal can print; an unset locale is taken for UTF-8, as Python does."""
    if environ.get("TERM") == "linux":
        # The font of the console has 256 signs, the bars not among them.
        return ASCII
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "UTF-8"
    return UNICODE if "UTF8" in locale.upper().replace("-", "") else ASCII
