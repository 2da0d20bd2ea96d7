"""The dependencies that routes share."""

import re
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

from fastapi import Depends, Header
from fastapi.params import Depends as Dependency
from httpx2 import AsyncClient

from app.auth.deps import get_principal
from app.core.health import Readiness
from app.core.pagination import CursorCodec
from app.db.session import ReadSession, Session
from app.lifespan import Connection
from app.settings import Settings

EVERY_REQUEST: Sequence[Dependency] = ()
"""Dependencies of every route: the place for a rule that holds for the whole service."""

EVERY_RESOURCE: Sequence[Dependency] = (Depends(get_principal),)
"""Dependencies of every resource of `app/api/v1/router.py`: all of them need authentication."""


async def get_read_session(connection: Connection) -> ReadSession:
    return connection.state["database"].read_session()


async def get_session(connection: Connection) -> AsyncGenerator[Session]:
    async with connection.state["database"].session() as session:
        yield session


ReadSessionDep = Annotated[ReadSession, Depends(get_read_session)]

# Function scope: the commit comes before the response, so that a failed commit is an error.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


async def get_settings(connection: Connection) -> Settings:
    return connection.state["settings"]


async def get_http_client(connection: Connection) -> AsyncClient:
    return connection.state["http"]


async def get_readiness(connection: Connection) -> Readiness:
    return connection.state["readiness"]


SettingsDep = Annotated[Settings, Depends(get_settings)]
HTTPClientDep = Annotated[AsyncClient, Depends(get_http_client)]
ReadinessDep = Annotated[Readiness, Depends(get_readiness)]


async def get_if_match(
    if_match: Annotated[
        str | None,
        Header(
            description="Write only if the resource still has this strong `ETag`, else 412.",
            examples=['"1"'],
        ),
    ] = None,
) -> frozenset[int] | None:
    """The versions that the client accepts, None for any; weak ETags match none (RFC 9110)."""
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(int(tag) for tag in re.findall(r'(?<!W/)"([0-9]{1,18})"', if_match))


IfMatchDep = Annotated[frozenset[int] | None, Depends(get_if_match)]


async def get_cursor_codec(connection: Connection) -> CursorCodec:
    return connection.state["cursors"]


CursorCodecDep = Annotated[CursorCodec, Depends(get_cursor_codec)]
