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
from app.core.storage import Storage
from app.models.user import User
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository
from app.schemas.session import Tokens
from app.services.caller import CallerService
from app.services.session import SessionService, SignedIn
from app.settings import Settings
from tests.accounts import user_values
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
async def user(storage: Storage) -> User:
    async with storage.unit() as unit:
        return await UserRepository(unit).add(user_values())


async def begin(storage: Storage, tools: SecurityTools, user: User) -> Tokens:
    async with storage.unit() as unit:
        known = ["items:read", "admin"]
        return (await SessionService(unit, tools).begin(user, "", known)).tokens


async def refresh(storage: Storage, tools: SecurityTools, token: str) -> SignedIn:
    async with storage.unit() as unit:
        return await SessionService(unit, tools).refresh(token)


async def test_a_repeat_is_forgiven_within_the_grace(
    storage: Storage, tools: SecurityTools, clock: Clock, user: User
) -> None:
    first = (await begin(storage, tools, user)).refresh_token
    second = (await refresh(storage, tools, first)).tokens.refresh_token

    clock.move(seconds=10)
    again = (await refresh(storage, tools, first)).tokens.refresh_token

    assert again == second


async def test_a_repeat_after_the_grace_ends_the_session(
    storage: Storage, tools: SecurityTools, clock: Clock, user: User
) -> None:
    first = await begin(storage, tools, user)
    second = (await refresh(storage, tools, first.refresh_token)).tokens

    clock.move(seconds=10.5)
    with pytest.raises(BadToken):
        await refresh(storage, tools, first.refresh_token)

    with pytest.raises(BadToken):
        await refresh(storage, tools, second.refresh_token)
    with pytest.raises(BadToken):
        await CallerService(storage, tools).by_token(first.access_token)


async def test_nothing_is_stored_that_could_be_used(
    storage: Storage, tools: SecurityTools, user: User
) -> None:
    first = (await begin(storage, tools, user)).refresh_token
    renewed = await refresh(storage, tools, first)
    stored = repr(vars_of(renewed))

    for token in (first, renewed.tokens.refresh_token, renewed.tokens.access_token):
        assert token not in stored
        assert tools.tokens._verify(token).token_id not in stored


def vars_of(signed_in: SignedIn) -> dict[str, Any]:
    session = signed_in.session
    return {name: getattr(session, name) for name in session.__dataclass_fields__}


async def test_a_session_goes_on_as_long_as_it_is_used_and_not_forever(
    storage: Storage, tools: SecurityTools, clock: Clock, settings: Settings, user: User
) -> None:
    token = (await begin(storage, tools, user)).refresh_token
    lifetime = timedelta(seconds=settings.refresh_token_ttl_seconds)
    longest = timedelta(seconds=settings.session_ttl_seconds)

    first = await refresh(storage, tools, token)
    clock.move(seconds=settings.session_ttl_seconds - 60)
    last = await refresh(storage, tools, first.tokens.refresh_token)

    assert first.session.expires_at == START + lifetime
    assert last.session.expires_at == last.session.created_at + longest
    assert last.session.expires_at < clock.now + lifetime


async def test_signing_in_forgets_what_is_over(
    storage: Storage, tools: SecurityTools, clock: Clock, settings: Settings, user: User
) -> None:
    await begin(storage, tools, user)
    clock.move(seconds=settings.refresh_token_ttl_seconds + 1)
    await begin(storage, tools, user)

    left = await SessionRepository(storage.reads).after(0, 10)
    assert len(left) == 1


async def test_parallel_refreshes_leave_one_living_child(
    storage: Storage, tools: SecurityTools, user: User
) -> None:
    """Who loses the race is told to try again, and gets what the winner got."""
    token = (await begin(storage, tools, user)).refresh_token

    async def child() -> str | None:
        try:
            return (await refresh(storage, tools, token)).tokens.refresh_token
        except BadToken:
            raise
        except AppError:
            return None

    children = await asyncio.gather(*(until(child) for _ in range(20)))

    assert len(set(children)) == 1
    (session,) = await SessionRepository(storage.reads).after(0, 10)
    assert session.version == 2


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password_hash": "another"}, None], ids=str
)
async def test_who_was_shut_out_a_moment_ago_does_not_get_in(
    storage: Storage, tools: SecurityTools, user: User, change: dict[str, Any] | None
) -> None:
    """The password was right, and then, before the session began, something happened."""
    async with storage.unit() as unit:
        if change is None:
            await UserRepository(unit).remove(user.id)
        else:
            await UserRepository(unit).update(user.id, change)

    with pytest.raises(Unauthorized):
        await begin(storage, tools, user)


async def test_an_id_that_was_used_before_is_not_enough(
    storage: Storage, tools: SecurityTools, user: User
) -> None:
    """After a restart, a storage may count from 1 again: old tokens must not be good then."""
    tokens = await begin(storage, tools, user)
    async with storage.unit() as unit:
        sessions = SessionRepository(unit)
        (session,) = await sessions.after(0, 10)
        await sessions.update(session.id, {"nonce": "another storage"})

    with pytest.raises(BadToken):
        await CallerService(storage, tools).by_token(tokens.access_token)
    with pytest.raises(BadToken):
        await refresh(storage, tools, tokens.refresh_token)


async def test_a_better_hash_is_kept(storage: Storage, tools: SecurityTools, user: User) -> None:
    async with storage.unit() as unit:
        await SessionService(unit, tools).renew_hash(user, "better")

    assert (await UserRepository(storage.reads).get(user.id)).password_hash == "better"


async def test_a_session_that_ended_meanwhile_cannot_go_on(
    storage: Storage, tools: SecurityTools, user: User
) -> None:
    token = (await begin(storage, tools, user)).refresh_token
    async with storage.unit() as unit:
        await SessionRepository(unit).end_all(user.id)

    with pytest.raises(BadToken):
        await refresh(storage, tools, token)
    with pytest.raises(NotFound):
        await SessionRepository(storage.reads).get(1)
