"""What keys do: each controller changes the session and tells the view, and knows no terminal."""
