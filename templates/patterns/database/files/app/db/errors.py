"""Translates the errors of the database into errors of the service."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import AppError, BadRequest, Conflict, Unavailable
from app.core.logging import get_logger

logger = get_logger(__name__)

MIGRATE = "run `just migrate`, or `alembic upgrade head`"

# SQLSTATE of PostgreSQL, name of SQLite, number of MySQL and MariaDB.
UNIQUE = frozenset(["23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", 1062])
FOREIGN_KEY = frozenset(["23503", "SQLITE_CONSTRAINT_FOREIGNKEY", 1216, 1217, 1451, 1452])
CHECK = frozenset(["23514", "23P01", "SQLITE_CONSTRAINT_CHECK", 3819, 4025])
NUL_IN_TEXT = frozenset(["22021"])
"""Schemas refuse it, but a path can have it too."""
REFUSALS = {
    UNIQUE: (Conflict, "Another row has this value already."),
    FOREIGN_KEY: (Conflict, "Foreign-key conflict."),
    CHECK: (Conflict, "A check constraint is violated."),
    NUL_IN_TEXT: (BadRequest, "Text must not contain NUL characters."),
}
READ_ONLY = frozenset(["25006", 1290])
"""In the pool for writes, the server has become a standby; in that for reads, it is a bug."""
TRANSACTION_CONFLICT = {"40001", "40P01", 1213}
INVALIDATED_PLAN = "InvalidCachedStatementError"
"""asyncpg raises it when a migration has changed a table under a prepared statement."""
NOT_MIGRATED = {"42P01", "42703", 1054, 1146}
UNAVAILABLE = {
    "08003",  # the connection was lost while it was opened
    "53100",  # the disk is full
    "53300",  # too many connections
    "55P03",  # lock timeout
    "57014",  # statement timeout
    "57P01",  # the server shuts down
    "57P02",
    "57P03",  # the server starts
    "SQLITE_BUSY",
    "SQLITE_BUSY_SNAPSHOT",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    1021,  # the disk is full
    1040,  # too many connections
    1205,  # lock timeout
    1969,  # statement timeout
    2006,  # the server has gone away
    2013,  # the connection was lost
}


class TransactionConflict(Unavailable):
    """A concurrent transaction won. This one is rolled back, and the request can be retried."""


@contextmanager
def translate_db_errors(
    *, disconnected: type[Unavailable] = TransactionConflict
) -> Generator[None]:
    """Raise an `AppError` for an error of the database, unless the error is a bug.

    Args:
        disconnected: raised when the connection was lost. Before the commit the request can be
            retried; during the commit the outcome is unknown.

    Raises:
        BadRequest: PostgreSQL cannot store a text.
        Conflict: a constraint is violated.
        TransactionConflict: a concurrent transaction won; this one can be retried.
        Unavailable: there is no answer, or not in time.
    """
    try:
        yield
    except (SQLAlchemyError, TimeoutError) as error:
        if (translation := _translated(error, disconnected)) is None:
            raise
        raise translation from error


def unavailable(error: Exception, kind: type[Unavailable] = Unavailable) -> Unavailable:
    """Log why the database cannot be used; the client is only told that it cannot."""
    logger.warning("database_unavailable", error=repr(getattr(error, "orig", error)))
    return kind("The database does not answer.")


def _translated(
    error: SQLAlchemyError | TimeoutError, disconnected: type[Unavailable]
) -> AppError | None:
    original = getattr(error, "orig", None)
    codes = error_codes(original)
    for known, (refusal, detail) in REFUSALS.items():
        if codes & known:
            return refusal(detail)
    is_stale = isinstance(error, StaleDataError) or INVALIDATED_PLAN in type(original).__name__
    if is_stale or codes & TRANSACTION_CONFLICT:
        detail = "A concurrent transaction changed the same rows, or their table."
        return TransactionConflict(detail)
    if codes & NOT_MIGRATED or "no such " in str(original):
        logger.error("database_not_migrated", hint=MIGRATE, error=repr(original))
        return Unavailable("The database is not up to date.")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return unavailable(error, disconnected)
    if codes & UNAVAILABLE or isinstance(error, TimeoutError | PoolTimeout):
        return unavailable(error)
    return None


def error_codes(original: object) -> set[Any]:
    """The codes that a driver attaches to an error."""
    found = [getattr(original, name, None) for name in ("sqlstate", "sqlite_errorname")]
    return {*found, *getattr(original, "args", ())[:1]} - {None}
