"""Tests of GraphQL."""
