"""What every drawing function needs to know, in one value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.look.glyphs import Glyphs
from tui.look.lines import Line, elide, wrap
from tui.look.text import fit_text, safe_text
from tui.look.themes import Palette


@dataclass(frozen=True, slots=True)
class Drawing:
    """Styles, glyphs, and the cells that a line may take."""

    palette: Palette
    glyphs: Glyphs
    width: int

    def resized(self, width: int) -> Drawing:
        """Return the same for lines of another width."""
        return replace(self, width=width)

    def safe(self, text: str) -> str:
        """Make text of unknown origin safe to print (see `safe_text`)."""
        return safe_text(text, self.glyphs)

    def fit(self, text: str, width: int) -> str:
        """Cut or pad text to exactly `width` cells; the ellipsis marks a cut."""
        return fit_text(text, width, self.glyphs.ellipsis)

    def elide(self, line: Line) -> Line:
        """Cut a line that is longer than the width."""
        return elide(line, self.width, self.glyphs.ellipsis)

    def wrap(self, text: str, indent: int = 0) -> list[str]:
        """Break text of unknown origin into lines that fit, `indent` cells shorter than the width."""
        return wrap(self.safe(text), self.width - indent)
