"""Add tasks."""

from alembic import op
from sqlalchemy import JSON, Column, Double, Index, Integer

from app.db.columns import Choice, Id, Timestamp, short_text

revision = "d41b7c05e96a"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tasks",
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("task_id", short_text(32), nullable=False, unique=True),
        Column("name", short_text(100), nullable=False),
        Column("args", JSON, nullable=False),
        Column("owner_id", Id),
        Column("key", short_text(64), unique=True),
        Column("traceparent", short_text(55)),
        Column("job_id", short_text(64)),
        Column("due_at", Timestamp),
        Column(
            "status",
            Choice("queued", "running", "succeeded", "failed", "dead", name="status"),
            nullable=False,
        ),
        Column("progress", Double, nullable=False),
        Column("result", JSON),
        Column("error", short_text(500)),
        Column("attempts", Integer, nullable=False),
        Column("crashes", Integer, nullable=False),
        Column("finished_at", Timestamp),
        Index("ix_tasks_status", "status", "id"),
        Index("ix_tasks_due_at", "due_at"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("tasks")
