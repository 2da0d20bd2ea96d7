"""Channels, by themselves."""
