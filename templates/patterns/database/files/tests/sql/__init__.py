"""The storage in a database, by itself."""
