"""The table of events: only visible rows are drawn, and a row is drawn again only when it looks different."""

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
from tui.look.columns import column_widths
from tui.look.drawing import Drawing
from tui.look.rows import RowState, RowStyle, draw_row
from tui.session.session import Session

WHEEL_ROWS: Final = 3

STRIPS_KEPT: Final = 500
"""Drawn rows that are cached: a few screens of them."""


class EventTable(ScrollView, can_focus=True, inherit_bindings=False):
    """The visible rows of the session, with a cursor that follows the end until it is moved up.

    The cursor is the id of a row, so it stays on its event when rows come and go.
    """

    class CursorMoved(Message):
        """The cursor is on another row, or began or ceased to follow."""

    class ColumnsChanged(Message):
        """The widths of the columns have changed."""

    class Chosen(Message):
        """A row was double-clicked."""

    def __init__(self, session: Session, drawing: Drawing, columns: Collection[str]) -> None:
        super().__init__(id="events")
        self._columns = columns
        self._session = session
        self._strips: FIFOCache[tuple[int, RowState], Strip] = FIFOCache(STRIPS_KEPT)
        self._widest_service = 0
        self._style = RowStyle(drawing, column_widths(80, 0, columns))
        self._base = Style.null()
        self.cursor = -1
        """Id of the row of the cursor, -1 in an empty table."""
        self.following = True

    @property
    def row_style(self) -> RowStyle:
        """How rows are drawn."""
        return self._style

    def restyle(self, drawing: Drawing | None = None) -> None:
        """Draw all rows again after a change of width, pattern or palette."""
        before = self._style
        self._style = replace(
            before,
            drawing=drawing or before.drawing,
            columns=column_widths(self._width, self._widest_service, self._columns),
            pattern=self._session.pattern,
        )
        self._strips.clear()
        self.refresh()
        if self._style.columns != before.columns:
            self.post_message(self.ColumnsChanged())

    @property
    def _width(self) -> int:
        """Cells of a row: all but the scroll bar."""
        return self.scrollable_content_region.width

    def refresh_rows(self, row_ids: frozenset[int]) -> None:
        """Draw again if one of these rows is visible: their events got more lines."""
        visible, top = self._session.visible, self.scroll_offset.y
        on_screen = range(top, min(top + self.size.height, len(visible)))
        if row_ids and any(visible.row_id(index) in row_ids for index in on_screen):
            self.refresh()

    def sync(self) -> None:
        """Show the rows that are visible now."""
        visible = self._session.visible
        lost = self._session.catch_up()
        count = len(visible)
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
            newest = visible.row_id(count - 1)
            if newest != self.cursor or size != before:
                self.cursor = newest
                self._jump_to(count - self.size.height)
                self.refresh()
        elif not visible.shows(self.cursor):
            self.cursor = visible.row_id(visible.index(self.cursor))
            self.refresh()
        elif lost or (size != before and before.height < self.scroll_offset.y + self.size.height):
            self.refresh()

    def rebuild(self) -> None:
        """Show a new selection of rows, with the cursor on the same row or the nearest one."""
        visible = self._session.visible
        self._strips.clear()
        self.virtual_size = Size(self._width, len(visible))
        if self.following or self.cursor < 0:
            self.cursor = -1
            self.sync()
        elif len(visible):
            self.move_to(self.cursor, center=True)
        self.refresh()

    def _widen_service(self) -> bool:
        """Widen the column of services for the newest rows and tell whether it grew; it never shrinks."""
        session, visible = self._session, self._session.visible
        newest = range(max(len(visible) - 200, 0), len(visible))
        rows = (session.row(visible.row_id(index)) for index in newest)
        widest = max((len(row.event.service) for row in rows if isinstance(row, ScoredEvent)), default=0)
        if widest <= self._widest_service:
            return False
        self._widest_service = widest
        return True

    def follow(self) -> None:
        """Go to the end, and stay there as rows come."""
        self.following = True
        self.cursor = -1
        self.sync()
        self.post_message(self.CursorMoved())

    def release(self) -> None:
        """Stop following."""
        if self.following:
            self.following = False
            self.refresh()
            self.post_message(self.CursorMoved())

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows; moving down from the last row follows."""
        visible = self._session.visible
        if not len(visible):
            return
        index = visible.index(self.cursor)
        if rows > 0 and index == len(visible) - 1:
            if not self.following:
                self.follow()
            return
        self._set_cursor(max(min(index + rows, len(visible) - 1), 0))

    def move_page(self, pages: float) -> None:
        """Move the cursor by so many pages."""
        self.move(round(pages * max(self.size.height - 1, 1)) or (1 if pages > 0 else -1))

    def move_to(self, row_id: int, *, center: bool = False) -> None:
        """Put the cursor on this row, or on the next visible one."""
        if len(self._session.visible):
            self._set_cursor(self._session.visible.index(row_id), center=center)

    def move_to_top(self) -> None:
        """Put the cursor on the first row."""
        if len(self._session.visible):
            self._set_cursor(0)

    def shift(self, cells: int) -> None:
        """Scroll messages sideways."""
        shift = max(self._style.shift + cells, 0)
        if shift != self._style.shift:
            self._style = replace(self._style, shift=shift)
            self._strips.clear()
            self.refresh()

    @property
    def last_visible(self) -> int:
        """Id of the lowest row on the screen; the cursor's when the table is empty or hidden."""
        visible = self._session.visible
        if not len(visible) or not self.size.height:
            return self.cursor
        return visible.row_id(min(self.scroll_offset.y + self.size.height, len(visible)) - 1)

    def _set_cursor(self, index: int, *, center: bool = False) -> None:
        self.cursor = self._session.visible.row_id(index)
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
        """Draw what is on the screen, with a base style that is computed once and not for each row."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        index = self.scroll_offset.y + y
        visible = self._session.visible
        if index >= len(visible):
            return Strip.blank(self.size.width, self._base)
        row_id = visible.row_id(index)
        state = self._state(row_id)
        strip = self._strips.get((row_id, state))
        if strip is None:
            strip = self._draw(row_id, state)
            self._strips[row_id, state] = strip
        return strip

    def _draw(self, row_id: int, state: RowState) -> Strip:
        history = self._session.history
        index = history.row_of(row_id)
        if index is None:
            return Strip.blank(self.size.width)
        row = history[index]
        width = self._style.columns.trail
        trail = history.trail(row.event.source, width, index).tolist() if isinstance(row, ScoredEvent) and width else []
        return draw_row(row, trail, self._style, state).apply_style(self._base)

    def _state(self, row_id: int) -> RowState:
        session = self._session
        row = session.history.row_of(row_id)
        return RowState(
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
        return isinstance(row, ScoredEvent) and isinstance(here, ScoredEvent) and is_related(row.event, here.event)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out the columns for the new width and keep the cursor on the screen."""
        self.restyle()
        self.virtual_size = Size(self._width, len(self._session.visible))
        if self.following:
            self._jump_to(len(self._session.visible) - event.size.height)
        elif self.cursor >= 0:
            self.scroll_to_region(Region(0, self._session.visible.index(self.cursor), 1, 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse; a double click opens the detail."""
        index = self.scroll_offset.y + event.y
        if index < len(self._session.visible):
            self._set_cursor(index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down; at the end, follow."""
        event.prevent_default().stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up, which stops following."""
        event.prevent_default().stop()
        self.scroll_rows(-WHEEL_ROWS)

    def on_scroll_to(self) -> None:
        """Move the cursor along when the scroll bar is dragged."""
        self.call_after_refresh(self.scroll_rows, 0)

    def scroll_rows(self, rows: int) -> None:
        """Scroll by so many rows, with the cursor where it would leave the screen; scrolling past the end follows."""
        height, count = max(self.size.height, 1), len(self._session.visible)
        top = self.scroll_offset.y + rows
        if rows > 0 and top > count - height:
            self.follow()
        elif count:
            self._jump_to(top)
            lowest = min(max(top, 0) + height, count) - 1
            self._set_cursor(min(max(self._session.visible.index(self.cursor), top, 0), lowest))


def is_related(event: LogEvent, other: LogEvent) -> bool:
    """Tell whether two events are of the same request or instance."""
    if event.request_id and event.request_id == other.request_id:
        return True
    return bool(event.instance_id) and event.instance_id == other.instance_id
