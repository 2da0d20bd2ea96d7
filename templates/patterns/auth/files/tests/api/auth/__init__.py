"""Authentication over HTTP."""
