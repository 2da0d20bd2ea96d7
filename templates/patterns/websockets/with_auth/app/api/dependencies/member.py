"""The user of a WebSocket, by a ticket or a token. The handshake is refused without one."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Path, Query

from app.auth.authentication import Authenticator
from app.auth.errors import InvalidToken, Unauthorized
from app.auth.repository import SessionRepository, UserRepository
from app.core.errors import NotFound
from app.db.sessions import ReadSession
from app.lifespan import Connection
from app.realtime.messages import RoomName
from app.realtime.sockets import Member, check_origin
from app.realtime.tickets import as_member

PREFIX = "bearer."
"""The start of a subprotocol that is a token: browsers can send no other header."""


async def get_member(
    connection: Connection,
    room: Annotated[RoomName, Path()],
    ticket: Annotated[str | None, Query(max_length=64)] = None,
) -> Member:
    check_origin(connection, connection.state["settings"].allowed_origins)
    if ticket is not None:
        member = await connection.state["tickets"].redeem(room, ticket)
        if not await _has_access(member, connection.state["database"].read_session()):
            raise InvalidToken
        return member
    offered: list[str] = connection.scope.get("subprotocols", [])
    if (token := next((one for one in offered if one.startswith(PREFIX)), None)) is None:
        raise Unauthorized("Get a ticket first, or send the token as a subprotocol.")
    authenticator = Authenticator(connection.state["database"], connection.state["auth"])
    return as_member(await authenticator.by_token(token.removeprefix(PREFIX)))


async def _has_access(member: Member, reads: ReadSession) -> bool:
    """Whether the session of a ticket still exists."""
    with suppress(NotFound):
        if member.session_id is None:  # a user of an external identity provider
            return (await UserRepository(reads).get(member.user_id or 0)).is_active
        await SessionRepository(reads).get(member.session_id)
        return True
    return False


MemberDep = Annotated[Member, Depends(get_member)]
