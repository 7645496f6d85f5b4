"""The table of events: only visible rows are drawn, and each only once as long as it looks the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from rich.style import Style
from textual import events
from textual.cache import FIFOCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.events import LogEvent, ScoredEvent
from tui.look.glyphs import Glyphs
from tui.look.layout import layout
from tui.look.rows import Look, Place, draw_row
from tui.look.themes import Palette
from tui.session.session import Session

WHEEL_ROWS: Final = 3

STRIPS_KEPT: Final = 500
"""Rows that need not be drawn again: some screens of them. Those forgotten leave nothing to the garbage collector."""


class EventTable(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows of the session's view, with a cursor that follows the end until it is moved up.

    The cursor is the id of a row, so that it stays on its event whatever comes or goes.
    """

    class CursorMoved(Message):
        """The cursor stands on another row, or follows or no longer does."""

    class Restyled(Message):
        """Columns may be of other widths than before."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(self, session: Session, palette: Palette, glyphs: Glyphs, columns: Collection[str]) -> None:
        super().__init__(id="events")
        self._columns = columns
        self._session = session
        self._strips: FIFOCache[tuple[int, Place], Strip] = FIFOCache(STRIPS_KEPT)
        self._widest_service = 0
        self._look = Look(layout(80, 0, columns), palette, glyphs, session.threshold)
        self._ground = Style.null()
        self.cursor = -1
        """Id of the row of the cursor, -1 in an empty table."""
        self.following = True

    @property
    def look(self) -> Look:
        """How rows are drawn."""
        return self._look

    def restyle(self, palette: Palette | None = None) -> None:
        """Draw everything anew after a change of width, threshold, pattern or palette."""
        look = self._look
        self._look = replace(
            look,
            layout=layout(self._width, self._widest_service, self._columns),
            palette=palette or look.palette,
            threshold=self._session.threshold,
            pattern=self._session.pattern,
        )
        self._strips.clear()
        self.refresh()
        if self._look.layout != look.layout:
            self.post_message(self.Restyled())

    @property
    def _width(self) -> int:
        """Cells of a row: what the scroll bar leaves."""
        return self.scrollable_content_region.width

    def touch(self, row_ids: frozenset[int]) -> None:
        """Draw anew where one of these rows, whose events got more lines, is to be seen."""
        view, top = self._session.view, self.scroll_offset.y
        visible = range(top, min(top + self.size.height, len(view)))
        if row_ids and any(view.row_id(index) in row_ids for index in visible):
            self.refresh()

    def sync(self) -> None:
        """Show what the view holds now."""
        view = self._session.view
        lost = self._session.catch_up()
        count = len(view)
        if not self.following and lost:
            self._jump_to(self.scroll_offset.y - lost)
        size, before = Size(self._width, count), self.virtual_size
        if size != before:
            self.virtual_size = size
        if not count:
            self.cursor = -1
            return
        if self._widen_service():
            self.restyle()
        if self.following:
            newest = view.row_id(count - 1)
            if newest != self.cursor or size != before:
                self.cursor = newest
                self._jump_to(count - self.size.height)
                self.refresh()
        elif not view.shows(self.cursor):
            self.cursor = view.row_id(view.index(self.cursor))
            self.refresh()
        elif lost or (size != before and before.height < self.scroll_offset.y + self.size.height):
            self.refresh()

    def rebuild(self) -> None:
        """Show a view that was asked anew, with the cursor where it was or as near as can be."""
        view = self._session.view
        self._strips.clear()
        self.virtual_size = Size(self._width, len(view))
        if self.following or self.cursor < 0:
            self.cursor = -1
            self.sync()
        elif len(view):
            self.move_to(self.cursor, center=True)
        self.refresh()

    def _widen_service(self) -> bool:
        """Keep the widest service among the newest rows; the column only ever grows."""
        view, session = self._session.view, self._session
        newest = range(max(len(view) - 200, 0), len(view))
        rows = (session.row(view.row_id(index)) for index in newest)
        widest = max((len(row.event.service) for row in rows if isinstance(row, ScoredEvent)), default=0)
        if widest <= self._widest_service:
            return False
        self._widest_service = widest
        return True

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self.cursor = -1
        self.sync()
        self.post_message(self.CursorMoved())

    def release(self) -> None:
        """Stay where the cursor is, whatever comes."""
        if self.following:
            self.following = False
            self.refresh()
            self.post_message(self.CursorMoved())

    def move(self, rows: int) -> None:
        """Move the cursor; moving on from the last row follows."""
        view = self._session.view
        if not len(view):
            return
        index = view.index(self.cursor)
        if rows > 0 and index == len(view) - 1:
            if not self.following:
                self.follow()
            return
        self._set_cursor(max(min(index + rows, len(view) - 1), 0))

    def move_page(self, pages: float) -> None:
        """Move the cursor by a share of what is visible."""
        self.move(round(pages * max(self.size.height - 1, 1)) or (1 if pages > 0 else -1))

    def move_to(self, row_id: int, *, center: bool = False) -> None:
        """Put the cursor on this row, or the next one that is shown."""
        if len(self._session.view):
            self._set_cursor(self._session.view.index(row_id), center=center)

    def move_to_top(self) -> None:
        """Put the cursor on the first row."""
        if len(self._session.view):
            self._set_cursor(0)

    def shift(self, cells: int) -> None:
        """Scroll messages sideways."""
        shift = max(self._look.shift + cells, 0)
        if shift != self._look.shift:
            self._look = replace(self._look, shift=shift)
            self._strips.clear()
            self.refresh()

    @property
    def last_visible(self) -> int:
        """Id of the lowest row on the screen, -1 in an empty table; the cursor's where something covers the table."""
        view = self._session.view
        if not len(view) or not self.size.height:
            return self.cursor
        return view.row_id(min(self.scroll_offset.y + self.size.height, len(view)) - 1)

    def _set_cursor(self, index: int, *, center: bool = False) -> None:
        self.cursor = self._session.view.row_id(index)
        self.following = False
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if not top <= index < top + height:
            nearest = index if index < top else index - height + 1
            self._jump_to(index - height // 2 if center else nearest)
        self.refresh()
        self.post_message(self.CursorMoved())

    def _jump_to(self, top: int) -> None:
        self.scroll_to(y=max(top, 0), animate=False, force=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what is visible, on a ground that is worked out once and not for each row."""
        self._ground = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        index = self.scroll_offset.y + y
        view = self._session.view
        if index >= len(view):
            return Strip.blank(self.size.width, self._ground)
        row_id = view.row_id(index)
        place = self._place(row_id)
        strip = self._strips.get((row_id, place))
        if strip is None:
            strip = self._draw(row_id, place)
            self._strips[row_id, place] = strip
        return strip

    def _draw(self, row_id: int, place: Place) -> Strip:
        history = self._session.history
        row = history.row_of(row_id)
        if row is None:
            return Strip.blank(self.size.width)
        what = history[row]
        width = self._look.layout.trail
        trail = history.trail(what.event.source, width, row).tolist() if isinstance(what, ScoredEvent) and width else []
        return draw_row(what, trail, self._look, place).apply_style(self._ground)

    def _place(self, row_id: int) -> Place:
        session = self._session
        row = session.history.row_of(row_id)
        return Place(
            cursor=row_id == self.cursor and not self.following,
            marked=row_id in session.marks,
            flag=session.flag(row_id),
            related=self._is_related(row_id),
            context=session.is_context(row_id),
            late_lines=0 if row is None else session.history.late_count(row),
        )

    def _is_related(self, row_id: int) -> bool:
        if self.following or row_id == self.cursor:
            return False
        row, here = self._session.row(row_id), self._session.row(self.cursor)
        return isinstance(row, ScoredEvent) and isinstance(here, ScoredEvent) and same_thread(row.event, here.event)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew and keep the cursor in sight."""
        self.restyle()
        self.virtual_size = Size(self._width, len(self._session.view))
        if self.following:
            self._jump_to(len(self._session.view) - event.size.height)
        elif self.cursor >= 0:
            self.scroll_to_region(Region(0, self._session.view.index(self.cursor), 1, 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse; a double click asks why."""
        index = self.scroll_offset.y + event.y
        if index < len(self._session.view):
            self._set_cursor(index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down; at the end, follow."""
        event.prevent_default().stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up, which no longer follows."""
        event.prevent_default().stop()
        self.scroll_rows(-WHEEL_ROWS)

    def on_scroll_to(self) -> None:
        """Take the cursor along when the scroll bar is dragged."""
        self.call_after_refresh(self.scroll_rows, 0)

    def scroll_rows(self, rows: int) -> None:
        """Scroll, and take the cursor along where it would leave the screen; scrolling past the end follows."""
        height, count = max(self.size.height, 1), len(self._session.view)
        top = self.scroll_offset.y + rows
        if rows > 0 and top > count - height:
            self.follow()
        elif count:
            self._jump_to(top)
            lowest = min(max(top, 0) + height, count) - 1
            self._set_cursor(min(max(self._session.view.index(self.cursor), top, 0), lowest))


def same_thread(event: LogEvent, other: LogEvent) -> bool:
    """Tell whether two events are of the same request or the same instance."""
    if event.request_id and event.request_id == other.request_id:
        return True
    return bool(event.instance_id) and event.instance_id == other.instance_id
