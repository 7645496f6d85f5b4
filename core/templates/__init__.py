"""A message's template: what stays of it when its variables are masked, and the numbers that were masked."""

from __future__ import annotations

from core.templates.template import MessageFacts, Template, Templater, stable_hash

__all__ = ["MessageFacts", "Template", "Templater", "stable_hash"]
