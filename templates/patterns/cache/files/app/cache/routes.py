"""Routes whose responses are cached as they are sent, and the cache as a dependency."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import wraps
from inspect import signature
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import Depends, Request, Response

from app.cache.cache import Cache, cache_key
from app.cache.entry import Entry
from app.cache.responses import Renderer, entry_of, response_of

P = ParamSpec("P")
R = TypeVar("R")
Handler = Callable[P, Awaitable[R]]

CREDENTIALS = frozenset({b"authorization", b"cookie", b"x-api-key"})


async def get_cache(request: Request) -> Cache:
    cache: Cache = request.state["cache"]
    return cache


CacheDep = Annotated[Cache, Depends(get_cache)]
"""For values that are not whole responses."""


def cached(
    *models: type, ttl: float | None = None, vary: Collection[str] = (), shared: bool = False
) -> Callable[[Handler[P, R]], Handler[P, R | Response]]:
    """Cache the responses of a GET route until one of the models changes, or for `ttl` seconds.

    The handler needs a parameter `request: Request`, and may have `response: Response` to set
    headers. Dependencies run for every request, before the cache is asked, so that no check is
    skipped. Responses are stored by path, query, the headers in `vary` and the caller; with
    `shared` they are the same for all callers.
    """
    tags = [model.__name__ for model in models]
    varying = frozenset(name.lower().encode() for name in vary)

    def decorate(handler: Handler[P, R]) -> Handler[P, R | Response]:
        if "request" not in signature(handler).parameters:
            raise TypeError(f"`{handler.__name__}` is cached: it needs a `request: Request`.")
        renderer = Renderer()

        @wraps(handler)
        async def respond(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            request: Any = kwargs["request"]
            response: Any = kwargs.get("response")
            cache: Cache = request.state.cache
            loaded: list[Response] = []

            async def load() -> Entry | None:
                result = await handler(*args, **kwargs)
                loaded.append(renderer.render(result, request.scope["route"], response))
                return entry_of(loaded[0])

            key = cache_key(
                handler.__module__,
                handler.__qualname__,
                request.scope["path"],
                request.scope["query_string"],
                headers_of(request, varying),
                None if shared else caller_of(request),
            )
            entry = await cache.fetch(key, load, tags=tags, ttl=ttl)
            if entry is not None:
                return response_of(entry)
            return loaded[0] if loaded else await handler(*args, **kwargs)

        return respond

    return decorate


def caller_of(request: Request) -> object:
    """The principal that authentication has found, or else the credentials of the request."""
    if (principal := request.scope.get("principal")) is not None:
        return principal.identity
    return headers_of(request, CREDENTIALS)


def headers_of(request: Request, names: Collection[bytes]) -> Sequence[tuple[bytes, bytes]]:
    return [header for header in request.scope["headers"] if header[0] in names]
