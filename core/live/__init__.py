"""The running stream: delivery, commit, restart after a failure."""
