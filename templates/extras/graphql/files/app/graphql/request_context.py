"""The context that the resolvers of a request share."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from app.api.deps import ReadSessionDep, SessionDep, get_read_session
from app.lifespan import Connection
from app.settings import Settings

T = TypeVar("T")
Load = Callable[[Any, list[int]], Awaitable[list[T]]]
"""Loads rows by their ids, in that order; the first argument is the context."""


class RequestContext:
    """Gives resolvers their sessions, and loads the rows that they refer to together."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._session: SessionDep | None = None
        self._loaders: dict[object, DataLoader[int, Any]] = {}

    @property
    def settings(self) -> Settings:
        return self.connection.state["settings"]

    async def read_session(self) -> ReadSessionDep:
        """A new one for each resolver: they run at the same time."""
        return await get_read_session(self.connection)

    @property
    def session(self) -> SessionDep:
        """The unit of work of the mutation that runs now."""
        if self._session is None:
            raise RuntimeError("a mutation needs the decorator `mutation`")
        return self._session

    @session.setter
    def session(self, session: SessionDep) -> None:
        self._session = session

    async def load(self, load: "Load[T]", row_id: int) -> T:
        """The row with this id. One call of `load` gets the rows of all fields of a level."""
        if load not in self._loaders:
            self._loaders[load] = DataLoader(partial(load, self))
        row: T = await self._loaders[load].load(row_id)
        return row
