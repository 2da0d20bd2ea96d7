"""The migrations create the tables of the models, and can be undone."""

from app.db.revisions import scripts
from tests.db.fixtures import alembic


def test_they_create_the_tables_of_the_models() -> None:
    alembic("check")


def test_they_can_be_undone_and_repeated() -> None:
    alembic("downgrade", "base")
    alembic("upgrade", "heads")

    alembic("check")


def test_there_is_one_head() -> None:
    heads = scripts().get_heads()

    assert len(heads) <= 1, f"Two branches: run `alembic merge heads`, for {', '.join(heads)}."
