"""The base of all models, and the columns that most of them have."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, MetaData, Table, text
from sqlalchemy import Enum as EnumType
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.db.columns import Id, Timestamp, short_text

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
"""Migrations can only change constraints that have a name."""

APP = Path(__file__).parents[1]


def utc_now() -> datetime:
    return datetime.now(UTC)


def _same_as_created(context: DefaultExecutionContext) -> datetime:
    moment: datetime = context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]
    return moment


class Base(DeclarativeBase):
    """A model with an id, which is never used again."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        datetime: Timestamp(),
        str: short_text(255),
        Enum: EnumType(Enum, native_enum=False, length=64),  # the names; no type of the server
    }

    id: Mapped[int] = mapped_column(Id, primary_key=True, sort_order=-4)

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Table:  # noqa: ANN401
        return Table(*args, sqlite_autoincrement=True, **options)


class TimestampMixin:
    """The times of creation and of the last change, in UTC, set by the service."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=-3)
    updated_at: Mapped[datetime] = mapped_column(
        default=_same_as_created, onupdate=utc_now, sort_order=-2
    )


class VersionMixin:
    """A number that grows with each change; `ETag` and `If-Match` compare it."""

    version: Mapped[int] = mapped_column(
        BigInteger,
        onupdate=text("version + 1"),  # for `update()`, which changes many rows at once
        sort_order=-1,
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> Mapping[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.version, "eager_defaults": True}  # type: ignore[attr-defined]


class Model(TimestampMixin, VersionMixin, Base):
    """A model with an id, times and a version: the base of resources."""

    __abstract__ = True


def load_models() -> MetaData:
    """The tables of all models, which are in `app/models` and in `models.py` of other packages.

    Relationships and foreign keys refer to models by name.
    """
    for path in sorted([*APP.glob("models/[!_]*.py"), *APP.glob("*/models.py")]):
        import_module(".".join(path.relative_to(APP.parent).with_suffix("").parts))
    return Base.metadata
