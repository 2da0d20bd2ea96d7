"""What processes share, by itself."""
