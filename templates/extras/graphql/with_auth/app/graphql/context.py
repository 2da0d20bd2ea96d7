"""The context of a GraphQL request: whose it is, and the rows that the principal may see."""

from typing import Annotated

import strawberry
from fastapi import Depends

from app.auth.deps import AnyPrincipalDep, get_owned_rows, get_shared_rows
from app.auth.principal import Principal
from app.core.query import RowScope
from app.graphql.request_context import RequestContext
from app.lifespan import Connection


class Context(RequestContext):
    def __init__(self, connection: Connection, principal: Principal) -> None:
        super().__init__(connection)
        self.principal = principal

    async def owned_rows(self, scope: str) -> RowScope:
        """Those of the principal, who needs the scope; with full access those of all users."""
        self.principal.require_scopes([scope])
        return await get_owned_rows(self.principal)

    async def shared_rows(self, scope: str) -> RowScope:
        """Those that all users share; the principal needs the scope."""
        self.principal.require_scopes([scope])
        return await get_shared_rows(self.principal)


Info = strawberry.Info[Context, None]


async def get_context(connection: Connection, principal: AnyPrincipalDep) -> Context:
    return Context(connection, principal)


ContextDep = Annotated[Context, Depends(get_context)]
