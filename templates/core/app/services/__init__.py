"""Business logic. Services do not import HTTP."""
