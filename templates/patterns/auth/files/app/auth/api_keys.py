"""API key business logic.

Of a key only a hash is stored, by a fast function: 256 random bits cannot be guessed.
"""

import secrets
from collections.abc import Collection

from app.auth.context import AuthContext
from app.auth.errors import MissingScope
from app.auth.models import ApiKey
from app.auth.principal import Principal
from app.auth.repository import ApiKeyRepository
from app.auth.schemas import ApiKeyCreate, ApiKeyQuery
from app.auth.tokens import digest_of
from app.core.errors import Invalid
from app.core.query import PageResult


class ApiKeyService:
    def __init__(self, keys: ApiKeyRepository, auth: AuthContext) -> None:
        self._keys = keys
        self._auth = auth

    async def page(self, query: ApiKeyQuery) -> PageResult[ApiKey]:
        return await self._keys.page(query.to_query())

    async def create(
        self, data: ApiKeyCreate, principal: Principal, known: Collection[str]
    ) -> tuple[ApiKey, str]:
        """The row, and the key itself, which is not stored.

        Raises:
            Invalid: a scope does not exist, or `expires_at` has passed.
            MissingScope: the principal lacks a scope of the key.
        """
        requested = frozenset(data.scopes)
        if not requested.issubset(known):
            names = ", ".join(sorted(known))
            raise Invalid(f"Unknown scope. Scopes are: {names}.", location=("body", "scopes"))
        if missing := sorted(requested - principal.scopes):
            raise MissingScope(missing)
        if data.expires_at is not None and data.expires_at <= self._auth.now():
            raise Invalid("`expires_at` must be in the future.", location=("body", "expires_at"))
        prefix = secrets.token_hex(6)
        key = f"{prefix}.{secrets.token_urlsafe(32)}"
        row = await self._keys.add(
            ApiKey(
                name=data.name,
                prefix=prefix,
                digest=digest_of(key),
                scope=" ".join(sorted(requested)),
                expires_at=data.expires_at,
            )
        )
        return row, key

    async def revoke(self, key_id: int) -> None:
        await self._keys.delete(await self._keys.get_for_update(key_id))
