"""The revisions that a merge appends, or deletes, for tables that have changed."""

import re
from pathlib import Path

import pytest

from fastgen.changes import Plan
from fastgen.errors import Refused
from fastgen.migrations.revisions import FOLDER
from fastgen.planning.plan_revisions import plan_revisions

USERS = 'op.create_table("users", Column("id", Id, primary_key=True))'
ITEMS = 'op.create_table("items", Column("id", Id, primary_key=True), {})'
OWNER = 'Column("owner_id", Id, ForeignKey("users.id"), nullable=False)'
IMPORTS = (
    "from alembic import op\n"
    "from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint\n"
    "from app.db.columns import Choice, Id, at_least, long_text, short_text\n"
)
FILLS = {("items", "owner_id"): "1"}


def revisions(*statements: str) -> dict[str, bytes]:
    """A revision for each statement."""
    files = {}
    for number, statement in enumerate(statements, 1):
        before = f'"{number - 1}"' if number > 1 else None
        files[f"{FOLDER}/{number}_x.py"] = (
            f'"""Some."""\n\n{IMPORTS}\nrevision = "{number}"\ndown_revision = {before}\n\n\n'
            f"def upgrade() -> None:\n    {statement}\n"
        ).encode()
    return files


def put(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def upgrade(plan: Plan) -> str:
    """The body of `upgrade` in the one revision that a plan writes."""
    (change,) = plan.changes
    return (change.text or "").partition("def upgrade")[2].partition("def downgrade")[0]


def changed(root: Path, before: str, after: str, *own: str) -> str:
    """What is appended if `items` gets the columns `after` instead of `before`."""
    base, theirs = revisions(ITEMS.format(before)), revisions(ITEMS.format(after))
    put(root, revisions(ITEMS.format(before), *own))
    return upgrade(plan_revisions(root, base, theirs, FILLS))


@pytest.mark.parametrize("is_edited", [False, True])
def test_all_revisions_of_a_change_are_deleted_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_edited: bool
) -> None:
    monkeypatch.setattr("fastgen.planning.plan_revisions.may_be_applied", lambda *_: False)
    with_users, without = revisions(USERS, ITEMS.format(OWNER)), revisions(ITEMS.format(""))
    put(tmp_path, with_users)
    made = plan_revisions(tmp_path, with_users, without, FILLS)
    put(tmp_path, {each.path: (each.text or "").encode() for each in made.changes})
    first, last = (each.path for each in made.changes)  # the column goes, then the table
    if is_edited:
        text = (tmp_path / first).read_text()
        own = "    op.execute('DELETE FROM items')\n"
        (tmp_path / first).write_text(text.replace("-> None:\n", f"-> None:\n{own}", 1))

    again = plan_revisions(tmp_path, without, with_users, FILLS).changes

    if is_edited:
        assert ["add_column" in (each.text or "") for each in again] == [False, True]
    else:
        assert [(each.path, each.text) for each in again] == [(first, None), (last, None)]


@pytest.mark.parametrize(
    ("before", "after", "statements"),
    [
        ("Column('a', Id)", "Column('a', Id, unique=True)", ["create_unique_constraint"]),
        (
            "Column('a', Id)",
            "Column('a', Id), Column('b', Id, unique=True)",
            ["add_column", "create_unique_constraint"],
        ),
        ("Column('a', Id, unique=True)", "Column('a', Id)", ["drop_constraint"]),
        ("Column('a', Id)", "Column('a', Id, index=True)", ["create_index"]),
        ("Column('a', Id, index=True)", "Column('a', Id)", ["drop_index"]),
        (
            "Column('a', Id, ForeignKey('users.id'))",
            "Column('a', Id, ForeignKey('teams.id', ondelete='CASCADE'))",
            ["drop_constraint", "create_foreign_key"],
        ),
        (
            "Column('a', Choice('x', 'y', name='a'))",
            "Column('a', Choice('x', 'z', name='a'))",
            ["drop_constraint", "create_check_constraint"],
        ),
        (
            "Column('a', Choice('x', name='a'))",
            "Column('a', short_text(80))",
            ["drop_constraint", "alter_column"],
        ),
        (
            "Column('a', Id), at_least('a', Id(), 0)",
            "Column('a', Id), at_least('a', Id(), 1)",
            ["drop_constraint", "create_check_constraint"],
        ),
        (
            "Column('a', Id), Index('ix_a', 'a')",
            "Column('a', Id), Index('ix_a', 'a', 'id')",
            ["drop_index", "create_index"],
        ),
        (
            "Column('a', Id), UniqueConstraint('a')",
            "Column('a', Id), UniqueConstraint('a', 'id')",
            ["create_unique_constraint", "drop_constraint"],
        ),
    ],
)
def test_changed_constraints(
    tmp_path: Path, before: str, after: str, statements: list[str]
) -> None:
    text = changed(tmp_path, before, after)

    assert re.findall(r"(?:op|batch)\.((?!f\b|batch)\w+)\(", text) == statements


def test_a_column_goes_that_no_value_would_fit(tmp_path: Path) -> None:
    day = "Column('a', Id), Column('day', Date, nullable=False, unique=True)"

    text = changed(tmp_path, day, "Column('a', Id)")

    assert "drop_column('day')" in text.replace('"', "'")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("Column('a', Id)", "Column('a', Id, primary_key=True)", "primary_key=True"),
        ("Column('a', Id)", "Column('a', Id), comment='x'", "comment='x'"),
        ("Column('a', Id)", "Column('a', Id), ExcludeConstraint('a')", "ExcludeConstraint"),
        ("Column('a', Choice(x))", "Column('a', Choice(y))", "words of the column `a`"),
    ],
)
def test_changes_that_are_not_known_are_refused(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    with pytest.raises(Refused, match=re.escape(words)):
        changed(tmp_path, before, after)


def test_existing_parts_are_not_created_again(tmp_path: Path) -> None:
    text = changed(
        tmp_path,
        "Column('a', Id)",
        "Column('a', Id, unique=True), Column('b', Id), Column('c', Id), Index('ix_c', 'c')",
        "op.add_column('items', Column('b', Id))",
        "op.create_unique_constraint('uq_items_a', 'items', ['a'])",
    )

    assert "'b'" not in text.replace('"', "'")
    assert "uq_items_a" not in text
    assert "ix_c" in text
