"""The rules of sessions by a clock of their own, and in races."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.auth.authentication import Authenticator
from app.auth.context import AuthContext, make_auth
from app.auth.errors import InvalidToken, Unauthorized
from app.auth.models import User, UserSession
from app.auth.repository import SessionRepository, UserRepository
from app.auth.schemas import Tokens
from app.auth.user_sessions import LONGEST_SESSION, SessionService
from app.core.errors import AppError, NotFound
from app.db.database import Database
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
def auth(settings: Settings, clock: Clock) -> AuthContext:
    return replace(make_auth(settings), now=clock)


@pytest.fixture
async def user(database: Database) -> User:
    async with database.session() as session:
        return await UserRepository(session).add(new_user())


async def begin(database: Database, auth: AuthContext, user: User) -> Tokens:
    async with database.session() as session:
        sessions = SessionService(session, auth)
        return sessions.tokens(await sessions.begin(user, "", ["items:read", "admin"]))


async def refresh(database: Database, auth: AuthContext, token: str) -> Tokens:
    async with database.session() as session:
        sessions = SessionService(session, auth)
        return sessions.tokens(await sessions.refresh(token))


async def test_repeats_within_the_grace_period_are_accepted(
    database: Database, auth: AuthContext, clock: Clock, user: User
) -> None:
    first = (await begin(database, auth, user)).refresh_token
    second = (await refresh(database, auth, first)).refresh_token

    clock.move(seconds=10)
    again = (await refresh(database, auth, first)).refresh_token

    assert again == second


async def test_a_repeat_after_the_grace_ends_the_session(
    database: Database, auth: AuthContext, clock: Clock, user: User
) -> None:
    first = await begin(database, auth, user)
    second = await refresh(database, auth, first.refresh_token)

    clock.move(seconds=10.5)
    with pytest.raises(InvalidToken):
        await refresh(database, auth, first.refresh_token)

    with pytest.raises(InvalidToken):
        await refresh(database, auth, second.refresh_token)
    with pytest.raises(InvalidToken):
        await Authenticator(database, auth).by_token(first.access_token)


async def test_nothing_is_stored_that_could_be_used(
    database: Database, auth: AuthContext, user: User
) -> None:
    first = (await begin(database, auth, user)).refresh_token
    renewed = await refresh(database, auth, first)
    stored = repr(await stored_values(database))

    for token in (first, renewed.refresh_token, renewed.access_token):
        assert token not in stored
        assert auth.tokens._verify(token).jti not in stored


async def only_session(database: Database) -> UserSession:
    (row,) = await SessionRepository(database.read_session()).list_after(0, 10)
    return row


async def stored_values(database: Database) -> dict[str, Any]:
    session = await only_session(database)
    return {column.name: getattr(session, column.name) for column in session.__table__.columns}


async def test_a_session_goes_on_as_long_as_it_is_used_and_not_forever(
    database: Database, auth: AuthContext, clock: Clock, settings: Settings, user: User
) -> None:
    token = (await begin(database, auth, user)).refresh_token
    lifetime = timedelta(seconds=settings.refresh_token_ttl_seconds)

    second = (await refresh(database, auth, token)).refresh_token
    assert (await only_session(database)).expires_at == START + lifetime
    clock.move(seconds=LONGEST_SESSION.total_seconds() - 60)
    await refresh(database, auth, second)

    session = await only_session(database)
    assert session.expires_at == session.created_at + LONGEST_SESSION
    assert session.expires_at < clock.now + lifetime


async def test_signing_in_forgets_what_is_over(
    database: Database, auth: AuthContext, clock: Clock, settings: Settings, user: User
) -> None:
    await begin(database, auth, user)
    clock.move(seconds=settings.refresh_token_ttl_seconds + 1)
    await begin(database, auth, user)

    left = await SessionRepository(database.read_session()).list_after(0, 10)
    assert len(left) == 1


async def test_parallel_refreshes_leave_one_living_child(
    database: Database, auth: AuthContext, user: User
) -> None:
    """Who loses the race is told to try again, and gets what the winner got."""
    token = (await begin(database, auth, user)).refresh_token

    async def child() -> str | None:
        try:
            return (await refresh(database, auth, token)).refresh_token
        except InvalidToken:
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
async def test_a_user_changed_during_login_gets_no_session(
    database: Database, auth: AuthContext, user: User, change: dict[str, Any] | None
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
        await begin(database, auth, user)


async def test_an_id_that_was_used_before_is_not_enough(
    database: Database, auth: AuthContext, user: User
) -> None:
    """After a restart, a storage may count from 1 again: old tokens must not be good then."""
    tokens = await begin(database, auth, user)
    async with database.session() as session:
        sessions = SessionRepository(session)
        (row,) = await sessions.list_after(0, 10)
        await sessions.update(row, {"handle": "another database"})

    with pytest.raises(InvalidToken):
        await Authenticator(database, auth).by_token(tokens.access_token)
    with pytest.raises(InvalidToken):
        await refresh(database, auth, tokens.refresh_token)


async def test_a_new_hash_is_stored(database: Database, auth: AuthContext, user: User) -> None:
    async with database.session() as session:
        await SessionService(session, auth).begin(user, "", [], new_hash="better")

    assert (await UserRepository(database.read_session()).get(user.id)).password_hash == "better"


async def test_a_session_that_ended_meanwhile_cannot_go_on(
    database: Database, auth: AuthContext, user: User
) -> None:
    token = (await begin(database, auth, user)).refresh_token
    async with database.session() as session:
        await SessionRepository(session).end_all(user.id)

    with pytest.raises(InvalidToken):
        await refresh(database, auth, token)
    with pytest.raises(NotFound):
        await SessionRepository(database.read_session()).get(1)
