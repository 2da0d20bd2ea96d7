"""Tests of tasks over HTTP."""
