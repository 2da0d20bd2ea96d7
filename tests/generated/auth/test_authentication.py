"""Who a token or a key belongs to, by a clock that can be moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.auth.api_keys import ApiKeyService
from app.auth.authentication import Authenticator
from app.auth.context import AuthContext, make_auth
from app.auth.deps import require_role
from app.auth.errors import InvalidToken
from app.auth.principal import Principal, Role
from app.auth.repository import ApiKeyRepository, UserRepository
from app.auth.schemas import ApiKeyCreate
from app.auth.tokens import Claims, TokenType
from app.auth.user_sessions import SessionService
from app.core.errors import Forbidden
from app.core.query import RowScope
from app.db.database import Database
from app.settings import Settings
from tests.accounts import new_user

NOW = datetime.now(UTC)
SCOPES = frozenset({"items:read"})


@pytest.fixture
def auth(settings: Settings) -> AuthContext:
    return replace(make_auth(settings), now=lambda: NOW)


def later(auth: AuthContext, **span: float) -> AuthContext:
    return replace(auth, now=lambda: NOW + timedelta(**span))


@pytest.fixture
async def key(database: Database, auth: AuthContext) -> str:
    """A key that is good for an hour."""
    async with database.session() as session:
        user = await UserRepository(session).add(new_user())
        keys = ApiKeyRepository(session, RowScope.of(user_id=user.id))
        principal = Principal(user_id=user.id, role=user.role, scopes=SCOPES, session_id=1)
        data = {"name": "reports", "scopes": [*SCOPES], "expires_at": in_an_hour()}
        wanted = ApiKeyCreate.model_validate(data)
        _, key = await ApiKeyService(keys, auth).create(wanted, principal, SCOPES)
    return key


def in_an_hour() -> str:
    return (NOW + timedelta(hours=1)).isoformat()


async def test_a_key_is_good_until_its_time(
    database: Database, auth: AuthContext, key: str
) -> None:
    before = Authenticator(database, later(auth, minutes=59))
    after = Authenticator(database, later(auth, minutes=60))

    assert (await before.by_api_key(key)).scopes == SCOPES
    with pytest.raises(InvalidToken):
        await after.by_api_key(key)


async def test_a_token_of_a_session_that_never_was(database: Database, auth: AuthContext) -> None:
    for handle in ("1-abc", "nonsense", ""):
        claims = Claims(
            type=TokenType.REFRESH,
            sub=1,
            sid=handle,
            jti="x",
            scope="",
            iat=NOW,
            exp=NOW + timedelta(hours=1),
        )
        token = auth.tokens.write(claims)

        with pytest.raises(InvalidToken):
            await Authenticator(database, auth).by_token(token, TokenType.REFRESH)


async def test_a_key_has_no_more_than_the_role_of_its_user(
    database: Database, auth: AuthContext, key: str
) -> None:
    async with database.session() as session:
        keys = ApiKeyRepository(session)
        await keys.update(await keys.get_for_update(1), {"scope": "admin items:read"})

    principal = await Authenticator(database, auth).by_api_key(key)

    assert (principal.scopes, principal.has_full_access) == (SCOPES, False)


@pytest.mark.parametrize("role", Role)
async def test_a_role_is_no_question_of_scopes(role: Role) -> None:
    principal = Principal(user_id=1, role=role, scopes=frozenset({"admin"}), session_id=1)
    with_role = require_role(role)
    with_other_role = require_role(Role.USER if role is Role.ADMIN else Role.ADMIN)

    assert await with_role(principal) is principal
    with pytest.raises(Forbidden):
        await with_other_role(principal)


async def test_logging_out_twice_is_once(database: Database, auth: AuthContext) -> None:
    principal = Principal(user_id=1, role=Role.USER, scopes=SCOPES, session_id=1)

    async with database.session() as session:
        await SessionService(session, auth).log_out(principal, None)
