"""API key business logic."""

from collections.abc import Collection

from app.core.errors import Invalid
from app.core.query import PageResult
from app.core.security import api_keys
from app.core.security.caller import Caller
from app.core.security.errors import MissingScope
from app.core.security.tools import SecurityTools
from app.models.api_key import ApiKey
from app.repositories.api_key import ApiKeyRepository
from app.schemas.api_key import ApiKeyCreate, ApiKeyQuery


class ApiKeyService:
    """The operations of users on their keys."""

    def __init__(self, keys: ApiKeyRepository, tools: SecurityTools) -> None:
        self._keys = keys
        self._tools = tools

    async def page(self, query: ApiKeyQuery) -> PageResult[ApiKey]:
        return await self._keys.page(query.to_query())

    async def create(
        self, data: ApiKeyCreate, caller: Caller, known: Collection[str]
    ) -> tuple[ApiKey, str]:
        """The stored key, and the key itself, which is not stored.

        Raises:
            Invalid: a scope does not exist, or the key would be expired from the start.
            MissingScope: a key can do no more than who makes it.
        """
        wanted = frozenset(data.scopes)
        if not wanted.issubset(known):
            names = ", ".join(sorted(known))
            raise Invalid(f"There is no such scope: only {names}.", location=("body", "scopes"))
        if missing := sorted(wanted - caller.scopes):
            raise MissingScope(missing)
        if data.expires_at is not None and data.expires_at <= self._tools.now():
            raise Invalid("`expires_at` must be in the future.", location=("body", "expires_at"))
        key, prefix, digest = api_keys.new_key()
        row = await self._keys.add(
            ApiKey(
                name=data.name,
                prefix=prefix,
                digest=digest,
                scope=" ".join(sorted(wanted)),
                expires_at=data.expires_at,
            )
        )
        return row, key

    async def revoke(self, key_id: int) -> None:
        await self._keys.delete(await self._keys.get_for_update(key_id))
