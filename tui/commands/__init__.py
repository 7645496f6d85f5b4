"""The subcommands of `tailsight`, one module a group; what they run is imported when they run."""
