"""HTTP: routes, what they depend on, and nothing of the rules."""
