"""The characters that are not letters, and ASCII ones for a terminal that cannot print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of characters; each takes one cell."""

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
    """Nine fill levels of a cell, from empty to full."""
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
    """Choose the glyphs that locale and terminal can print; an unset locale counts as UTF-8, as in Python."""
    if environ.get("TERM") == "linux":
        # The console's font has 256 glyphs, and the bars are not among them.
        return ASCII
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "UTF-8"
    return UNICODE if "UTF8" in locale.upper().replace("-", "") else ASCII
