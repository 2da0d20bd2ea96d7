"""Rooms: who is in them, and what is said."""
