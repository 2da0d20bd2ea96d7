"""Counts what is read."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

reads: Counter[str] = Counter()


def counted(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Count the calls of a handler, after its dependencies have been resolved."""

    def decorate(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @wraps(handler)
        async def count_and_handle(*args: P.args, **kwargs: P.kwargs) -> R:
            reads[name] += 1
            return await handler(*args, **kwargs)

        return count_and_handle

    return decorate
