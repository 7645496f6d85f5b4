"""What keys do, by what they are about."""
