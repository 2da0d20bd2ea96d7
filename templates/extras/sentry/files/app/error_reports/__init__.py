"""Reports of unexpected errors."""
