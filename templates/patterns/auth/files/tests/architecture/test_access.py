"""Every operation requires authentication and its scopes; public ones are listed here."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from httpx2 import AsyncClient

from app.auth.deps import scopes_of
from app.settings import Settings
from tests.accounts import PASSWORD, another_client, bearer, get_tokens, register
from tests.serving import application

PUBLIC = {
    "read_health",
    "read_ready",
    "read_jwks",
    "register",
    "sign_in",
    "refresh",
    "forget_password",
    "reset_password",
}
"""The operations that need no authentication."""
SCOPES_BY_FIELD = {"run_graphql"}
"""The operations that check the scopes of what a request asks for, as the extra `graphql` does."""

SECRETS = ("password", "hash", "digest", "handle", "secret")
READ_ONLY = {"id": 7, "owner_id": 7, "user_id": 7, "is_superuser": True}


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    schema: Mapping[str, Any]

    @property
    def url(self) -> str:
        """With an id that does not exist."""
        return "/".join("999" if part.startswith("{") else part for part in self.path.split("/"))

    @property
    def scopes(self) -> frozenset[str]:
        ways = self.schema.get("security", [])
        return frozenset(scope for way in ways for scopes in way.values() for scope in scopes)

    @property
    def takes_api_keys(self) -> bool:
        return any("APIKey" in way for way in self.schema["security"])

    async def status(self, client: AsyncClient, headers: Mapping[str, str]) -> int:
        """The status with these credentials, and without a body. HEAD does not start streams."""
        method = "HEAD" if self.method == "GET" else self.method
        return (await client.request(method, self.url, headers=dict(headers))).status_code


@pytest.fixture
def schema(settings: Settings) -> dict[str, Any]:
    return application(settings).openapi()


@pytest.fixture
def protected(schema: dict[str, Any]) -> list[Operation]:
    return [each for each in operations(schema) if each.name not in PUBLIC]


@pytest.fixture
def scopes(protected: list[Operation]) -> frozenset[str]:
    """All scopes of the service."""
    return frozenset({"admin"}).union(*(each.scopes for each in protected))


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield Operation(operation["operationId"], method.upper(), path, operation)


class Credentials:
    """Tokens and API keys of an admin, by their scopes."""

    def __init__(self, admin: AsyncClient, email: str) -> None:
        self._admin = admin
        self._email = email
        self._known: dict[tuple[str, frozenset[str]], dict[str, str]] = {}

    async def get(self, kind: str, scopes: frozenset[str]) -> dict[str, str]:
        if (kind, scopes) not in self._known:
            make = self._token if kind == "token" else self._api_key
            self._known[kind, scopes] = await make(sorted(scopes))
        return self._known[kind, scopes]

    async def _token(self, scopes: list[str]) -> dict[str, str]:
        return bearer(await get_tokens(self._admin, self._email, " ".join(scopes) or "none"))

    async def _api_key(self, scopes: list[str]) -> dict[str, str]:
        data = {"name": "test", "scopes": scopes}
        response = await self._admin.post("/api/v1/auth/api-keys", json=data)
        return {"X-API-Key": response.json()["key"]}


@pytest.fixture
def credentials(admin: AsyncClient, admin_email: str) -> Credentials:
    return Credentials(admin, admin_email)


def test_public_operations_are_listed(settings: Settings) -> None:
    routes = [each for each in application(settings).routes if isinstance(each, APIRoute)]

    assert {route.name for route in routes if scopes_of(route) is None} == PUBLIC


def test_the_documentation_describes_access(
    schema: dict[str, Any], protected: list[Operation], scopes: frozenset[str]
) -> None:
    assert {each.name for each in operations(schema) if each.schema["security"]} == {
        each.name for each in protected
    }
    for each in protected:
        assert {"401", "403"} <= each.schema["responses"].keys()
    schemes = schema["components"]["securitySchemes"]
    assert schemes["Password"]["flows"]["password"]["tokenUrl"] == "api/v1/auth/token"
    assert {*schemes["Password"]["flows"]["password"]["scopes"]} == scopes
    assert schemes["APIKey"] == {"type": "apiKey", "in": "header", "name": "x-api-key"}


INVALID_CREDENTIALS: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer"},
    {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="},
    {"Authorization": f"Bearer {'x' * 100_000}"},
    {"X-API-Key": "0123456789ab.nonsense"},
]


@pytest.mark.parametrize("headers", INVALID_CREDENTIALS, ids=lambda found: json.dumps(found)[:40])
async def test_invalid_credentials_are_401(
    protected: list[Operation], anonymous: AsyncClient, headers: dict[str, str]
) -> None:
    for each in protected:
        response = await anonymous.request(each.method, each.url, headers=headers)

        assert response.status_code == 401, each
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kind", ["token", "api_key"])
async def test_each_operation_requires_its_scopes(
    protected: list[Operation],
    scopes: frozenset[str],
    credentials: Credentials,
    client: AsyncClient,
    kind: str,
) -> None:
    async with another_client(client) as caller:
        for each in protected:
            if kind == "api_key" and not each.takes_api_keys:
                headers = await credentials.get(kind, scopes)
                assert await each.status(caller, headers) == 403, each
                continue
            # A key has at least one scope.
            for missing in each.scopes if kind == "token" or len(scopes) > 1 else ():
                headers = await credentials.get(kind, scopes - {missing})
                assert await each.status(caller, headers) == 403, (each, missing)
            if each.scopes:
                headers = await credentials.get(kind, each.scopes)
                assert await each.status(caller, headers) not in (401, 403), each


def test_api_keys_need_more_than_read_scopes_for_changes(protected: list[Operation]) -> None:
    for each in protected:
        if each.method != "GET" and each.takes_api_keys and each.name not in SCOPES_BY_FIELD:
            assert [scope for scope in each.scopes if not scope.endswith(":read")], each


async def test_users_are_no_admins(protected: list[Operation], client: AsyncClient) -> None:
    for each in protected:
        if "admin" in each.scopes:
            assert await each.status(client, {}) == 403, each


async def test_roles_owners_and_ids_are_refused_in_bodies(
    schema: dict[str, Any], client: AsyncClient, admin: AsyncClient
) -> None:
    for each in operations(schema):
        if "application/json" not in each.schema.get("requestBody", {}).get("content", {}):
            continue
        caller = admin if "admin" in each.scopes else client
        fields = READ_ONLY if each.name == "patch_user" else READ_ONLY | {"role": "admin"}
        for name, value in fields.items():
            response = await caller.request(each.method, each.url, json={name: value})

            assert response.status_code == 422, each
            faults = response.json()["errors"]
            assert any(fault["loc"][-1] in (name, "body", "forms") for fault in faults), each


def test_no_response_can_contain_a_secret(schema: dict[str, Any]) -> None:
    """Responses contain the fields of their schemas; new tokens and keys are returned once."""
    schemas = schema["components"]["schemas"]
    named: set[str] = set()
    seen: set[str] = set()
    waiting = [
        content.get("schema", content.get("itemSchema"))
        for each in operations(schema)
        for response in each.schema["responses"].values()
        for content in response.get("content", {}).values()
    ]
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)} if reference not in seen:
                seen.add(reference)
                waiting.append(schemas[reference.rpartition("/")[2]])
            case dict(part):
                named |= set(part.get("properties", {}))
                waiting += part.get("properties", {}).values()
                waiting += [part[key] for key in ("items",) if key in part]
                waiting += part.get("anyOf", [])

    assert {"email", "access_token", "key"} <= named
    assert [name for name in named if any(secret in name for secret in SECRETS)] == []


async def test_no_response_contains_a_password(client: AsyncClient) -> None:
    user = await register(client)
    me = await client.get("/api/v1/users/me")

    assert PASSWORD not in json.dumps(user) + me.text
    assert "argon2" not in json.dumps(user) + me.text
