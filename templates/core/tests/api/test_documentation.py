"""What the documentation says, and whether it is shown."""

from typing import Annotated

import pytest
from fastapi import Query
from httpx2 import AsyncClient
from pydantic import SecretStr, create_model

from app.core.routing import flatten
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve

PAGES = ["/docs", "/redoc", "/openapi.json"]
SECRET = SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("page", PAGES)
async def test_shown_while_developing(client: AsyncClient, page: str) -> None:
    assert (await client.get(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("enabled", "status"), [(None, 404), (True, 200)])
async def test_in_production_only_when_asked_for(
    page: str, enabled: bool | None, status: int
) -> None:
    settings = Settings(
        environment="production",
        secret_key=SECRET,
        docs_enabled=enabled,
        allowed_hosts=("test",),
    )
    async with serve(create_app(settings)) as client:
        assert (await client.get(f"https://test{page}")).status_code == status


async def test_what_the_settings_say() -> None:
    settings = Settings(
        app_title="Orders",
        app_description="Takes orders.",
        contact_name="The orders team",
        contact_email="orders@example.com",
        docs_path="/help",
        openapi_path="/schema.json",
        swagger_ui_parameters={"deepLinking": False},
    )
    async with serve(create_app(settings)) as client:
        page = await client.get("/help")
        schema = (await client.get("/schema.json")).json()

    assert '"deepLinking": false' in page.text
    assert schema["info"]["title"] == "Orders"
    assert schema["info"]["description"] == "Takes orders."
    assert schema["info"]["contact"] == {"name": "The orders team", "email": "orders@example.com"}


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


async def test_that_a_part_may_be_silent_is_documented(client: AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()

    never = [path for path, one in schema["paths"].items() if "503" not in str(one.values())]

    assert never == ["/health"]


async def test_writes_on_a_condition_are_documented(client: AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()

    for path in schema["paths"].values():
        for operation in path.values():
            conditional = any(one["name"] == "if-match" for one in operation.get("parameters", []))
            assert conditional == ("412" in operation["responses"])


async def test_tags_are_described(client: AsyncClient) -> None:
    tags = (await client.get("/openapi.json")).json()["tags"]

    assert {
        "name": "health",
        "description": "Whether the process lives, and whether it should get requests.",
    } in tags
    assert all(tag["description"] for tag in tags)


async def test_more_query_models_than_fastapi_remembers(settings: Settings) -> None:
    app = create_app(settings)

    def add(number: int) -> None:
        model = create_model(f"Query{number}", __base__=Input, page=(int, 1))

        async def read(query: Annotated[model, Query()]) -> int:
            return number

        app.get(f"/many/{number}", operation_id=f"read_{number}")(read)

    for number in range(140):
        add(number)
    flatten(app)
    async with serve(app) as client:
        document = (await client.get("/openapi.json")).json()

    assert document["paths"]["/many/0"]["get"]["parameters"][0]["name"] == "page"
