"""Handlers of several kinds, which count their calls."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Header, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field

from app.cache.routes import CacheDep
from app.core.errors import Unavailable

called: Counter[str] = Counter()


class Person(BaseModel):
    full_name: str = Field(serialization_alias="fullName")
    age: int | None = None


class PersonWithSecret(Person):
    secret: str = "hidden"


async def get_person(
    request: Request, response: Response, name: str, age: int | None = None
) -> Person:
    called["person"] += 1
    response.headers["X-Name"] = name
    return PersonWithSecret(full_name=name, age=age)


async def get_union(request: Request) -> Annotated[Person | int, Field(union_mode="smart")]:
    called["union"] += 1
    return 7


async def get_text(request: Request) -> str:
    called["text"] += 1
    return "<p>text</p>"


async def get_number(request: Request) -> int:
    called["number"] += 1
    return called["number"]


async def get_path(request: Request, part: str) -> str:
    called["path"] += 1
    return f"{request.url.path} {part}"


async def get_language(request: Request, accept_language: Annotated[str, Header()] = "en") -> str:
    called["language"] += 1
    return accept_language


async def get_plain(request: Request) -> Response:
    called["plain"] += 1
    return PlainTextResponse("plain", headers={"X-Kept": "yes"})


async def get_cookie(request: Request, response: Response) -> int:
    called["cookie"] += 1
    response.set_cookie("session", str(called["cookie"]))
    return called["cookie"]


async def get_secret(request: Request, response: Response) -> int:
    called["secret"] += 1
    response.headers["Cache-Control"] = "no-store"
    return called["secret"]


async def get_stream(request: Request) -> Response:
    called["stream"] += 1

    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    return StreamingResponse(parts())


async def get_accepted(request: Request, response: Response) -> int:
    called["accepted"] += 1
    response.status_code = 202
    return 1


async def get_with_work(request: Request, tasks: BackgroundTasks) -> int:
    called["handled"] += 1
    tasks.add_task(called.update, ["worked"])
    return 1


async def get_unavailable(request: Request) -> int:
    called["unavailable"] += 1
    raise Unavailable("Try again later.")


class User:
    """The principal of a request."""

    def __init__(self, identity: str) -> None:
        self.identity = identity


async def authenticate(request: Request, user: Annotated[str, Header()]) -> None:
    request.scope["principal"] = User(user)


async def get_own(request: Request, user: Annotated[None, Depends(authenticate)]) -> str:
    called["own"] += 1
    identity: str = request.scope["principal"].identity
    return identity


async def get_credentials(request: Request) -> str:
    called["credentials"] += 1
    return request.headers.get("authorization", "") + request.headers.get("cookie", "")


async def get_counts(cache: CacheDep) -> Counter[str]:
    return cache.counts
