"""Models: the rows that are stored."""
