"""What touches the terminal: driver, picture, clipboard, leaving."""
