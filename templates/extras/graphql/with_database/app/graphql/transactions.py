"""Units of work of mutations."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import strawberry
from strawberry.extensions import FieldExtension

from app.api.deps import get_session
from app.api.retry_request import FIRST_PAUSE, MAX_ATTEMPTS
from app.db.errors import TransactionConflict
from app.graphql.context import Info

F = TypeVar("F", bound=Callable[..., Any])


class InTransaction(FieldExtension):
    """Gives a mutation a unit of work, and commits it before the next mutation begins.

    A mutation whose transaction had to give way to another one is retried alone: those before it
    are committed.
    """

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: object, info: Info, **arguments: object
    ) -> object:
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return await self._run(next_, source, info, **arguments)
            except TransactionConflict:
                pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.random()  # noqa: S311
                await asyncio.sleep(pause)
        return await self._run(next_, source, info, **arguments)

    async def _run(
        self, next_: Callable[..., Awaitable[Any]], source: object, info: Info, **arguments: object
    ) -> object:
        async with asynccontextmanager(get_session)(info.context.connection) as session:
            info.context.session = session
            return await next_(source, info, **arguments)


def mutation(resolver: F) -> F:
    """A mutation in a unit of work of its own: `info.context.session`."""
    return cast("F", strawberry.mutation(resolver, extensions=[InTransaction()]))
