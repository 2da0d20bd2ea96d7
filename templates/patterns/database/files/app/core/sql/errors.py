"""What a database complains about, in the words of the service."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import AppError, Conflict, TryAgain, Unavailable
from app.core.logging import get_logger

logger = get_logger(__name__)

MIGRATE = "run `just migrate`, or `alembic upgrade head`"

# SQLSTATE of PostgreSQL, name of SQLite, number of MySQL and MariaDB.
UNIQUE = frozenset(["23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", 1062])
REFERENCE = frozenset(["23503", "SQLITE_CONSTRAINT_FOREIGNKEY", 1216, 1217, 1451, 1452])
RULE = frozenset(["23514", "23P01", "SQLITE_CONSTRAINT_CHECK", 3819, 4025])
CONFLICTS = {
    UNIQUE: "There is one with the same value already.",
    REFERENCE: "It belongs to something that does not exist, or others belong to it.",
    RULE: "It would break a rule of what is stored.",
}
LOST = {"40001", "40P01", 1213}
NO_TABLE = {"42P01", "42703", 1054, 1146}
SILENT = {
    "53300",  # too many connections
    "55P03",  # a lock was not to be had in time
    "57014",  # the statement took too long
    "57P01",  # the server stops
    "57P02",
    "57P03",  # the server starts
    "SQLITE_BUSY",
    "SQLITE_BUSY_SNAPSHOT",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    1040,  # too many connections
    1205,  # a lock was not to be had in time
    1969,  # the statement took too long
    2006,  # the server has gone away
    2013,  # the connection was lost
}


@contextmanager
def in_our_words() -> Generator[None]:
    """Raise an `AppError` for what a database says, if it is not a mistake of the program.

    Raises:
        Conflict: the row clashes with others.
        TryAgain: another transaction won, this one is undone.
        Unavailable: there is no answer, or not in time.
    """
    try:
        yield
    except (SQLAlchemyError, TimeoutError) as error:
        if (translation := _translated(error)) is None:
            raise
        raise translation from error


def no_connection(error: Exception) -> Unavailable:
    """Whatever kept us from connecting, the client can only come back."""
    logger.warning("database_unavailable", error=repr(getattr(error, "orig", error)))
    return Unavailable("The database does not answer.")


def _translated(error: SQLAlchemyError | TimeoutError) -> AppError | None:
    codes = _codes(error)
    for known, detail in CONFLICTS.items():
        if codes & known:
            return Conflict(detail)
    if codes & LOST:
        return TryAgain("Others changed the same rows at the same time.")
    if codes & NO_TABLE or "no such " in str(getattr(error, "orig", "")):
        logger.error("database_not_migrated", hint=MIGRATE, error=repr(getattr(error, "orig", "")))
        return Unavailable("The database is not up to date.")
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_cut or codes & SILENT or isinstance(error, TimeoutError | PoolTimeout):
        return no_connection(error)
    return None


def _codes(error: BaseException) -> set[Any]:
    """All that a driver says about the kind of an error."""
    original = getattr(error, "orig", None)
    said = [getattr(original, name, None) for name in ("sqlstate", "sqlite_errorname")]
    return {*said, *getattr(original, "args", ())[:1]} - {None}
