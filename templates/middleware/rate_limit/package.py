"""Rate limits: rules, callers and their setting."""
