"""Themes and glyphs."""

from __future__ import annotations

from tui.look.glyphs import ASCII, UNICODE
from tui.look.themes import NO_COLOUR, PALETTES, THEMES


def test_every_theme_has_a_palette_and_none_relies_on_colour_alone() -> None:
    assert {theme.name for theme in THEMES} == set(PALETTES)
    assert NO_COLOUR.flagged.reverse
    assert all(palette.flagged.bold for palette in PALETTES.values())


def test_the_terminals_own_theme_uses_its_sixteen_colours() -> None:
    palette = PALETTES["terminal"]
    for name in palette.__slots__:
        style = getattr(palette, name)
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_default or (colour.number is not None and colour.number < 16)


def test_plain_glyphs_are_ascii_and_take_one_cell() -> None:
    assert all(str(getattr(ASCII, name)).isascii() for name in ASCII.__slots__)
    assert len(ASCII.bars) == len(UNICODE.bars) == 9
