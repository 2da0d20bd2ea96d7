"""Rooms, by themselves."""
