"""The clock of the database, by which leases are written and compared.

The clocks of workers may differ: one that is ahead would take running tasks for those of workers
that have ended.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.db.columns import Timestamp


class _FromNow(FunctionElement[datetime]):
    type = Timestamp()
    inherit_cache = True


def from_now(seconds: float | BindParameter[float | None]) -> ColumnElement[datetime]:
    """The moment that many seconds after the statement began; NULL if `seconds` is."""
    return _FromNow(literal(seconds, Float()) if isinstance(seconds, float | int) else seconds)


@compiles(_FromNow, "postgresql")
def _postgresql(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    seconds = compiler.process(element.clauses, **options)
    return f"statement_timestamp() + make_interval(secs => {seconds})"


@compiles(_FromNow, "mysql", "mariadb")
def _mysql(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    seconds = compiler.process(element.clauses, **options)
    return f"UTC_TIMESTAMP(6) + INTERVAL {seconds} SECOND"


@compiles(_FromNow, "sqlite")
def _sqlite(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"
