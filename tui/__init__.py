"""All that a person types or sees: the command line and the terminal app."""
