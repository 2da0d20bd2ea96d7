"""The errors of each server become errors of the service."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import AppError, BadRequest, Conflict, Unavailable
from app.db.errors import TransactionConflict, translate_db_errors


class PostgreSQL(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("said by PostgreSQL")
        self.sqlstate = sqlstate


class SQLite(Exception):
    def __init__(self, name: str, message: str = "said by SQLite") -> None:
        super().__init__(message)
        self.sqlite_errorname = name


class MySQL(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(number, "said by MySQL")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (PostgreSQL("23505"), Conflict),
        (PostgreSQL("23503"), Conflict),
        (PostgreSQL("23P01"), Conflict),
        (SQLite("SQLITE_CONSTRAINT_UNIQUE"), Conflict),
        (SQLite("SQLITE_CONSTRAINT_FOREIGNKEY"), Conflict),
        (MySQL(1062), Conflict),
        (MySQL(1452), Conflict),
        (MySQL(4025), Conflict),
        (PostgreSQL("22021"), BadRequest),
        (PostgreSQL("40001"), TransactionConflict),
        (PostgreSQL("40P01"), TransactionConflict),
        (MySQL(1213), TransactionConflict),
        (PostgreSQL("08003"), Unavailable),
        (PostgreSQL("53100"), Unavailable),
        (PostgreSQL("53300"), Unavailable),
        (PostgreSQL("57014"), Unavailable),
        (SQLite("SQLITE_BUSY"), Unavailable),
        (MySQL(1021), Unavailable),
        (MySQL(1205), Unavailable),
        (PostgreSQL("42P01"), Unavailable),
        (SQLite("SQLITE_ERROR", "no such table: notes"), Unavailable),
        (MySQL(1146), Unavailable),
    ],
)
def test_translation(said: Exception, expected: type[AppError]) -> None:
    with pytest.raises(AppError) as failure, translate_db_errors():
        raise OperationalError("SELECT", {}, said)

    assert type(failure.value) is expected
    assert "said by" not in failure.value.detail


@pytest.mark.parametrize("error", [PoolTimeout(), TimeoutError()])
def test_timeouts(error: Exception) -> None:
    with pytest.raises(Unavailable), translate_db_errors():
        raise error


@pytest.mark.parametrize("kind", [TransactionConflict, Unavailable])
def test_a_lost_connection(kind: type[Unavailable]) -> None:
    with pytest.raises(Unavailable) as failure, translate_db_errors(disconnected=kind):
        raise DBAPIError("SELECT", {}, Exception("gone"), connection_invalidated=True)

    assert type(failure.value) is kind


def test_a_bug_is_not_translated() -> None:
    with pytest.raises(IntegrityError), translate_db_errors():
        raise IntegrityError("INSERT", {}, PostgreSQL("23502"))
