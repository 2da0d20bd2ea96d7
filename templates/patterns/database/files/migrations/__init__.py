"""Alembic revisions; `app/db/revisions.py` compares them with those of a database."""
