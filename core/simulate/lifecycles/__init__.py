"""What the services of a cloud do, step by step."""
