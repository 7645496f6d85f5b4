"""How things look: text, rows, glyphs, layout, themes."""
