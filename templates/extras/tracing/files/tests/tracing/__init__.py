"""Tests of the traces."""
