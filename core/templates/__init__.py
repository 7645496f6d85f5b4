"""Message to template: the message with its variables masked, and the numbers among them."""

from __future__ import annotations

from core.templates.template import MessageFacts, Template, Templater, stable_hash

__all__ = ["MessageFacts", "Template", "Templater", "stable_hash"]
