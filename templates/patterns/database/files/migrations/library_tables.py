"""Tables that belong to libraries; autogenerate ignores them."""

PREFIXES: tuple[str, ...] = ()
