"""A second version, served beside the first."""

from fastapi import APIRouter

from app.core.routing import flatten_routes
from app.main import create_app
from app.schemas.base import Output
from app.settings import Settings
from tests.serving import serve


class Greeting(Output):
    greeting: str


router = APIRouter()


@router.get("/greeting", operation_id="read_greeting_v2")
async def read_greeting() -> Greeting:
    return Greeting(greeting="hello from version 2")


async def test_a_version_with_its_own_router_and_schemas(settings: Settings) -> None:
    app = create_app(settings)
    app.include_router(router, prefix="/api/v2", tags=["greetings"])
    flatten_routes(app)

    async with serve(app) as client:
        response = await client.get("/api/v2/greeting")
        schema = (await client.get("/openapi.json")).json()

    assert response.json() == {"greeting": "hello from version 2"}
    assert "/api/v2/greeting" in schema["paths"]
