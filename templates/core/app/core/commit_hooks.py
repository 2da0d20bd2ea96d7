"""Side effects that run after the commit of a session."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from app.core.logging import get_logger

logger = get_logger(__name__)

Hook = Callable[[], Awaitable[None]]
Listener = Callable[[frozenset[str]], Awaitable[None]]
"""Is called with the names of the changed models."""


class CommitHooks:
    """The hooks of one session, and the models that it has changed."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners
        self._hooks: list[Hook] = []
        self.changed: set[str] = set()

    def add(self, hook: Hook) -> None:
        self._hooks.append(hook)

    async def run(self) -> None:
        """Call the listeners, then the hooks, each once.

        An error is logged and not raised, since the commit has succeeded.
        """
        changed, hooks = frozenset(self.changed), [*self._hooks]
        self.changed.clear()
        self._hooks.clear()
        calls: list[Hook] = [partial(listener, changed) for listener in self._listeners if changed]
        for call in (*calls, *hooks):
            try:
                await call()
            except Exception:
                logger.exception("on_commit_hook_failed")
