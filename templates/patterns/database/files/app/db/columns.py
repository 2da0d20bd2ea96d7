"""Column types that store, compare and sort the same on every server."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Integer, String, Text, column
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.db.decimals import Exact

__all__ = ["Choice", "Exact", "Id", "Timestamp", "at_least", "at_most", "long_text", "short_text"]

Id = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits; SQLite generates values only for a column that is declared as INTEGER."""


def short_text(length: int) -> TypeEngine[str]:
    """Up to `length` characters, compared and sorted by code points."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return (
        String(length)
        .with_variant(String(length, collation="C"), "postgresql")
        .with_variant(binary, "mysql", "mariadb")
    )


def long_text() -> TypeEngine[str]:
    """Text of any length, compared and sorted by code points."""
    binary = mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin")
    return (
        Text()
        .with_variant(Text(collation="C"), "postgresql")
        .with_variant(binary, "mysql", "mariadb")
    )


class Choice(EnumType):
    """One of a few words, or a member of an enumeration, held by a check constraint.

    It is text on every server, so that adding a word is an ordinary migration.
    """

    def __init__(
        self,
        *choices: str | type[StrEnum],
        create_constraint: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> None:
        options = {"length": 64, "values_callable": _values} | options
        super().__init__(
            *choices,  # type: ignore[arg-type]  # an enumeration is fine too
            **options | {"native_enum": False, "create_constraint": create_constraint},
        )

    def __repr__(self) -> str:
        words = ", ".join(map(repr, self.enums))
        without = "" if self.create_constraint else ", create_constraint=False"
        return f"Choice({words}, name={self.name!r}{without})"


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


def at_least(name: str, kind: TypeEngine[Any], lowest: float | str) -> CheckConstraint:
    """A minimum for the column `name` of the type `kind`; that of a decimal is given as text."""
    return CheckConstraint(column(name, kind) >= lowest, name=f"{name}_min")


def at_most(name: str, kind: TypeEngine[Any], highest: float | str) -> CheckConstraint:
    """A maximum for the column `name` of the type `kind`; that of a decimal is given as text."""
    return CheckConstraint(column(name, kind) <= highest, name=f"{name}_max")


class Timestamp(TypeDecorator[datetime]):
    """A moment, stored in UTC to the microsecond; values have their time zone."""

    impl = DateTime
    cache_ok = True

    def __repr__(self) -> str:
        return "Timestamp()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        if dialect.name == "postgresql":  # its values have their time zone, but for infinity
            return _with_zone
        return super().result_processor(dialect, coltype)


def _with_zone(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
