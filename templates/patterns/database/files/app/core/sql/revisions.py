"""Whether the tables are those that this code was written for."""

import re
from functools import cache

from sqlalchemy import column, select, table

from app.core.environment import PROJECT_ROOT
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.core.sql.errors import MIGRATE
from app.core.sql.transaction import Call

logger = get_logger(__name__)

VERSIONS = PROJECT_ROOT / "migrations" / "versions"
CURRENT = Call(select(column("version_num")).select_from(table("alembic_version")), {})
_REVISION = re.compile(r"^revision\b[^=]*= *[\"'](\w+)[\"']", re.MULTILINE)
_FOLLOWED = re.compile(r"^down_revision\b[^=]*= *(.+)", re.MULTILINE)


@cache
def known_revisions() -> frozenset[str]:
    """All revisions of the project; asking Alembic would take half of the time of a start."""
    texts = [path.read_text("utf-8") for path in VERSIONS.glob("*.py")]
    return frozenset(revision for text in texts for revision in _REVISION.findall(text))


@cache
def last_revisions() -> frozenset[str]:
    """Those that no other follows: one, unless branches are not joined yet."""
    texts = [path.read_text("utf-8") for path in VERSIONS.glob("*.py")]
    followed = " ".join(line for text in texts for line in _FOLLOWED.findall(text))
    return known_revisions() - frozenset(re.findall(r"\w+", followed))


def check_revision(found: frozenset[str]) -> None:
    """Compare what the database has; one that is ahead, as during a rollout, is fine.

    Raises:
        Unavailable: it is behind.
    """
    if last_revisions() - found and found <= known_revisions():
        logger.error("database_not_migrated", hint=MIGRATE)
        raise Unavailable("The database is not up to date.")
