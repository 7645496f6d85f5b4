"""Events of the file system: they wake the reader early, and nothing depends on their coming."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

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
# An event costs about as much as reading a hundred lines: in a flood of them looking now and then is cheaper.
_FLOOD = 400


class Hints(FileSystemEventHandler):
    """Collects the paths of which something was heard, and sets `wake`.

    `followed` returns the followed path that a path stands for, itself or what links to it.
    """

    def __init__(self, wake: threading.Event, followed: Callable[[str], str | None]) -> None:
        self._wake = wake
        self._followed = followed
        self._heard: set[str] = set()
        self._hears_of_new = False
        self._count = 0
        self._observer: BaseObserver | None = None
        self._watches: dict[str, tuple[FileId, ObservedWatch]] = {}

    @property
    def are_on(self) -> bool:
        """Whether events can be heard at all."""
        return bool(self._watches)

    def listen(self, directories: Mapping[str, bool]) -> None:
        """Watch directories, with True what is below them too; anew where another took a directory's place.

        In a flood of events nothing is watched, until `listen` is called when the flood is over.
        """
        if self._count > _FLOOD:
            self.stop()
        self._count = 0
        # Where watches or instances run out there are no events, and the sweep does what there is to do.
        with suppress(OSError):
            if self._observer is None:
                # watchdog's own race, when a folder comes while its parent is being watched. It costs an event at most,
                # and said aloud it would end the thread where warnings are errors, or land in the middle of a screen.
                warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
                observer = Observer()
                observer.start()
                self._observer = observer
        for directory, is_recursive in directories.items():
            with suppress(OSError):
                self._watch(directory, is_recursive=is_recursive)

    def take(self) -> tuple[set[str], bool]:
        """Return the followed paths of which something was heard since the last call, and whether files came."""
        self._wake.clear()
        heard, self._heard = self._heard, set()
        new, self._hears_of_new = self._hears_of_new, False
        return heard, new

    def stop(self) -> None:
        """Watch nothing any more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
            self._watches.clear()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Note an event; called by the observer's thread."""
        self._count += 1
        paths = (os.fsdecode(path) for path in (event.src_path, event.dest_path) if path)
        heard = [path for path in map(self._followed, paths) if path is not None]
        self._heard.update(heard)
        if not isinstance(event, FileModifiedEvent):
            self._hears_of_new = True
        elif not heard:
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
