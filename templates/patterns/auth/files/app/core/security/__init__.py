"""Who is calling: tokens, passwords, keys, and limits on guessing. It knows no resource."""
