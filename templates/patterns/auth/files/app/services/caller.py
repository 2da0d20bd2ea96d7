"""Finds the caller of a token or an API key."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from app.core.errors import AppError, NotFound
from app.core.security import api_keys
from app.core.security.caller import Caller, grantable
from app.core.security.errors import BadToken
from app.core.security.tokens import TokenType
from app.core.security.tools import SecurityTools
from app.db.database import Database
from app.models.api_key import ApiKey
from app.repositories.api_key import ApiKeyRepository
from app.repositories.session import SessionRepository
from app.repositories.user import UserRepository

NOTE_EVERY = timedelta(minutes=1)


class CallerService:
    """Queries the database with each request: an ended session ends at once, in every process."""

    def __init__(self, database: Database, tools: SecurityTools) -> None:
        self._database = database
        self._tools = tools

    async def by_token(self, token: str, expected: TokenType = TokenType.ACCESS) -> Caller:
        """The caller with this token.

        Raises:
            BadToken: it is not good, or its session has ended.
        """
        claims = self._tools.tokens.read(token, expected)
        sessions = SessionRepository(self._database.read_session())
        session = await sessions.get_by_handle(claims.session)
        if session is None or session.user_id != claims.user_id:
            raise BadToken
        return Caller(
            user_id=session.user_id,
            role=session.role,
            scopes=claims.scopes,
            session_id=session.id,
            expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
        )

    async def by_key(self, key: str) -> Caller:
        """The caller with this API key.

        Raises:
            BadToken: it is not good, or not any more.
        """
        if (parts := api_keys.split(key)) is None:
            raise BadToken
        prefix, secret = parts
        row = await ApiKeyRepository(self._database.read_session()).get_by_prefix(prefix)
        if row is None or not api_keys.matches(secret, row.digest) or self._is_expired(row):
            raise BadToken
        try:
            user = await UserRepository(self._database.read_session()).get(row.user_id)
        except NotFound:
            raise BadToken from None
        if not user.is_active:
            raise BadToken
        await self._note_use(row)
        scopes = grantable(user.role, frozenset(row.scopes))
        return Caller(user_id=user.id, role=user.role, scopes=scopes, session_id=None)

    def _is_expired(self, row: ApiKey) -> bool:
        return row.expires_at is not None and row.expires_at <= self._tools.now()

    async def _note_use(self, row: ApiKey) -> None:
        now = self._tools.now()
        if row.last_used_at is not None and now - row.last_used_at < NOTE_EVERY:
            return
        with suppress(AppError):  # the request does not fail for it
            async with self._database.session() as session:
                keys = ApiKeyRepository(session)
                await keys.update(await keys.get_for_update(row.id), {"last_used_at": now})
