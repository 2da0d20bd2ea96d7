"""Finds the principal of a token or an API key.

Each request reads the database, so that a session ends in all processes at once.
"""

from contextlib import suppress
from datetime import timedelta

from app.auth.api_keys import is_secret_of, split_key
from app.auth.context import AuthContext
from app.auth.errors import InvalidToken
from app.auth.external_users import find_or_create_user
from app.auth.identity_provider import ExternalClaims
from app.auth.models import ApiKey
from app.auth.principal import Principal, allowed_scopes
from app.auth.repository import ApiKeyRepository, SessionRepository, UserRepository
from app.auth.tokens import TokenType
from app.core.errors import AppError, NotFound
from app.db.database import Database

LAST_USED_PRECISION = timedelta(minutes=1)


class Authenticator:
    """All methods raise `InvalidToken`."""

    def __init__(self, database: Database, auth: AuthContext) -> None:
        self._database = database
        self._auth = auth

    async def by_token(self, token: str, expected: TokenType = TokenType.ACCESS) -> Principal:
        provider = self._auth.identity_provider
        if provider is not None and expected is TokenType.ACCESS and provider.has_issued(token):
            return await self._by_external_claims(await provider.read(token))
        claims = self._auth.tokens.read(token, expected)
        sessions = SessionRepository(self._database.read_session())
        session = await sessions.get_by_handle(claims.session)
        if session is None or session.user_id != claims.user_id:
            raise InvalidToken
        return Principal(
            user_id=session.user_id,
            role=session.role,
            scopes=frozenset(claims.scope.split()),
            session_id=session.id,
            expires_at=claims.expires_at,
        )

    async def by_api_key(self, key: str) -> Principal:
        if (parts := split_key(key)) is None:
            raise InvalidToken
        prefix, secret = parts
        row = await ApiKeyRepository(self._database.read_session()).get_by_prefix(prefix)
        if row is None or not is_secret_of(row, secret) or self._is_expired(row):
            raise InvalidToken
        try:
            user = await UserRepository(self._database.read_session()).get(row.user_id)
        except NotFound:
            raise InvalidToken from None
        if not user.is_active:
            raise InvalidToken
        await self._record_use(row)
        scopes = allowed_scopes(user.role, row.scopes)
        return Principal(user_id=user.id, role=user.role, scopes=scopes, is_api_key=True)

    async def _by_external_claims(self, claims: ExternalClaims) -> Principal:
        user = await find_or_create_user(self._database, claims)
        if not user.is_active:
            raise InvalidToken
        return Principal(
            user_id=user.id,
            role=user.role,
            scopes=allowed_scopes(user.role, claims.scopes),
            expires_at=claims.expires_at,
        )

    def _is_expired(self, row: ApiKey) -> bool:
        return row.expires_at is not None and row.expires_at <= self._auth.now()

    async def _record_use(self, row: ApiKey) -> None:
        now = self._auth.now()
        if row.last_used_at is not None and now - row.last_used_at < LAST_USED_PRECISION:
            return
        with suppress(AppError):  # the request does not fail because of it
            async with self._database.session() as session:
                keys = ApiKeyRepository(session)
                await keys.update(await keys.get_for_update(row.id), {"last_used_at": now})
