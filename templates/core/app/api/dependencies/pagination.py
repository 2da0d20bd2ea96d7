"""Walking through a list by cursor."""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import Depends, Query

from app.core.cursor import CursorCodec
from app.core.lifespan import Connection
from app.schemas.pagination import Size


class Numbered(Protocol):
    """A row, or something else whose ids count up."""

    @property
    def id(self) -> int: ...


class Walk:
    """Where a client is in a list, and how many rows it wants next."""

    def __init__(self, codec: CursorCodec, cursor: str | None, size: int) -> None:
        self._codec = codec
        self.after = codec.decode(cursor) if cursor else 0
        """The id of the last row that it has."""
        self.size = size

    @property
    def limit(self) -> int:
        """One row more than is shown tells whether there is a next page."""
        return self.size + 1

    def page(self, rows: Sequence[Numbered]) -> dict[str, Any]:
        """The fields of a `CursorPage`, from at most `limit` rows."""
        shown = rows[: self.size]
        more = len(rows) > self.size
        return {"items": shown, "next_cursor": self._codec.encode(shown[-1].id) if more else None}


async def get_walk(
    connection: Connection,
    cursor: Annotated[
        str | None, Query(max_length=64, description="`next_cursor` of the page before.")
    ] = None,
    size: Size = 20,
) -> Walk:
    return Walk(connection.state["cursors"], cursor, size)


WalkDep = Annotated[Walk, Depends(get_walk)]
