"""The rules of sessions by a clock of their own, and in races."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.errors import AppError, NotFound
from app.core.security.errors import BadToken, Unauthorized
from app.core.security.tools import SecurityTools, open_security
from app.db.database import Database
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.session import Tokens
from app.services.caller import CallerService
from app.services.session import SessionService, SignedIn
from app.settings import Settings
from tests.accounts import new_user
from tests.waiting import until

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)


class Clock:
    """It stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tools(settings: Settings, clock: Clock) -> AsyncGenerator[SecurityTools]:
    async with open_security(settings) as tools:
        yield replace(tools, now=clock)


@pytest.fixture
async def user(database: Database) -> User:
    async with database.session() as session:
        return await UserRepository(session).add(new_user())


async def begin(database: Database, tools: SecurityTools, user: User) -> Tokens:
    async with database.session() as session:
        known = ["items:read", "admin"]
        return (await SessionService(session, tools).begin(user, "", known)).tokens


async def refresh(database: Database, tools: SecurityTools, token: str) -> SignedIn:
    async with database.session() as session:
        return await SessionService(session, tools).refresh(token)


async def test_a_repeat_is_forgiven_within_the_grace(
    database: Database, tools: SecurityTools, clock: Clock, user: User
) -> None:
    first = (await begin(database, tools, user)).refresh_token
    second = (await refresh(database, tools, first)).tokens.refresh_token

    clock.move(seconds=10)
    again = (await refresh(database, tools, first)).tokens.refresh_token

    assert again == second


async def test_a_repeat_after_the_grace_ends_the_session(
    database: Database, tools: SecurityTools, clock: Clock, user: User
) -> None:
    first = await begin(database, tools, user)
    second = (await refresh(database, tools, first.refresh_token)).tokens

    clock.move(seconds=10.5)
    with pytest.raises(BadToken):
        await refresh(database, tools, first.refresh_token)

    with pytest.raises(BadToken):
        await refresh(database, tools, second.refresh_token)
    with pytest.raises(BadToken):
        await CallerService(database, tools).by_token(first.access_token)


async def test_nothing_is_stored_that_could_be_used(
    database: Database, tools: SecurityTools, user: User
) -> None:
    first = (await begin(database, tools, user)).refresh_token
    renewed = await refresh(database, tools, first)
    stored = repr(vars_of(renewed))

    for token in (first, renewed.tokens.refresh_token, renewed.tokens.access_token):
        assert token not in stored
        assert tools.tokens._verify(token).token_id not in stored


def vars_of(signed_in: SignedIn) -> dict[str, Any]:
    session = signed_in.session
    return {column.name: getattr(session, column.name) for column in session.__table__.columns}


async def test_a_session_goes_on_as_long_as_it_is_used_and_not_forever(
    database: Database, tools: SecurityTools, clock: Clock, settings: Settings, user: User
) -> None:
    token = (await begin(database, tools, user)).refresh_token
    lifetime = timedelta(seconds=settings.refresh_token_ttl_seconds)
    longest = timedelta(seconds=settings.session_ttl_seconds)

    first = await refresh(database, tools, token)
    clock.move(seconds=settings.session_ttl_seconds - 60)
    last = await refresh(database, tools, first.tokens.refresh_token)

    assert first.session.expires_at == START + lifetime
    assert last.session.expires_at == last.session.created_at + longest
    assert last.session.expires_at < clock.now + lifetime


async def test_signing_in_forgets_what_is_over(
    database: Database, tools: SecurityTools, clock: Clock, settings: Settings, user: User
) -> None:
    await begin(database, tools, user)
    clock.move(seconds=settings.refresh_token_ttl_seconds + 1)
    await begin(database, tools, user)

    left = await SessionRepository(database.read_session()).list_after(0, 10)
    assert len(left) == 1


async def test_parallel_refreshes_leave_one_living_child(
    database: Database, tools: SecurityTools, user: User
) -> None:
    """Who loses the race is told to try again, and gets what the winner got."""
    token = (await begin(database, tools, user)).refresh_token

    async def child() -> str | None:
        try:
            return (await refresh(database, tools, token)).tokens.refresh_token
        except BadToken:
            raise
        except AppError:
            return None

    children = await asyncio.gather(*(until(child) for _ in range(20)))

    assert len(set(children)) == 1
    (session,) = await SessionRepository(database.read_session()).list_after(0, 10)
    assert session.version == 2


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password_hash": "another"}, None], ids=str
)
async def test_who_was_shut_out_a_moment_ago_does_not_get_in(
    database: Database, tools: SecurityTools, user: User, change: dict[str, Any] | None
) -> None:
    """The password was right, and then, before the session began, something happened."""
    async with database.session() as session:
        users = UserRepository(session)
        current = await users.get_for_update(user.id)
        if change is None:
            await users.delete(current)
        else:
            await users.update(current, change)

    with pytest.raises(Unauthorized):
        await begin(database, tools, user)


async def test_an_id_that_was_used_before_is_not_enough(
    database: Database, tools: SecurityTools, user: User
) -> None:
    """After a restart, a storage may count from 1 again: old tokens must not be good then."""
    tokens = await begin(database, tools, user)
    async with database.session() as session:
        sessions = SessionRepository(session)
        (row,) = await sessions.list_after(0, 10)
        await sessions.update(row, {"nonce": "another database"})

    with pytest.raises(BadToken):
        await CallerService(database, tools).by_token(tokens.access_token)
    with pytest.raises(BadToken):
        await refresh(database, tools, tokens.refresh_token)


async def test_a_better_hash_is_kept(database: Database, tools: SecurityTools, user: User) -> None:
    async with database.session() as session:
        await SessionService(session, tools).renew_hash(user, "better")

    assert (await UserRepository(database.read_session()).get(user.id)).password_hash == "better"


async def test_a_session_that_ended_meanwhile_cannot_go_on(
    database: Database, tools: SecurityTools, user: User
) -> None:
    token = (await begin(database, tools, user)).refresh_token
    async with database.session() as session:
        await SessionRepository(session).end_all(user.id)

    with pytest.raises(BadToken):
        await refresh(database, tools, token)
    with pytest.raises(NotFound):
        await SessionRepository(database.read_session()).get(1)
