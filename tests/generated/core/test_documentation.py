"""What the documentation says, and whether it is shown."""

from typing import Annotated

import pytest
from fastapi import Query
from httpx2 import AsyncClient
from pydantic import create_model

from app.core.routing import flatten_routes
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve


async def test_settings_appear_in_the_documentation() -> None:
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


@pytest.mark.parametrize(("root_path", "url"), [("", "/"), ("/shop", "/shop")])
async def test_clients_are_made_for_one_server(root_path: str, url: str) -> None:
    """Behind a proxy that strips a prefix, a client with another one would miss the service."""
    async with serve(create_app(Settings(root_path=root_path))) as client:
        schema = (await client.get("/openapi.json")).json()

    assert schema["servers"] == [{"url": url}]


async def test_unavailable_servers_are_documented(client: AsyncClient) -> None:
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
        "description": "Whether the process runs, and whether it should receive requests.",
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
    flatten_routes(app)
    async with serve(app) as client:
        document = (await client.get("/openapi.json")).json()

    assert document["paths"]["/many/0"]["get"]["parameters"][0]["name"] == "page"
