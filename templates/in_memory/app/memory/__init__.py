"""Rows in the memory of the process: they are gone after a restart."""
