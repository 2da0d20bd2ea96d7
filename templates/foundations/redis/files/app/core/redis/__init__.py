"""The one owner of the connections to Redis."""
