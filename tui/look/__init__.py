"""How things are drawn: text, lines, rows, columns, glyphs, themes."""
