"""Who enters a room: anybody, under a name that says so."""

import secrets
from typing import Annotated

from fastapi import Depends

from app.core.sockets.client import Member
from app.core.sockets.origins import check_origin
from app.lifespan import Connection


async def get_member(connection: Connection) -> Member:
    check_origin(connection, connection.state["settings"].allowed_origins)
    return Member(name=f"guest-{secrets.token_hex(3)}")


MemberDep = Annotated[Member, Depends(get_member)]
