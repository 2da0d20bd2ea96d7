"""What rows refer to."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.core.errors import Invalid, NotFound
from app.core.repository import Repository
from app.models.base import Row

RowT = TypeVar("RowT", bound=Row)


async def check_reference(rows: Repository[RowT], values: Mapping[str, Any], name: str) -> None:
    """Make sure that what the value called `name` refers to is there, if there is a value.

    Raises:
        Invalid: it is not there, or not for the caller whose rows these are.
    """
    if (row_id := values.get(name)) is None:
        return
    try:
        await rows.get(row_id)
    except NotFound as error:
        raise Invalid(error.detail, location=("body", name)) from None
