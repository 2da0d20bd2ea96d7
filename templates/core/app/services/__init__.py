"""Business logic. Services know no HTTP."""
