"""Answers that take their time: how many there may be, and when they end."""
