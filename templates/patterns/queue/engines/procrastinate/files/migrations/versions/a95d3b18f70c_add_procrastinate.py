"""Add the schema of procrastinate."""

from alembic import op

from migrations import library_tables

revision = "a95d3b18f70c"
down_revision = "d41b7c05e96a"


def upgrade() -> None:
    library_tables.install()


def downgrade() -> None:
    library_tables.remove()
    # Workers enqueue unfinished tasks without a job again.
    op.execute("UPDATE tasks SET job_id = NULL")
