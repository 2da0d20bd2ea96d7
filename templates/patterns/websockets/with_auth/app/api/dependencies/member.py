"""Who enters a room: a user, with a ticket or a token. Nothing is accepted before that is clear."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Query

from app.api.dependencies.rooms import Room
from app.auth.authentication import Authenticator
from app.auth.errors import InvalidToken, Unauthorized
from app.auth.repository import SessionRepository
from app.core.errors import NotFound
from app.core.sockets.client import Member
from app.core.sockets.origins import check_origin
from app.core.sockets.tickets import as_member
from app.lifespan import Connection

PREFIX = "bearer."
"""How a subprotocol starts that is a token: browsers can send no other header."""


async def get_member(
    connection: Connection,
    room: Room,
    ticket: Annotated[str | None, Query(max_length=64)] = None,
) -> Member:
    check_origin(connection, connection.state["settings"].allowed_origins)
    connection.scope["query_string"] = b""  # the server would log it
    if ticket is not None:
        member = await connection.state["tickets"].redeem(room, ticket)
        with suppress(NotFound):
            reads = connection.state["database"].read_session()
            await SessionRepository(reads).get(member.session_id or 0)
            return member
        raise InvalidToken
    offered: list[str] = connection.scope.get("subprotocols", [])
    if (token := next((one for one in offered if one.startswith(PREFIX)), None)) is None:
        raise Unauthorized("Get a ticket first, or send the token as a subprotocol.")
    authenticator = Authenticator(connection.state["database"], connection.state["auth"])
    return as_member(await authenticator.by_token(token.removeprefix(PREFIX)))


MemberDep = Annotated[Member, Depends(get_member)]
