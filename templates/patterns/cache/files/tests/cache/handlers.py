"""Handlers of every kind; they count how often they are called."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, Header, Request, Response, Security
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.security import SecurityScopes
from pydantic import BaseModel

from app.api.dependencies.cache import CacheDep
from app.core.errors import Unavailable
from app.core.query import RowScope

called: Counter[str] = Counter()


class Person(BaseModel):
    name: str
    age: int | None = None


class PersonWithSecret(Person):
    secret: str = "hidden"


async def get_person(response: Response, name: str, age: int | None = None) -> Person:
    called["person"] += 1
    response.headers["X-Name"] = name
    return PersonWithSecret(name=name, age=age)


async def get_text() -> str:
    called["text"] += 1
    return "<p>text</p>"


async def get_number() -> int:
    called["number"] += 1
    return called["number"]


async def get_path(request: Request, part: str) -> str:
    called["path"] += 1
    return f"{request.url.path} {part}"


async def get_language(accept_language: Annotated[str, Header()] = "en") -> str:
    called["language"] += 1
    return accept_language


async def get_plain() -> Response:
    called["plain"] += 1
    return PlainTextResponse("plain", headers={"X-Kept": "yes"})


async def get_cookie(response: Response) -> int:
    called["cookie"] += 1
    response.set_cookie("session", str(called["cookie"]))
    return called["cookie"]


async def get_secret(response: Response) -> int:
    called["secret"] += 1
    response.headers["Cache-Control"] = "no-store"
    return called["secret"]


async def get_stream() -> Response:
    called["stream"] += 1

    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    return StreamingResponse(parts())


async def get_accepted(response: Response) -> int:
    called["accepted"] += 1
    response.status_code = 202
    return 1


async def get_with_work(tasks: BackgroundTasks) -> int:
    called["handled"] += 1
    tasks.add_task(called.update, ["worked"])
    return 1


async def get_silent() -> int:
    called["silent"] += 1
    raise Unavailable("silent")


async def get_owner_scope(owner: Annotated[str, Header()]) -> RowScope:
    return RowScope.of(owner=owner)


class Page:
    """A dependency that is a class, between a route and its row scope."""

    def __init__(self, scope: Annotated[RowScope, Depends(get_owner_scope)], size: int = 1) -> None:
        self.scope = scope
        self.size = size


async def get_owned(page: Annotated[Page, Depends()]) -> Mapping[str, Any]:
    called["owned"] += 1
    return page.scope.only


async def checked(needed: SecurityScopes) -> RowScope:
    called.update(needed.scopes)
    called["checked"] += 1
    return RowScope.of(owner="ann")


async def through(scope: Annotated[RowScope, Depends(checked)]) -> RowScope:
    return scope


async def get_secured(
    scope: Annotated[object, Security(through, scopes=["notes:read"])],
) -> int:
    called["secured"] += 1
    return 1


async def get_counts(cache: CacheDep) -> Counter[str]:
    return cache.counts
