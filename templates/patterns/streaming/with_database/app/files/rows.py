"""Rows of a repository without models, for exports: selected as columns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from app.db.repository import Repository

AnyRepository = Repository[Any]


async def rows_after(
    repository: AnyRepository, names: Sequence[str], row_id: int, limit: int
) -> Sequence[Sequence[Any]]:
    """The named columns of the next rows by id, as far as the scope of the repository reaches."""
    model = repository.model
    columns = [getattr(model, name).label(f"{name}_{at}") for at, name in enumerate(names)]
    after = repository.scoped(select(*columns)).where(model.id > bindparam("after"))
    statement = after.order_by(model.id).limit(bindparam("limit"))
    result = await repository.session.execute(statement, {"after": row_id, "limit": limit})
    return result.all()
