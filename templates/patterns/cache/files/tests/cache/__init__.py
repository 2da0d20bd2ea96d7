"""Cached routes and values."""
