"""Rows of a repository without models, for exports: in memory."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from app.memory.repository import Repository

AnyRepository = Repository[Any]


async def rows_after(
    repository: AnyRepository, names: Sequence[str], row_id: int, limit: int
) -> Sequence[Sequence[Any]]:
    """The named values of the next rows by id, as far as the scope of the repository reaches."""
    values = attrgetter(*names)
    return [values(row) for row in await repository.list_after(row_id, limit)]
