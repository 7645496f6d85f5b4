"""Garbage collection while modules and the model are loaded: what they make stays as long as the process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Collect nothing while the block imports modules: the collector would find nothing to free."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def freeze_loaded() -> None:
    """Take what is loaded by now out of every later collection, which would walk over all of it again and again."""
    gc.collect()
    gc.freeze()
