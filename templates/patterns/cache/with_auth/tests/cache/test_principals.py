"""A cached response belongs to a user and its scopes, not to one of its tokens."""

from itertools import count

from fastapi import Request

from app.auth.deps import PrincipalDep
from app.cache.routes import cached
from app.main import create_app
from app.settings import Settings
from tests.accounts import bearer, get_tokens, register
from tests.serving import serve


async def test_principals_are_apart(settings: Settings) -> None:
    app, numbers = create_app(settings), count(1)

    @app.get("/number")
    @cached()
    async def read(request: Request, principal: PrincipalDep) -> int:
        return next(numbers)

    async with serve(app) as client:
        ann, bob = [(await register(client))["email"] for _ in range(2)]
        tokens = [
            await get_tokens(client, ann),
            await get_tokens(client, ann),
            await get_tokens(client, ann, scope="items:read"),
            await get_tokens(client, bob),
        ]
        answers = [await client.get("/number", headers=bearer(each)) for each in tokens]

    assert [answer.json() for answer in answers] == [1, 1, 2, 3]
