"""Generates layered FastAPI projects, and extends them."""

__version__ = "0.1.0"
