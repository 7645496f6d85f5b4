"""What writes to the terminal: driver, the cells it shows, clipboard."""
