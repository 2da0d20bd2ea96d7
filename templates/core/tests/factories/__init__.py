"""Good values to start from."""
