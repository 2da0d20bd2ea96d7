"""How often a client may call, and who is a client."""
