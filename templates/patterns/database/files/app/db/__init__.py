"""The database: engine, sessions, column types, and the base of models and repositories."""
