"""Tasks belong to the user who enqueued them."""

from fastapi.routing import APIRoute
from httpx2 import AsyncClient

from app.auth.deps import scopes_of
from app.auth.principal import ADMIN_SCOPE
from app.lifespan import lifespan
from app.settings import Settings
from tests.serving import application

URL = "/api/v1/tasks"
ANN = {"name": "greet", "args": {"name": "Ann"}}


async def test_tasks_of_others_are_not_found(
    client: AsyncClient, stranger: AsyncClient, admin: AsyncClient
) -> None:
    location = (await client.post(URL, json=ANN)).headers["location"]

    assert (await client.get(location)).status_code == 200
    assert (await stranger.get(location)).status_code == 404
    assert (await admin.get(location)).status_code == 200


async def test_keys_are_per_user(client: AsyncClient, stranger: AsyncClient) -> None:
    headers = {"Idempotency-Key": "one"}
    one = await client.post(URL, json=ANN, headers=headers)
    other = await stranger.post(URL, json=ANN, headers=headers)

    assert one.json()["task_id"] != other.json()["task_id"]


async def test_dead_tasks_are_for_admins(client: AsyncClient) -> None:
    assert (await client.get(f"{URL}/dead")).status_code == 403


async def test_a_task_can_need_a_scope(client: AsyncClient) -> None:
    assert (await client.post(URL, json={"name": "report"})).status_code == 403


async def test_the_scopes_of_tasks_can_be_granted(settings: Settings) -> None:
    """Tokens and API keys can have the scopes of routes."""
    app = application(settings)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    async with lifespan(settings)(app) as state:
        types = state["queue"].engine.types.values()

    required = {scope for each in types for scope in each.scopes}
    assert required - {ADMIN_SCOPE}.union(*(scopes_of(route) or () for route in routes)) == set()
