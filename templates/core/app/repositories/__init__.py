"""Repositories: named queries. They contain no business logic, and never commit."""
