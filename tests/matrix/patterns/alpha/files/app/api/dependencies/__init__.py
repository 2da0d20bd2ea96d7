"""Dependencies of the patterns, a module each."""
