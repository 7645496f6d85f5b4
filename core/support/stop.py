"""The signal that ends long work: `threading.Event` fits, and so does anything else with its `is_set`."""

from __future__ import annotations

from typing import Protocol


class StopSignal(Protocol):
    """Anything that can say that it is time to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...
