"""The database: migrations, sessions, and examples of queries."""
