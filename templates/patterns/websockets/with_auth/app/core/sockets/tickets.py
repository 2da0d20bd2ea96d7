"""Tickets: an address can be opened once, and soon, instead of a token in it that lives on."""

import json
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict

from app.auth.errors import InvalidToken
from app.auth.principal import Principal
from app.core.errors import Unavailable
from app.core.sockets.client import Member
from app.redis.client import RedisClient, RedisUnavailable

TICKET_SECONDS = 30


def as_member(principal: Principal) -> Member:
    """A user in a room, until the token ends."""
    return Member(
        name=f"user-{principal.user_id}",
        session_id=principal.session_id,
        expires_at=principal.expires_at.timestamp() if principal.expires_at else None,
    )


class Tickets:
    """Each is good for one room, once, whichever process is asked."""

    def __init__(self, redis: RedisClient | None) -> None:
        self._redis = redis
        self._own: dict[str, tuple[float, str]] = {}

    async def issue(self, room: str, member: Member) -> str:
        """A new ticket.

        Raises:
            Unavailable: Redis does not answer.
        """
        ticket, text = secrets.token_urlsafe(32), json.dumps({"room": room, **asdict(member)})
        if self._redis is None:
            self._forget_old()
            self._own[ticket] = (time.monotonic() + TICKET_SECONDS, text)
            return ticket
        try:
            await self._redis.execute("SET", self._key(ticket), text, "EX", TICKET_SECONDS)
        except RedisUnavailable:
            raise Unavailable("There are no tickets now.") from None
        return ticket

    async def redeem(self, room: str, ticket: str) -> Member:
        """Who has got the ticket; it is not good any more.

        Raises:
            InvalidToken: it is for another room, was used, is too old, or never was one.
            Unavailable: Redis does not answer.
        """
        try:
            text = await self._take(ticket)
        except RedisUnavailable:
            raise Unavailable("Tickets cannot be checked now.") from None
        values = json.loads(text) if text else {}
        if values.pop("room", None) != room:
            raise InvalidToken
        return Member(**values)

    async def _take(self, ticket: str) -> str | bytes | None:
        if self._redis is not None:
            found: bytes | None = await self._redis.execute("GETDEL", self._key(ticket))
            return found
        self._forget_old()
        return self._own.pop(ticket, (0, None))[1]

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._own and next(iter(self._own.values()))[0] < now:
            del self._own[next(iter(self._own))]

    def _key(self, ticket: str) -> str:
        return f"{self._redis.prefix}:ticket:{ticket}" if self._redis else ticket


@asynccontextmanager
async def open_tickets(_settings: object, redis: RedisClient | None) -> AsyncGenerator[Tickets]:
    """The tickets of an application."""
    yield Tickets(redis)
