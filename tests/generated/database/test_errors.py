"""What the servers say, each in its own words, is told in ours."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import AppError, Conflict, TryAgain, Unavailable
from app.core.sql.errors import in_our_words


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
        (PostgreSQL("40001"), TryAgain),
        (PostgreSQL("40P01"), TryAgain),
        (MySQL(1213), TryAgain),
        (PostgreSQL("53300"), Unavailable),
        (PostgreSQL("57014"), Unavailable),
        (SQLite("SQLITE_BUSY"), Unavailable),
        (MySQL(1205), Unavailable),
        (PostgreSQL("42P01"), Unavailable),
        (SQLite("SQLITE_ERROR", "no such table: notes"), Unavailable),
        (MySQL(1146), Unavailable),
    ],
)
def test_in_our_words(said: Exception, expected: type[AppError]) -> None:
    with pytest.raises(AppError) as failure, in_our_words():
        raise OperationalError("SELECT", {}, said)

    assert type(failure.value) is expected
    assert "said by" not in failure.value.detail


@pytest.mark.parametrize("error", [PoolTimeout(), TimeoutError()])
def test_no_time_left(error: Exception) -> None:
    with pytest.raises(Unavailable), in_our_words():
        raise error


def test_a_connection_that_was_cut() -> None:
    with pytest.raises(Unavailable), in_our_words():
        raise DBAPIError("SELECT", {}, Exception("gone"), connection_invalidated=True)


def test_what_is_missing_is_a_mistake_of_the_program() -> None:
    with pytest.raises(IntegrityError), in_our_words():
        raise IntegrityError("INSERT", {}, PostgreSQL("23502"))
