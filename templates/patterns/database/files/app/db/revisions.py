"""Checks that the tables are those that this code was written for."""

from functools import cache
from logging import WARNING, getLogger
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync
from sqlalchemy import String, column, table

from app.core.environment import PROJECT_ROOT
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.db.errors import MIGRATE

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

logger = get_logger(__name__)

MIGRATIONS = PROJECT_ROOT / "migrations"
VERSION_TABLE = table("alembic_version", column("version_num", String()))


@cache
def scripts() -> "ScriptDirectory":
    """The revisions of the project, as Alembic reads them."""
    getLogger("alembic.runtime.plugins").setLevel(WARNING)  # else a line for each, at the import
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # takes long to import

    return ScriptDirectory(str(MIGRATIONS))


async def check_revision(found: frozenset[str]) -> None:
    """Compare the revisions of the database with those of the project.

    A database that is ahead, as during a rollout, is fine.

    Raises:
        Unavailable: it is behind.
    """
    if await run_sync(_is_behind, found):
        logger.error("database_not_migrated", hint=MIGRATE)
        raise Unavailable("The database is not up to date.")


def _is_behind(found: frozenset[str]) -> bool:
    known = {script.revision for script in scripts().walk_revisions()}
    return bool(found <= known and {*scripts().get_heads()} - found)
