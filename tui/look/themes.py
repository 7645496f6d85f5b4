"""Five themes: the terminal's own 16 colours, dark, light, high contrast, and one for colour blindness.

A `Palette` names styles by what they mean. Colour is never the only sign.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from rich.style import Style
from textual.theme import Theme

DEFAULT_THEME: Final = "terminal"


@dataclass(frozen=True, slots=True)
class Palette:
    """The style of each kind of text."""

    text: Style
    faint: Style
    """Times, column names and other secondary text."""
    accent: Style
    heading: Style
    severe: Style
    warning: Style
    verbose: Style
    """Levels below INFO."""
    score: Style
    flagged: Style
    """The score of a flagged event."""
    flagged_row: Style
    """Background of the row of a flagged event."""
    flagged_mark: Style
    """Its glyph, and its bar in a graph."""
    cursor: Style
    """The row under the cursor."""
    match: Style
    related: Style
    good: Style

    def level(self, level: str) -> Style:
        """Return the style of an event's text, by its level."""
        if level in {"ERROR", "CRITICAL"}:
            return self.severe
        if level == "WARNING":
            return self.warning
        return self.verbose if level in {"DEBUG", "TRACE"} else self.text


def _palette(**styles: str) -> Palette:
    return Palette(**{field.name: Style.parse(styles[field.name]) for field in fields(Palette)})


PALETTES: Final = {
    "terminal": _palette(
        text="default",
        faint="dim",
        accent="cyan",
        heading="bold",
        severe="red",
        warning="yellow",
        verbose="dim",
        score="default",
        flagged="bold bright_white on red",
        flagged_row="none",
        flagged_mark="bold red",
        cursor="reverse",
        match="black on yellow",
        related="magenta",
        good="green",
    ),
    "dark": _palette(
        text="#c8d0da",
        faint="#6e7a89",
        accent="#7fb4d8",
        heading="bold #e6ebf1",
        severe="#f2847c",
        warning="#dfb56c",
        verbose="#6e7a89",
        score="#9aa6b4",
        flagged="bold #ffffff on #b3363b",
        flagged_row="on #2b1a1f",
        flagged_mark="bold #f2666a",
        cursor="on #2a3442",
        match="#15181d on #e3c46b",
        related="#c39ae0",
        good="#86c08a",
    ),
    "light": _palette(
        text="#2a2f36",
        faint="#737d89",
        accent="#1f6391",
        heading="bold #14181d",
        severe="#b3261e",
        warning="#8a5700",
        verbose="#737d89",
        score="#4d5762",
        flagged="bold #ffffff on #b3261e",
        flagged_row="on #fbe6e4",
        flagged_mark="bold #b3261e",
        cursor="on #d5e2ee",
        match="#14181d on #ffd75e",
        related="#7a3ea8",
        good="#2f7a35",
    ),
    "contrast": _palette(
        text="#ffffff",
        faint="#c8c8c8",
        accent="#00ffff",
        heading="bold #ffffff",
        severe="bold #ff6b6b",
        warning="bold #ffff00",
        verbose="#c8c8c8",
        score="#ffffff",
        flagged="bold #000000 on #ff6b6b",
        flagged_row="on #400000",
        flagged_mark="bold #ff6b6b",
        cursor="bold on #0000a8",
        match="bold #000000 on #ffff00",
        related="bold #ff8cff",
        good="bold #00ff66",
    ),
    "colourblind": _palette(
        text="#d0d4d9",
        faint="#7c8794",
        accent="#56b4e9",
        heading="bold #f0f3f6",
        severe="#e0793c",
        warning="#f0e442",
        verbose="#7c8794",
        score="#a3adb8",
        flagged="bold #ffffff on #0072b2",
        flagged_row="on #10273a",
        flagged_mark="bold #56b4e9",
        cursor="on #3a3d45",
        match="#101418 on #e69f00",
        related="#cc79a7",
        good="#2fb896",
    ),
}

NO_COLOUR: Final = _palette(
    text="none",
    faint="dim",
    accent="none",
    heading="bold",
    severe="bold",
    warning="none",
    verbose="dim",
    score="none",
    flagged="bold reverse",
    flagged_row="none",
    flagged_mark="bold",
    cursor="reverse",
    match="underline",
    related="bold",
    good="none",
)
"""For NO_COLOR: attributes only."""

_TERMINAL: Final = Theme(
    name="terminal",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_cyan",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)


def _theme(name: str, *, dark: bool, background: str, panel: str, border: str) -> Theme:
    palette = PALETTES[name]

    def colour(style: Style) -> str:
        assert style.color is not None
        return style.color.name

    return Theme(
        name=name,
        dark=dark,
        primary=colour(palette.accent),
        warning=colour(palette.warning),
        error=colour(palette.severe),
        success=colour(palette.good),
        accent=colour(palette.accent),
        foreground=colour(palette.text),
        background=background,
        surface=background,
        panel=panel,
        variables={
            "border": border,
            "border-blurred": border,
            "scrollbar": border,
            "scrollbar-hover": colour(palette.faint),
            "scrollbar-active": colour(palette.accent),
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
        },
    )


THEMES: Final = (
    _TERMINAL,
    _theme("dark", dark=True, background="#15181d", panel="#1c2128", border="#39424e"),
    _theme("light", dark=False, background="#fbfbfa", panel="#eef0f2", border="#c3cad2"),
    _theme("contrast", dark=True, background="#000000", panel="#000000", border="#ffffff"),
    _theme("colourblind", dark=True, background="#14171b", panel="#1b1f25", border="#3c444e"),
)
