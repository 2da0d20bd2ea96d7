"""Tickets: browsers cannot send a token with a WebSocket, and a URL must not contain one."""

import asyncio
import json
import secrets
from dataclasses import asdict

from app.auth.errors import InvalidToken
from app.auth.principal import Principal
from app.core.errors import Unavailable
from app.realtime.sockets import Member
from app.redis.client import RedisClient, RedisUnavailable

TICKET_SECONDS = 30


def as_member(principal: Principal) -> Member:
    """A user in a room, until the token expires."""
    return Member(
        name=principal.name,
        user_id=principal.user_id,
        session_id=principal.session_id,
        expires_at=principal.expires_at.timestamp() if principal.expires_at else None,
    )


class Tickets:
    """A ticket is valid for one room, once, in every process."""

    def __init__(self, redis: RedisClient | None) -> None:
        self._redis = redis
        self._memory: dict[str, str] = {}

    async def issue(self, room: str, member: Member) -> str:
        """A new ticket; `Unavailable` if Redis does not reply."""
        ticket, text = secrets.token_urlsafe(32), json.dumps({"room": room, **asdict(member)})
        if self._redis is None:
            self._memory[ticket] = text
            loop = asyncio.get_running_loop()
            loop.call_later(TICKET_SECONDS, self._memory.pop, ticket, None)
            return ticket
        try:
            await self._redis.execute("SET", self._key(ticket), text, "EX", TICKET_SECONDS)
        except RedisUnavailable:
            raise Unavailable("Tickets are not available.") from None
        return ticket

    async def redeem(self, room: str, ticket: str) -> Member:
        """The user of a ticket, which is not valid any more.

        Raises:
            InvalidToken: it is for another room, used, expired, or unknown.
            Unavailable: Redis does not reply.
        """
        try:
            text = await self._take(ticket)
        except RedisUnavailable:
            raise Unavailable("Tickets are not available.") from None
        values = json.loads(text) if text else {}
        if values.pop("room", None) != room:
            raise InvalidToken
        return Member(**values)

    async def _take(self, ticket: str) -> str | bytes | None:
        if self._redis is not None:
            found: bytes | None = await self._redis.execute("GETDEL", self._key(ticket))
            return found
        return self._memory.pop(ticket, None)

    def _key(self, ticket: str) -> str:
        return f"{self._redis.prefix}:ticket:{ticket}" if self._redis else ticket
