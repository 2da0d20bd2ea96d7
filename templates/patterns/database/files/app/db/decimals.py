"""Decimal numbers that are exact in SQL on every server.

PostgreSQL, MySQL and MariaDB have decimals. SQLite has floats, which represent 15 significant
digits. There, computed values are rounded to 15 digits: they equal the float of the exact value.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from sqlalchemy import REAL, ColumnElement, Numeric, Update, func
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnClause
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.sql.functions import sum as sum_function
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
    digits = DIGITS

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
                if (expression := _comparable(self.expr)) is not self.expr:
                    return cast("ColumnElement[Any]", expression.operate(op, *other, **options))
                other = tuple(map(_comparable, other))
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
        number = self.quantize(value)
        return float(number) if dialect.name == "sqlite" else number

    def process_result_value(
        self, value: Decimal | float | None, dialect: Dialect
    ) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return self.quantize(f"{value:.{self.digits}g}")

    def quantize(self, value: Number) -> Decimal:
        """The decimal with `scale` digits after the point, rounded as PostgreSQL does."""
        number = Decimal(repr(value) if isinstance(value, float) else value)
        if self.scale is None:
            return number
        return number.quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP)


class _Average(Exact):
    """Older releases of SQLite add floats without a correction of their errors."""

    cache_ok = True
    digits = 12


class rounded(FunctionElement[Decimal]):  # noqa: N801  # it is written like a function of SQL
    """A computed value; on SQLite it is rounded to its significant digits."""

    type = Exact()
    inherit_cache = True


class remainder(FunctionElement[Decimal]):  # noqa: N801
    """The result of `%`, which SQLite only computes for integers."""

    type = Exact()
    inherit_cache = True


def _computed(op: OperatorType, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    if op is operators.mod:
        return remainder(expression)
    return rounded(expression) if op in ARITHMETIC else expression


def _comparable(operand: Any) -> Any:  # noqa: ANN401  # an operand is any value
    """The result of a function of decimals, such as a sum, rounded; other operands as they are."""
    is_plain = isinstance(operand, ColumnClause | BindParameter | rounded)
    is_decimal = isinstance(getattr(operand, "type", None), Exact)
    return rounded(operand) if is_decimal and not is_plain else operand


@compiles(rounded)
@compiles(remainder)
def _in_parentheses(
    element: FunctionElement[Decimal], compiler: SQLCompiler, **options: object
) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(rounded, "sqlite")
def _round_float(element: rounded, compiler: SQLCompiler, **options: object) -> str:
    (value,) = element.clauses
    kind = value.type if isinstance(value.type, Exact) else rounded.type
    text = compiler.process(value, **options)
    if isinstance(value, sum_function) and kind.scale is not None:
        return f"decimal_round({text}, {kind.scale})"
    return f"decimal_digits({text}, {kind.digits})"


@compiles(remainder, "sqlite")
def _refuse(_element: remainder, _compiler: SQLCompiler, **_options: object) -> str:
    raise CompileError("SQLite cannot compute the remainder of decimals")


@compiles(Update, "sqlite")
def _round_assignments(statement: Update, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    """Round computed values to the scale of the column that they are assigned to."""
    assigned: dict[Any, Any] = dict(statement._values or {})  # noqa: SLF001  # it has no getter
    computed = {
        column: func.round(value, column.type.scale)
        for column, value in assigned.items()
        if isinstance(value, rounded) and isinstance(getattr(column, "type", None), Exact)
    }
    if computed:
        statement = statement.values(computed)
    return compiler.visit_update(statement, **options)


class _NumberFunction(GenericFunction[Any]):
    """A function that gives a decimal if its first argument is one."""

    _register = False
    kind: type[Exact] = Exact

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        if arguments and isinstance(getattr(arguments[0], "type", None), Exact):
            options.setdefault("type_", self.kind())
        super().__init__(*arguments, **options)


class abs_(_NumberFunction):  # noqa: N801
    name = identifier = "abs"
    inherit_cache = True


class avg(_NumberFunction):  # noqa: N801
    name = identifier = "avg"
    inherit_cache = True
    kind = _Average


class round_(_NumberFunction):  # noqa: N801
    name = identifier = "round"
    inherit_cache = True


@compiles(round_, "sqlite")
def _round_decimal(element: round_, compiler: SQLCompiler, **options: object) -> str:
    name = "decimal_round" if isinstance(element.type, Exact) else "round"
    return f"{name}({compiler.process(element.clauses, **options)})"


def register_functions(connection: DBAPIConnection) -> None:
    """Define the functions of the expressions above on a connection to SQLite."""
    connection.create_function("decimal_digits", 2, _to_digits, deterministic=True)
    connection.create_function("decimal_round", -1, _round, deterministic=True)


def _to_digits(value: float | None, digits: int) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")


def _round(value: float | None, scale: int = 0) -> float | None:
    if value is None:
        return None
    number = Decimal(f"{value:.{DIGITS}g}")
    return float(number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))
