"""Checks of references to other rows."""

from collections.abc import Mapping
from typing import Any, Protocol

from app.core.errors import Invalid, NotFound


class Rows(Protocol):
    """A repository."""

    async def get(self, row_id: int, /) -> object: ...


async def check_reference(rows: Rows, values: Mapping[str, Any], name: str) -> None:
    """Check that the row exists that the value called `name` refers to, if there is a value.

    Raises:
        Invalid: it does not exist, or it is outside of the scope of the repository.
    """
    if (row_id := values.get(name)) is None:
        return
    try:
        await rows.get(row_id)
    except NotFound as error:
        raise Invalid(error.detail, location=("body", name)) from None
