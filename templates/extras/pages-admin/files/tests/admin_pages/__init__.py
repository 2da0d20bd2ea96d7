"""Tests of the pages for admins."""
