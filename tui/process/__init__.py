"""What touches the process: garbage collection, signals, exit, resource use. Nothing else in `tui` does."""
