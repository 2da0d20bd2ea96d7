"""Finds the principal of a token or an API key.

Each request reads the database, so that a session ends in all processes at once.
"""

from app.auth.context import AuthContext
from app.auth.errors import InvalidToken
from app.auth.identity_provider import ExternalClaims
from app.auth.models import User
from app.auth.principal import Principal, Role, allowed_scopes
from app.auth.repository import ApiKeyRepository, SessionRepository, UserRepository
from app.auth.tokens import TokenType, digest_of
from app.core.errors import Conflict
from app.db.database import Database


class Authenticator:
    """All methods raise `InvalidToken`."""

    def __init__(self, database: Database, auth: AuthContext) -> None:
        self._database = database
        self._auth = auth

    async def by_token(self, token: str, expected: TokenType = TokenType.ACCESS) -> Principal:
        provider = self._auth.identity_provider
        if provider is not None and expected is TokenType.ACCESS:
            external = await provider.read(token)
            if external is not None:
                return await self._by_external_claims(external)
        claims = self._auth.tokens.read(token, expected)
        sessions = SessionRepository(self._database.read_session())
        session = await sessions.get_by_handle(claims.sid)
        if session is None or session.user_id != claims.sub:
            raise InvalidToken
        return Principal(
            user_id=session.user_id,
            role=session.role,
            scopes=frozenset(claims.scope.split()),
            session_id=session.id,
            expires_at=claims.exp,
        )

    async def by_api_key(self, key: str) -> Principal:
        keys = ApiKeyRepository(self._database.read_session())
        if (found := await keys.get_valid(digest_of(key), self._auth.now())) is None:
            raise InvalidToken
        row, user = found
        scopes = allowed_scopes(user.role, row.scopes)
        return Principal(user_id=user.id, role=user.role, scopes=scopes, is_api_key=True)

    async def _by_external_claims(self, claims: ExternalClaims) -> Principal:
        user = await self._find_or_create_user(claims)
        if not user.is_active:
            raise InvalidToken
        return Principal(
            user_id=user.id,
            role=user.role,
            scopes=allowed_scopes(user.role, claims.scopes),
            expires_at=claims.exp,
        )

    async def _find_or_create_user(self, claims: ExternalClaims) -> User:
        """The user with this identity, never another user with the same e-mail address."""
        committed = UserRepository(self._database.read_session())
        if (user := await committed.get_by_identity(claims.iss, claims.sub)) is not None:
            return user
        try:
            async with self._database.session() as session:
                return await _create_user(UserRepository(session), claims)
        except Conflict:  # a concurrent request has created it
            if (user := await committed.get_by_identity(claims.iss, claims.sub)) is None:
                raise
            return user


async def _create_user(users: UserRepository, claims: ExternalClaims) -> User:
    email = claims.profile.email
    if email is None or await users.get_by_email(email) is not None:
        identity = f"{claims.iss} {claims.sub}"
        email = f"{digest_of(identity)[:32]}@external.invalid"
    user = User(
        email=email,
        full_name=claims.profile.full_name,
        issuer=claims.iss,
        subject=claims.sub,
        role=Role.USER,
        is_active=True,
    )
    return await users.add(user)
