"""Decimal numbers that are exact in SQL on every server.

PostgreSQL, MySQL and MariaDB have decimals. SQLite has floats, which represent 15 significant
digits. There, computed values are rounded to 15 digits: they equal the float of the exact value.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from sqlalchemy import REAL, ColumnElement, Numeric, event
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnClause
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Number = Decimal | float | int | str
DIGITS = 15
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
        """Rounds computed values, and those that they are compared with."""

        def operate(
            self, op: OperatorType, *other: object, **options: object
        ) -> ColumnElement[Any]:
            if operators.is_comparison(op):
                if (expression := _rounded(self.expr)) is not self.expr:
                    return cast("ColumnElement[Any]", expression.operate(op, *other, **options))
                other = tuple(map(_rounded, other))
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
        return float(value) if dialect.name == "sqlite" else as_decimal(value)

    def process_result_value(
        self, value: Decimal | float | None, dialect: Dialect
    ) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return self.quantize(Decimal(f"{value:.{DIGITS}g}"))

    def quantize(self, value: Decimal) -> Decimal:
        """The value with `scale` digits after the point, rounded as PostgreSQL does."""
        if self.scale is None:
            return value
        return value.quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP)


def as_decimal(value: Number) -> Decimal:
    """The number as it is written: 0.1 is a tenth."""
    return Decimal(repr(value) if isinstance(value, float) else value)


class rounded(FunctionElement[Decimal]):  # noqa: N801  # it is written like a function of SQL
    """A computed value; on SQLite it is rounded to 15 significant digits."""

    type = Exact()
    inherit_cache = True


class remainder(FunctionElement[Decimal]):  # noqa: N801
    """The result of `%`, which on SQLite is one of whole numbers."""

    type = Exact()
    inherit_cache = True


@compiles(rounded)
@compiles(remainder)
def _in_parentheses(
    element: FunctionElement[Decimal], compiler: SQLCompiler, **options: object
) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(rounded, "sqlite")
def _round_float(element: rounded, compiler: SQLCompiler, **options: object) -> str:
    return f"rounded({compiler.process(element.clauses, **options)})"


@compiles(remainder, "sqlite")
def _refuse(element: remainder, compiler: SQLCompiler, **options: object) -> str:
    raise CompileError("SQLite cannot compute the remainder of decimals")


def _computed(op: OperatorType, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    if op is operators.mod:
        return remainder(expression)
    return rounded(expression) if op in ARITHMETIC else expression


def _rounded(operand: Any) -> Any:  # noqa: ANN401  # an operand is any value
    """A function of decimals, such as a sum, rounded; other operands as they are."""
    is_plain = isinstance(operand, ColumnClause | BindParameter | rounded)
    is_decimal = isinstance(getattr(operand, "type", None), Exact)
    return rounded(operand) if is_decimal and not is_plain else operand


class _NumberFunction(GenericFunction[Any]):
    """A function whose result is a decimal if its first argument is one."""

    inherit_cache = True
    _register = False

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        if arguments and isinstance(getattr(arguments[0], "type", None), Exact):
            options.setdefault("type_", Exact())
        super().__init__(*arguments, **options)


class abs_(_NumberFunction):  # noqa: N801
    name = identifier = "abs"


class avg(_NumberFunction):  # noqa: N801
    name = identifier = "avg"


class round_(_NumberFunction):  # noqa: N801
    name = identifier = "round"


def register_functions(connection: DBAPIConnection) -> None:
    """Define the functions that the expressions need on a connection to SQLite."""
    for name, arguments, function in (("rounded", 1, _to_digits), ("round", -1, _round)):
        connection.create_function(name, arguments, function, deterministic=True)


def _to_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _round(value: float | None, scale: int = 0) -> float | None:
    """Replaces SQLite's `round`: halves are rounded away from zero, in decimals."""
    if value is None:
        return None
    number = Decimal(f"{value:.{DIGITS}g}")
    return float(number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def quantize_attributes(base: type[DeclarativeBase]) -> None:
    """Let decimal attributes have the scale of their column as soon as they are set."""

    @event.listens_for(base, "attribute_instrument", propagate=True)
    def listen(model: type[Any], name: str, attribute: InstrumentedAttribute[Any]) -> None:
        column = getattr(getattr(attribute, "property", None), "columns", [None])[0]
        kind = getattr(column, "type", None)
        if isinstance(kind, Exact):
            event.listen(attribute, "set", _setter(kind), retval=True, propagate=True)


def _setter(kind: Exact) -> Callable[..., Any]:
    def quantize(_row: object, value: object, _old: object, _initiator: object) -> object:
        if isinstance(value, Decimal | float | int):
            return kind.quantize(as_decimal(value))
        return value

    return quantize
