"""Bytes to lines: following logs that are written, rotated and truncated meanwhile, and reading files once."""

from core.reading.batch import BATCH_LINES, ReadBatch, ReadItem
from core.reading.decoder import LineDecoder
from core.reading.files import last_written, read_file
from core.reading.follower import Follower, Start
from core.reading.thread import in_thread

__all__ = [
    "BATCH_LINES",
    "Follower",
    "LineDecoder",
    "ReadBatch",
    "ReadItem",
    "Start",
    "in_thread",
    "last_written",
    "read_file",
]
