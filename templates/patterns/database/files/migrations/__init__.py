"""How the tables came to be; `alembic` runs them, `app/core/sql/revisions.py` looks at them."""
