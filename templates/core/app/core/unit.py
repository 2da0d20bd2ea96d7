"""The part of a unit of work that is the same for every storage."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from app.core.logging import get_logger

logger = get_logger(__name__)

Hook = Callable[[], Awaitable[None]]
Listener = Callable[[frozenset[str]], Awaitable[None]]
"""Is told what has changed: the names of models."""


class AfterCommit:
    """Keeps the side effects of a request back until its writes are safe."""

    def __init__(self, listeners: Sequence[Listener] = ()) -> None:
        self._listeners = listeners
        self._changed: set[str] = set()
        self._hooks: list[Hook] = []

    def announce(self, name: str) -> None:
        """Say what is about to change: a repository names its model."""
        self._changed.add(name)

    def after_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self._hooks.append(hook)

    async def committed(self) -> None:
        """Tell the listeners, and run the hooks.

        One that fails is logged: the writes are done, the client is told so.
        """
        changed = frozenset(self._changed)
        hooks: list[Hook] = [partial(tell, changed) for tell in self._listeners if changed]
        for hook in (*hooks, *self._hooks):
            try:
                await hook()
            except Exception:
                logger.exception("after_commit_hook_failed")
