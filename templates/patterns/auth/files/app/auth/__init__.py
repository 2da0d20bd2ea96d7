"""Authentication: users, sessions, tokens, API keys and scopes."""
