"""The documentation of the API, and the setting that hides it."""

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.serving import serve

PAGES = ["/docs", "/redoc", "/openapi.json"]
SECRET = SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz")


async def test_shown_while_developing(client: AsyncClient) -> None:
    assert [(await client.get(page)).status_code for page in PAGES] == [200, 200, 200]


@pytest.mark.parametrize(("enabled", "status"), [(None, 404), (True, 200)])
async def test_in_production_only_when_asked_for(enabled: bool | None, status: int) -> None:
    settings = Settings(
        environment="production",
        secret_key=SECRET,
        docs_enabled=enabled,
        allowed_hosts=("test",),
    )
    async with serve(create_app(settings)) as client:
        found = [(await client.get(f"https://test{page}")).status_code for page in PAGES]

    assert found == [status] * 3


async def test_errors_are_documented_as_they_are(client: AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()

    problem = {"$ref": "#/components/schemas/Problem"}
    operations = [one for path in schema["paths"].values() for one in path.values()]
    for operation in operations:
        errors = {
            status: response["content"]
            for status, response in operation["responses"].items()
            if status >= "400"
        }
        assert {"400", "500"} <= errors.keys()
        assert all(
            content == {"application/problem+json": {"schema": problem}}
            for content in errors.values()
        )
    assert {"Problem", "FieldError"} <= schema["components"]["schemas"].keys()
    assert "HTTPValidationError" not in schema["components"]["schemas"]
