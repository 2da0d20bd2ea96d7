"""Sessions: one kind reads committed rows, the other is a unit of work."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from anyio import CancelScope
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm import SessionTransaction

from app.core.commit_hooks import CommitHooks, Hook
from app.core.errors import AppError, Unavailable
from app.core.logging import get_logger
from app.db.errors import translate_db_errors

logger = get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
Method = Callable[..., Awaitable[object]]


def _limited(method: F) -> F:
    """The method of `AsyncSession`, with a time limit and the errors of the service."""

    @wraps(method)
    async def run(self: "_BaseSession", *args: object, **options: object) -> object:
        return await self._run(method, self, *args, **options)

    return cast("F", run)


class _BaseSession(AsyncSession):
    # All methods that send statements; `scalars` calls `execute`, and `stream_scalars` `stream`.
    connection = _limited(AsyncSession.connection)
    delete = _limited(AsyncSession.delete)
    delete_all = _limited(AsyncSession.delete_all)
    execute = _limited(AsyncSession.execute)
    flush = _limited(AsyncSession.flush)
    get = _limited(AsyncSession.get)
    get_one = _limited(AsyncSession.get_one)
    merge = _limited(AsyncSession.merge)
    merge_all = _limited(AsyncSession.merge_all)
    refresh = _limited(AsyncSession.refresh)
    run_sync = _limited(AsyncSession.run_sync)
    scalar = _limited(AsyncSession.scalar)  # type: ignore[arg-type, assignment]  # overloads
    stream = _limited(AsyncSession.stream)

    async def _run(self, method: Method, *args: object, **options: object) -> object:
        with translate_db_errors():
            async with asyncio.timeout(self.info["timeout"]):
                return await method(*args, **options)


class ReadSession(_BaseSession):
    """Reads committed rows, in autocommit; after each call its connection is back in the pool."""

    async def stream(self, *_: object, **__: object) -> NoReturn:
        """Refused: the connection would be held until the last row was read."""
        raise TypeError("a ReadSession holds no connection: read in batches, or use a Session")

    async def connection(self, *_: object, **__: object) -> NoReturn:
        """Refused, as `stream` is."""
        raise TypeError("a ReadSession holds no connection: use a Session")

    async def _run(self, method: Method, *args: object, **options: object) -> object:
        try:
            return await super()._run(method, *args, **options)
        finally:
            await self.close()


class UnitOfWork(SyncSession):
    """The class behind `Session`, for its events."""


class Session(_BaseSession):
    """A unit of work: one transaction, which begins with the first statement."""

    sync_session_class = UnitOfWork

    @property
    def hooks(self) -> CommitHooks:
        hooks: CommitHooks = self.info["hooks"]
        return hooks

    def on_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self.hooks.add(hook)

    def mark_changed(self, *models: type) -> None:
        """Report changes that the session cannot see, such as those of textual SQL."""
        self.hooks.changed.update(model.__name__ for model in models)

    async def commit(self) -> None:
        """Commit, then run the hooks; both are finished even if the request is cancelled."""
        self._check_failure()
        await finish(self._commit())

    async def close(self) -> None:
        """Give the connection back; changes that are not committed are rolled back."""
        if self.in_transaction():
            await finish(self._close())
        else:
            await super().close()

    async def _run(self, method: Method, *args: object, **options: object) -> object:
        self._check_failure()
        try:
            return await super()._run(method, *args, **options)
        except (AppError, DBAPIError) as error:
            self.info["failure"] = error
            raise

    def _check_failure(self) -> None:
        # PostgreSQL answers the COMMIT of a failed transaction with a rollback, not with an error.
        if (failure := self.info.get("failure")) is not None:
            raise failure

    async def _commit(self) -> None:
        with translate_db_errors(disconnected=Unavailable):
            async with asyncio.timeout(self.info["timeout"]):
                await super().commit()
        await self.hooks.run()

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(self.info["timeout"]):
                await super().close()
        except Exception as error:  # noqa: BLE001  # the server rolls back by itself
            logger.warning("rollback_failed", error=repr(error))


@event.listens_for(UnitOfWork, "after_transaction_end")
def _forget_failure(session: SyncSession, ended: SessionTransaction) -> None:
    if ended.nested or ended.parent is None:
        session.info.pop("failure", None)


async def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; a cancellation takes effect afterwards."""
    task = asyncio.ensure_future(coroutine)
    cancelled: asyncio.CancelledError | None = None
    with CancelScope(shield=True):  # a cancel scope around this cancels until the block is left
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        await asyncio.gather(task, return_exceptions=True)
        raise cancelled
    task.result()
