"""How the tables came to be; `alembic` runs them, `app/core/revisions.py` looks at them."""
