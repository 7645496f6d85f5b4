"""Lines to events: oslo.log in its many dresses, JSON lines, and records that take several lines."""

from __future__ import annotations

from core.parsing.grouping import Parser
from core.parsing.logs import merge_logs
from core.parsing.merge import EventStream, Merger

__all__ = ["EventStream", "Merger", "Parser", "merge_logs"]
