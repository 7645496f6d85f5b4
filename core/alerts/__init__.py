"""Alerts about episodes: to whom, what, and how often."""
