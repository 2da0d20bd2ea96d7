"""Tasks to test with."""
