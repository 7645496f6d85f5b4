"""What leaves the process: JSON lines, the document of flagged events, redaction."""
