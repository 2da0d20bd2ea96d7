"""No operation is open by mistake: what is public is listed here, and nowhere else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from httpx2 import AsyncClient

from app.auth.access import scopes_of
from app.settings import Settings
from tests.accounts import PASSWORD, another, bearer, get_tokens, register
from tests.serving import application

PUBLIC = {"read_health", "read_ready", "register", "sign_in", "refresh"}
"""The operations that anybody may call."""

CLOSED_TO_KEYS = "API keys are refused here."
SECRETS = ("password", "hash", "digest", "nonce", "secret")
NOT_THEIRS = {"id": 7, "owner_id": 7, "user_id": 7, "is_superuser": True}


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    schema: Mapping[str, Any]

    @property
    def url(self) -> str:
        """With an id that is not there."""
        return "/".join("999" if part.startswith("{") else part for part in self.path.split("/"))

    @property
    def scopes(self) -> set[str]:
        return {
            scope
            for way in self.schema.get("security", [])
            for all_of in way.values()
            for scope in all_of
        }


@pytest.fixture
def schema(settings: Settings) -> dict[str, Any]:
    return application(settings).openapi()


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield Operation(operation["operationId"], method.upper(), path, operation)


def protected(schema: Mapping[str, Any]) -> list[Operation]:
    return [each for each in operations(schema) if each.name not in PUBLIC]


def test_what_is_public_is_listed(settings: Settings) -> None:
    app = application(settings)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]

    assert {route.name for route in routes if scopes_of(route) is None} == PUBLIC


def test_the_documentation_tells_who_may_call(schema: dict[str, Any]) -> None:
    documented = {each.name for each in operations(schema) if "security" in each.schema}

    assert documented == {each.name for each in protected(schema)}
    for each in protected(schema):
        assert {"401", "403"} <= each.schema["responses"].keys()


def test_authorize_in_the_documentation_signs_in(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    flow = schemes["Password"]["flows"]["password"]

    assert flow["tokenUrl"] == "api/v1/auth/token"
    assert set(flow["scopes"]) == set().union(*(each.scopes for each in operations(schema)))
    assert schemes["APIKey"] == {"type": "apiKey", "in": "header", "name": "x-api-key"}
    key = schema["components"]["schemas"]["ApiKeyCreate"]["properties"]["scopes"]
    assert set(key["items"]["enum"]) == {*flow["scopes"], "admin"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": f"Bearer {'x' * 100_000}"},
        {"X-API-Key": ""},
        {"X-API-Key": "0123456789ab.nonsense"},
        {"X-API-Key": "x" * 100_000},
    ],
    ids=lambda headers: json.dumps(headers)[:40],
)
async def test_nobody_gets_in_without_a_good_token(
    schema: dict[str, Any], anonymous: AsyncClient, headers: dict[str, str]
) -> None:
    for each in protected(schema):
        response = await anonymous.request(each.method, each.url, headers=headers)

        assert response.status_code == 401, each
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.json()["code"] == "unauthorized"


async def test_nobody_gets_in_with_too_little(
    schema: dict[str, Any], anonymous: AsyncClient
) -> None:
    """For each scope that is asked for, a token that has all others."""
    user = await register(anonymous)
    every = set().union(*(each.scopes for each in operations(schema)))
    for each in protected(schema):
        for missing in each.scopes:
            others = " ".join(every - {missing}) or "none"
            tokens = await get_tokens(anonymous, user["email"], others)
            response = await anonymous.request(each.method, each.url, headers=bearer(tokens))

            assert response.status_code == 403, each
            assert response.json()["code"] == "forbidden"


async def test_a_user_is_no_admin(schema: dict[str, Any], client: AsyncClient) -> None:
    for each in protected(schema):
        if "admin" in each.scopes:
            response = await client.request(each.method, each.url)

            assert response.status_code == 403, each


async def test_an_admin_whose_token_was_made_for_less_is_none(
    schema: dict[str, Any], client: AsyncClient, admin: AsyncClient, admin_email: str
) -> None:
    tokens = await get_tokens(client, admin_email, "none")
    for each in protected(schema):
        if "admin" in each.scopes:
            response = await client.request(each.method, each.url, headers=bearer(tokens))

            assert response.status_code == 403, each
            assert 'scope="admin"' in response.headers["www-authenticate"]


async def test_what_is_not_theirs_to_say_is_refused(
    schema: dict[str, Any], client: AsyncClient, admin: AsyncClient
) -> None:
    """Role, owner and id are never taken from a body; a role is for an admin to give."""
    for each in operations(schema):
        if "application/json" not in each.schema.get("requestBody", {}).get("content", {}):
            continue
        caller = admin if "admin" in each.scopes else client
        fields = NOT_THEIRS if each.name == "patch_user" else NOT_THEIRS | {"role": "admin"}
        for name, value in fields.items():
            response = await caller.request(each.method, each.url, json={name: value})

            assert response.status_code == 422, each
            faults = response.json()["errors"]
            assert any(fault["loc"][-1] in (name, "body", "forms") for fault in faults), each


def test_no_response_can_hold_a_secret(schema: dict[str, Any]) -> None:
    """What is told is what the schemas name; new tokens, and a new key, are told once."""
    schemas = schema["components"]["schemas"]
    told = set()
    waiting = [
        content.get("schema") or content["itemSchema"]
        for each in operations(schema)
        for response in each.schema["responses"].values()
        for content in response.get("content", {}).values()
    ]
    seen = set()
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)} if reference not in seen:
                seen.add(reference)
                waiting.append(schemas[reference.rpartition("/")[2]])
            case dict(part):
                told |= set(part.get("properties", {}))
                waiting += part.get("properties", {}).values()
                waiting += [part[key] for key in ("items",) if key in part]
                waiting += part.get("anyOf", [])

    assert {"email", "access_token", "key"} <= told
    assert [name for name in told if any(secret in name for secret in SECRETS)] == []


async def test_no_answer_holds_a_password(client: AsyncClient) -> None:
    user = await register(client)
    me = await client.get("/api/v1/users/me")

    assert PASSWORD not in json.dumps(user) + me.text
    assert "argon2" not in json.dumps(user) + me.text


async def test_a_key_cannot_take_over_the_account(
    schema: dict[str, Any], client: AsyncClient
) -> None:
    created = await client.post(
        "/api/v1/auth/api-keys", json={"name": "all", "scopes": every_scope(schema)}
    )
    key = {"X-API-Key": created.json()["key"]}
    own = [each for each in protected(schema) if "/auth/" in each.path]
    async with another(client) as program:
        for each in own:
            response = await program.request(each.method, each.url, headers=key)

            assert response.status_code == 403, each
            assert response.json()["detail"] == CLOSED_TO_KEYS


def every_scope(schema: Mapping[str, Any]) -> list[str]:
    """All that a user may have."""
    scopes = set().union(*(each.scopes for each in operations(schema)))
    return sorted(scopes - {"admin"}) or ["admin"]
