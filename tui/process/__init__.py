"""What touches the process: signals, garbage collection, resource use."""
