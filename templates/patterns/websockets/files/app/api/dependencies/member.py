"""The user of a WebSocket: a guest, without authentication."""

import secrets
from typing import Annotated

from fastapi import Depends

from app.lifespan import Connection
from app.realtime.sockets import Member, check_origin


async def get_member(connection: Connection) -> Member:
    check_origin(connection, connection.state["settings"].allowed_origins)
    return Member(name=f"guest-{secrets.token_hex(3)}")


MemberDep = Annotated[Member, Depends(get_member)]
