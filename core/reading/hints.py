"""File system events: they wake the reader early, and correctness does not depend on them."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from core.reading.identity import FileId, file_id

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

_KINDS: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirMovedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip
# An event costs about as much as reading a hundred lines: in a flood of them polling is cheaper.
_FLOOD: Final = 400


class Hints(FileSystemEventHandler):
    """Collects the followed paths with events, and sets `wake`.

    `followed_path` returns the followed path that a path stands for: itself, or the link to it.
    """

    def __init__(self, wake: threading.Event, followed_path: Callable[[str], str | None]) -> None:
        self._wake = wake
        self._followed_path = followed_path
        self._changed: set[str] = set()
        self._saw_new_files = False
        self._count = 0
        self._observer: BaseObserver | None = None
        self._watches: dict[str, tuple[FileId, ObservedWatch]] = {}

    @property
    def is_active(self) -> bool:
        """Whether any directory is watched."""
        return bool(self._watches)

    def watch(self, directories: Mapping[str, bool]) -> None:
        """Watch directories (True: with all below them); again where another directory has taken the path.

        In a flood of events nothing is watched until the next call after it.
        """
        if self._count > _FLOOD:
            self.stop()
        self._count = 0
        # Where watches or instances run out there are no events: the sweep finds every change.
        with suppress(OSError):
            if self._observer is None:
                # watchdog's own race, when a folder comes while its parent is being watched. It costs an event at most,
                # and as a warning it would end the thread where warnings are errors, or be printed over a screen.
                warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
                observer = Observer()
                observer.start()
                self._observer = observer
        for directory, is_recursive in directories.items():
            with suppress(OSError):
                self._watch(directory, is_recursive=is_recursive)

    def take(self) -> tuple[set[str], bool]:
        """Return the followed paths with events since the last call, and whether files were created or moved."""
        self._wake.clear()
        changed, self._changed = self._changed, set()
        new, self._saw_new_files = self._saw_new_files, False
        return changed, new

    def stop(self) -> None:
        """Stop watching."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
            self._watches.clear()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Record an event; called by the observer's thread."""
        self._count += 1
        paths = (os.fsdecode(path) for path in (event.src_path, event.dest_path) if path)
        changed = [path for path in map(self._followed_path, paths) if path is not None]
        self._changed.update(changed)
        if not isinstance(event, FileModifiedEvent):
            self._saw_new_files = True
        elif not changed:
            return
        self._wake.set()

    def _watch(self, directory: str, *, is_recursive: bool) -> None:
        identity = file_id(os.stat(directory))
        known = self._watches.get(directory)
        if (known is not None and known[0] == identity) or self._observer is None:
            return
        if known is not None:
            self._observer.unschedule(known[1])
        watch = self._observer.schedule(self, directory, recursive=is_recursive, event_filter=_KINDS)
        self._watches[directory] = identity, watch
