"""The schema is shown with the documentation only."""

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.graphql.calls import execute


@pytest.fixture(params=[True, False], ids=["docs", "no docs"])
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings(docs_enabled=request.param)


async def test_introspection_and_suggestions(settings: Settings, client: AsyncClient) -> None:
    introspection = await execute(client, "{ __schema { queryType { name } } }")
    typo = await execute(client, "{ versio }")

    assert ("errors" not in introspection) is settings.docs_enabled
    assert ("Did you mean" in str(typo)) is settings.docs_enabled


async def test_graphiql(settings: Settings, client: AsyncClient) -> None:
    page = await client.get("/graphql")

    assert page.status_code == (200 if settings.docs_enabled else 404)
    if settings.docs_enabled:
        assert "graphiql" in page.text
        assert "script-src" in page.headers["content-security-policy"]
