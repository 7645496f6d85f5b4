"""The running stream, and the scoring of whole files."""
