"""Learning the baseline of a deployment from its own logs."""
