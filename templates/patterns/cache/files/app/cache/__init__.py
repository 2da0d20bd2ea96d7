"""Cached responses and values, in Redis or in the memory of the process."""
