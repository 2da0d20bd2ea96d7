"""Writes the text of a revision around its statements."""

from collections.abc import Sequence

from fastgen.migrations.revisions import Revision


def revision_text(
    title: str,
    imports: str,
    revision: Revision,
    *,
    upgrade: Sequence[str],
    downgrade: Sequence[str],
) -> str:
    """The source of a revision; `upgrade` and `downgrade` are lines of the functions' bodies."""
    identifiers = revision.literals()
    return "\n".join(
        [
            f'"""{title}"""',
            "",
            imports,
            "",
            f'revision = "{identifiers["revision"]}"',
            f"down_revision = {identifiers['down_revision']}",
            "",
            "",
            "def upgrade() -> None:",
            *upgrade,
            "",
            "",
            "def downgrade() -> None:",
            *downgrade,
            "",
        ]
    )
