"""What an event can be compared with, by short names."""

from core.events import Reference

NONE, STREAM, BASELINE = Reference

__all__ = ["BASELINE", "NONE", "STREAM", "Reference"]
