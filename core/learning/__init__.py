"""What is usual on a site, learned from its own logs."""
