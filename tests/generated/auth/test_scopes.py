"""The scopes of the patterns, and API keys on routes without scopes."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Security
from fastapi.routing import APIRoute

from app.auth.deps import AnyPrincipalDep, PrincipalDep, accepts_api_keys
from app.main import create_app
from app.settings import Settings
from tests.accounts import AUTH, bearer, get_tokens, register
from tests.serving import serve

REQUIRED = {
    "list_items": {"items:read"},
    "create_item": {"items:write"},
    "export_items_csv": {"items:read"},
    "follow_topic": {"events:read"},
    "publish_event": {"events:write"},
    "complete": {"completions:write"},
    "upload_file": {"files:write"},
    "download_file": {"files:read"},
    "enqueue_task": {"tasks:write"},
    "read_task": {"tasks:read"},
    "list_dead_tasks": {"tasks:read", "admin"},
    "replay_dead_task": {"tasks:write", "admin"},
    "list_users": {"admin"},
    "read_me": set(),
}
"""Operations of the contract, of which a project has some."""


def test_the_scopes_of_operations(settings: Settings) -> None:
    document = create_app(settings).openapi()
    operations: dict[str, Any] = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }

    found = {
        name: {*operations[name]["security"][0]["Password"]}
        for name in REQUIRED.keys() & operations.keys()
    }

    assert found == {name: REQUIRED[name] for name in found}
    assert {"list_items", "create_item", "list_users", "read_me"} <= found.keys()


async def get_nothing() -> str:
    """No principal: its scopes are not checked."""
    return ""


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """An application with routes that require no scope."""
    app = create_app(settings)

    @app.post("/unscoped")
    async def write(principal: PrincipalDep) -> str:
        return principal.name

    @app.post("/elsewhere")
    async def write_elsewhere(
        principal: PrincipalDep, _: Annotated[str, Security(get_nothing, scopes=["items:read"])]
    ) -> str:
        return principal.name

    @app.post("/unscoped/any")
    async def write_by_any(principal: AnyPrincipalDep) -> str:
        return principal.name

    return app


async def test_api_keys_are_refused_where_no_scope_is_required(app: FastAPI) -> None:
    async with serve(app) as client:
        email = (await register(client))["email"]
        token = bearer(await get_tokens(client, email))
        data = {"name": "reader", "scopes": ["items:read"]}
        key = (await client.post(f"{AUTH}/api-keys", json=data, headers=token)).json()["key"]

        by_token = await client.post("/unscoped", headers=token)
        by_key = await client.post("/unscoped", headers={"X-API-Key": key})
        elsewhere = await client.post("/elsewhere", headers={"X-API-Key": key})
        by_any = await client.post("/unscoped/any", headers={"X-API-Key": key})

    assert (by_token.status_code, by_key.status_code, by_any.status_code) == (200, 403, 200)
    assert elsewhere.status_code == 403
    routes = {route.name: route for route in app.routes if isinstance(route, APIRoute)}
    assert not accepts_api_keys(routes["write"])
    assert accepts_api_keys(routes["write_by_any"])
