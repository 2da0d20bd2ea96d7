"""Who a token or a key belongs to, by a clock that can be moved."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.api.dependencies.caller import require_role
from app.core.query import RowScope
from app.core.security.caller import Caller, Role
from app.core.security.errors import BadToken, Forbidden
from app.core.security.tokens import Claims, TokenType
from app.core.security.tools import SecurityTools, open_security
from app.db.database import Database
from app.repositories.api_key import ApiKeyRepository
from app.repositories.user import UserRepository
from app.schemas.api_key import ApiKeyCreate
from app.services.api_key import ApiKeyService
from app.services.caller import CallerService
from app.services.session import SessionService
from app.settings import Settings
from tests.accounts import new_user

NOW = datetime.now(UTC)
SCOPES = frozenset({"items:read"})


@pytest.fixture
async def tools(settings: Settings) -> AsyncGenerator[SecurityTools]:
    async with open_security(settings) as tools:
        yield replace(tools, now=lambda: NOW)


def later(tools: SecurityTools, **span: float) -> SecurityTools:
    return replace(tools, now=lambda: NOW + timedelta(**span))


@pytest.fixture
async def key(database: Database, tools: SecurityTools) -> str:
    """A key that is good for an hour."""
    async with database.session() as session:
        user = await UserRepository(session).add(new_user())
        keys = ApiKeyRepository(session, RowScope.of(user_id=user.id))
        caller = Caller(user_id=user.id, role=user.role, scopes=SCOPES, session_id=1)
        data = {"name": "reports", "scopes": [*SCOPES], "expires_at": in_an_hour()}
        wanted = ApiKeyCreate.model_validate(data)
        _, key = await ApiKeyService(keys, tools).create(wanted, caller, SCOPES)
    return key


def in_an_hour() -> str:
    return (NOW + timedelta(hours=1)).isoformat()


async def test_a_key_is_good_until_its_time(
    database: Database, tools: SecurityTools, key: str
) -> None:
    before = CallerService(database, later(tools, minutes=59))
    after = CallerService(database, later(tools, minutes=60))

    assert (await before.by_key(key)).scopes == SCOPES
    with pytest.raises(BadToken):
        await after.by_key(key)


async def test_use_is_noted_to_the_minute(
    database: Database, tools: SecurityTools, key: str
) -> None:
    noted = []
    for seconds in (0, 59, 60):
        await CallerService(database, later(tools, seconds=seconds)).by_key(key)
        (row,) = await ApiKeyRepository(database.read_session()).list_after(0, 10)
        noted.append(row.last_used_at)

    assert noted == [NOW, NOW, NOW + timedelta(minutes=1)]


async def test_a_token_of_a_session_that_never_was(
    database: Database, tools: SecurityTools
) -> None:
    for handle in ("1-abc", "nonsense", ""):
        claims = Claims(
            type=TokenType.REFRESH,
            user_id=1,
            session=handle,
            token_id="x",
            scope="",
            issued_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )
        token = tools.tokens.write(claims)

        with pytest.raises(BadToken):
            await CallerService(database, tools).by_token(token, TokenType.REFRESH)


async def test_a_key_has_no_more_than_the_role_of_its_user(
    database: Database, tools: SecurityTools, key: str
) -> None:
    async with database.session() as session:
        keys = ApiKeyRepository(session)
        await keys.update(await keys.get_for_update(1), {"scope": "admin items:read"})

    caller = await CallerService(database, tools).by_key(key)

    assert (caller.scopes, caller.sees_everything) == (SCOPES, False)


@pytest.mark.parametrize("role", Role)
async def test_a_role_is_no_question_of_scopes(role: Role) -> None:
    caller = Caller(user_id=1, role=role, scopes=frozenset({"admin"}), session_id=1)
    with_role = require_role(role)
    with_other_role = require_role(Role.USER if role is Role.ADMIN else Role.ADMIN)

    assert await with_role(caller) is caller
    with pytest.raises(Forbidden):
        await with_other_role(caller)


async def test_logging_out_twice_is_once(database: Database, tools: SecurityTools) -> None:
    caller = Caller(user_id=1, role=Role.USER, scopes=SCOPES, session_id=1)

    async with database.session() as session:
        await SessionService(session, tools).log_out(caller, None)
