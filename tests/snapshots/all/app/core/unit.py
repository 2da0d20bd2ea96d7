"""The part of a unit of work that is the same for every storage."""

from collections.abc import Awaitable, Callable

from app.core.logging import get_logger

logger = get_logger(__name__)

Hook = Callable[[], Awaitable[None]]


class AfterCommit:
    """Keeps the side effects of a request back until its writes are safe."""

    def __init__(self) -> None:
        self._hooks: list[Hook] = []

    def after_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self._hooks.append(hook)

    async def committed(self) -> None:
        """Run the hooks. One that fails is logged: the writes are done, the client is told so."""
        for hook in self._hooks:
            try:
                await hook()
            except Exception:
                logger.exception("after_commit_hook_failed")
