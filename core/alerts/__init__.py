"""Messages about episodes: who is told, what, and how often."""
