"""A page to try the service from a browser."""
