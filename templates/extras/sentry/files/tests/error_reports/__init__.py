"""Tests of the reports of errors."""
