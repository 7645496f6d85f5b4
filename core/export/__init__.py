"""Output for other programs and people: JSON lines, the document of flagged events, redaction."""
