"""The context of a GraphQL request."""

from typing import Annotated

import strawberry
from fastapi import Depends

from app.graphql.request_context import RequestContext
from app.lifespan import Connection


class Context(RequestContext):
    pass


Info = strawberry.Info[Context, None]


async def get_context(connection: Connection) -> Context:
    return Context(connection)


ContextDep = Annotated[Context, Depends(get_context)]
