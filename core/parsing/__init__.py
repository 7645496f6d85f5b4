"""Lines to events: oslo.log in its many wrappings, JSON lines, and records that take several lines."""

from __future__ import annotations

from core.parsing.grouping import Parsed, Parser
from core.parsing.logs import merge_logs
from core.parsing.merge import EventStream, Merger

__all__ = ["EventStream", "Merger", "Parsed", "Parser", "merge_logs"]
