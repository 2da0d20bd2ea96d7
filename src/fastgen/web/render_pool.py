"""Renders projects for many requests: one at a time, each once, with a bound on all they need."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastgen.web.project_choice import Choice
from fastgen.web.rendered_project import Project, TooSlow, render

T = TypeVar("T")
Render = Callable[[Choice, float], Project]


class Busy(Exception):
    """Too many projects are waiting to be rendered, or one took too long."""


class Renders:
    """A thread that renders, and a cache of the projects that were rendered last.

    A second thread would not render more, since rendering needs the interpreter all the time. And
    in CPython 3.11, `ast.parse` in two threads fails at random.

    Args:
        waiting: how many different requests may wait.
        seconds: how long a request waits, and how long the rendering of a project may take.
        memory: bytes of all cached projects.
        render: renders one project until a deadline.
    """

    def __init__(
        self,
        *,
        waiting: int = 64,
        seconds: float = 20,
        memory: int = 32 * 1024 * 1024,
        render: Render = render,
    ) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._waiting = waiting
        self._seconds = seconds
        self._memory = memory
        self._render = render
        self._cache: OrderedDict[str, Project] = OrderedDict()
        self._cached_bytes = 0
        self._running: dict[str, asyncio.Task[Project]] = {}
        self._jobs = 0

    async def project(self, choice: Choice) -> Project:
        """The project of a choice; simultaneous requests for the same one share the rendering.

        Raises:
            BadChoice: a router conflicts with the project.
            Busy: too many are waiting, or it took too long.
        """
        key = choice.key
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._rendered(key, choice))
            task.add_done_callback(_seen)
            self._running[key] = task
        try:
            return await asyncio.wait_for(asyncio.shield(task), self._seconds)
        except (TooSlow, TimeoutError):
            raise Busy from None

    async def in_thread(self, function: Callable[[], T]) -> T:
        """The result of a function that needs the processor, in the thread.

        Raises:
            Busy: too many are waiting.
        """
        if self._jobs >= self._waiting:
            raise Busy
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function)
        finally:
            self._jobs -= 1

    def close(self) -> None:
        """Render nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _rendered(self, key: str, choice: Choice) -> Project:
        try:
            project = await self.in_thread(
                lambda: self._render(choice, time.monotonic() + self._seconds)
            )
        finally:
            del self._running[key]
        self._keep(key, project)
        return project

    def _keep(self, key: str, project: Project) -> None:
        self._cache[key] = project
        self._cached_bytes += project.size
        while self._cached_bytes > self._memory:
            _, oldest = self._cache.popitem(last=False)
            self._cached_bytes -= oldest.size


def _seen(task: "asyncio.Task[Project]") -> None:
    """Take note of an error that no request waits for any more."""
    if not task.cancelled():
        task.exception()
