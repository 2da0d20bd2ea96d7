"""Answers that take their time, by themselves."""
