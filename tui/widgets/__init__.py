"""The parts of the screen; each draws what the session holds and decides nothing itself."""
