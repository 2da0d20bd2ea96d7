"""A second version as a mounted application, which has its own documentation."""

from fastapi import FastAPI

from app.core.routing import flatten_routes
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


async def test_a_version_with_its_own_documentation(settings: Settings) -> None:
    version = FastAPI(title="Version 2")

    @version.get("/greeting")
    async def read_greeting() -> str:
        return "hello from version 2"

    app = create_app(settings)
    app.mount("/api/v2", version)
    flatten_routes(app)

    async with serve(app) as client:
        response = await client.get("/api/v2/greeting")
        own = (await client.get("/api/v2/openapi.json")).json()
        main = (await client.get("/openapi.json")).json()

    assert response.json() == "hello from version 2"
    assert list(own["paths"]) == ["/greeting"]
    assert not any(path.startswith("/api/v2") for path in main["paths"])
