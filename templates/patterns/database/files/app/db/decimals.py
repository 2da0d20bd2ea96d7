"""Decimal numbers that are exact in SQL on every server.

PostgreSQL, MySQL and MariaDB have decimals. SQLite has floats, which represent 15 significant
digits. There, computed values are rounded to 15 digits: they equal the float of the exact value.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import REAL, BinaryExpression, ColumnElement, Numeric, Update, func, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Number = Decimal | float | int | str
DIGITS = 15
DIGITS_OF_AVERAGES = 12
"""Older releases of SQLite add floats without a correction of their errors."""

ARITHMETIC = frozenset(
    [operators.add, operators.sub, operators.mul, operators.truediv, operators.floordiv]
)


class Exact(TypeDecorator[Decimal]):
    """A decimal number with up to 15 digits, `scale` of them after the point.

    Without arguments it is the type of computed values, whose scale depends on the values.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int | None = None, scale: int | None = None) -> None:
        if (precision or 0) > DIGITS:
            raise ValueError(f"SQLite holds {DIGITS} digits: use Numeric where that is too few")
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def __repr__(self) -> str:
        return f"Exact({self.precision}, {self.scale})"

    class Comparator(TypeDecorator.Comparator[Decimal]):
        """Computed values have another scale than the column."""

        def operate(
            self, op: OperatorType, *other: object, **options: object
        ) -> ColumnElement[Any]:
            return _computed(op, super().operate(op, *other, **options))

        def reverse_operate(
            self, op: OperatorType, other: object, **options: object
        ) -> ColumnElement[Any]:
            return _computed(op, super().reverse_operate(op, other, **options))

    comparator_factory = Comparator

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[Any]:
        return Exact()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(REAL() if is_sqlite else Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Number | None, dialect: Dialect) -> Decimal | float | None:
        if value is None:
            return None
        number = Decimal(repr(value) if isinstance(value, float) else value)
        number = number or Decimal(0)  # a zero can have an exponent that servers refuse
        if self.scale is not None:
            number = _quantized(number, self.scale)
        return float(number) if dialect.name == "sqlite" else number

    def process_result_value(
        self, value: Decimal | float | None, dialect: Dialect
    ) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        number = Decimal(f"{value:.{DIGITS}g}")
        return number if self.scale is None else _quantized(number, self.scale)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], Decimal | None] | None:
        if dialect.name == "postgresql":  # its values are decimals
            return self.impl_instance.result_processor(dialect, coltype)
        return super().result_processor(dialect, coltype)


def _quantized(number: Decimal, scale: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)  # as PostgreSQL does


def _computed(op: OperatorType, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    if op is operators.mod:
        raise NotImplementedError("SQLite has no remainder of decimals")
    return type_coerce(expression, Exact()) if op in ARITHMETIC else expression


class avg(functions.GenericFunction[Any]):  # noqa: N801  # it is written like a function of SQL
    """The average, which is a decimal for decimals."""

    inherit_cache = True

    def __init__(self, argument: ColumnElement[Any], **options: Any) -> None:  # noqa: ANN401
        if isinstance(argument.type, Exact):
            options.setdefault("type_", Exact())
        super().__init__(argument, **options)


class abs(functions.ReturnTypeFromArgs[Any]):  # noqa: A001, N801
    inherit_cache = True


class round(functions.ReturnTypeFromArgs[Any]):  # noqa: A001, N801
    inherit_cache = True


@compiles(BinaryExpression, "sqlite")
def _binary(
    element: BinaryExpression[Any],
    compiler: SQLCompiler,
    **options: Any,  # noqa: ANN401
) -> str:
    text: str = compiler.visit_binary(element, **options)  # type: ignore[no-untyped-call]
    is_number = isinstance(element.type, Exact) and element.operator in ARITHMETIC
    return f"decimal_digits({text}, {DIGITS})" if is_number else text


@compiles(functions.sum, "sqlite")
def _sum(element: functions.sum[Any], compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    text = compiler.visit_function(element, **options)
    if not isinstance(element.type, Exact):
        return text
    if element.type.scale is None:
        return f"decimal_digits({text}, {DIGITS})"
    return f"decimal_round({text}, {element.type.scale})"


@compiles(avg, "sqlite")
def _avg(element: avg, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    text = compiler.visit_function(element, **options)
    is_decimal = isinstance(element.type, Exact)
    return f"decimal_digits({text}, {DIGITS_OF_AVERAGES})" if is_decimal else text


@compiles(round, "sqlite")
def _round(element: round, compiler: SQLCompiler, **options: object) -> str:
    name = "decimal_round" if isinstance(element.type, Exact) else "round"
    return f"{name}({compiler.process(element.clauses, **options)})"


@compiles(Update, "sqlite")
def _update(statement: Update, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    """Round computed values to the scale of the column that they are assigned to."""
    assigned: dict[Any, Any] = dict(statement._values or {})  # noqa: SLF001  # it has no getter
    computed = {
        column: func.round(value, column.type.scale)
        for column, value in assigned.items()
        if isinstance(getattr(column, "type", None), Exact)
        and isinstance(getattr(value, "type", None), Exact)
        and value.type.scale is None
    }
    return compiler.visit_update(statement.values(computed) if computed else statement, **options)


def register_functions(connection: DBAPIConnection) -> None:
    """Define the functions of the expressions above on a connection to SQLite."""
    connection.create_function("decimal_digits", 2, _to_digits, deterministic=True)
    connection.create_function("decimal_round", -1, _to_scale, deterministic=True)


def _to_digits(value: float | None, digits: int) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")


def _to_scale(value: float | None, scale: int = 0) -> float | None:
    return None if value is None else float(_quantized(Decimal(f"{value:.{DIGITS}g}"), scale))
