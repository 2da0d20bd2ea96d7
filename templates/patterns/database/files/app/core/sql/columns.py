"""Types of columns that hold, compare and sort the same on every server."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Integer, Numeric, String, Text, column
from sqlalchemy import Enum as OneOf
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

Id = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits; SQLite counts up only what it calls an integer."""


def short_text(length: int) -> TypeEngine[str]:
    """Up to `length` characters, told apart and sorted by their code points, in no language."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return (
        String(length)
        .with_variant(String(length, collation="C"), "postgresql")
        .with_variant(binary, "mysql", "mariadb")
    )


def long_text() -> TypeEngine[str]:
    """Text of any length, told apart and sorted likewise."""
    binary = mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin")
    return (
        Text()
        .with_variant(Text(collation="C"), "postgresql")
        .with_variant(binary, "mysql", "mariadb")
    )


def choice(name: str, *choices: str | type[StrEnum]) -> OneOf:
    """One of a few words, or of an enumeration; `name` is that of the column."""
    return OneOf(
        *choices,  # type: ignore[arg-type]  # an enumeration is fine too
        name=name,
        length=64,
        native_enum=False,
        create_constraint=True,
        values_callable=list,
    )


def at_least(name: str, kind: TypeEngine[Any], lowest: float | str) -> CheckConstraint:
    """The column `name`, which is of `kind`, holds nothing below; a decimal is given as text."""
    return CheckConstraint(column(name, kind) >= lowest, name=f"{name}_min")


def at_most(name: str, kind: TypeEngine[Any], highest: float | str) -> CheckConstraint:
    """The column `name`, which is of `kind`, holds nothing above; a decimal is given as text."""
    return CheckConstraint(column(name, kind) <= highest, name=f"{name}_max")


class Exact(TypeDecorator[Decimal]):
    """A decimal number, exact everywhere.

    SQLite would keep a float: there it is the whole number of the smallest units, such as cents,
    which compares, sorts and adds up as it should.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.smallest = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(BigInteger() if is_sqlite else self.impl_instance)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        if value is None or dialect.name != "sqlite":
            return value
        return int((value / self.smallest).to_integral_value())

    def process_literal_param(self, value: Decimal | str | None, dialect: Dialect) -> str:
        return str(self.process_bind_param(Decimal(value or 0), dialect))

    def process_result_value(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        return value * self.smallest if isinstance(value, int) else value


class Timestamp(TypeDecorator[datetime]):
    """A moment, kept to the microsecond in UTC; it comes back with its time zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)
