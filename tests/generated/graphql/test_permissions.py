"""Every kind of caller may do over GraphQL what REST allows, and nothing else."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.accounts import another_client, bearer, get_tokens, register
from tests.factories.item import item_data

ITEMS = "/api/v1/items"
FIELDS = '{ name: "new", price: "1.00" }'
ACTIONS: dict[str, tuple[str, dict[str, Any] | None, str]] = {
    "list": ("GET", None, "{ items { total } }"),
    "create": ("POST", item_data(), f"mutation {{ createItem(data: {FIELDS}) {{ id }} }}"),
    "read": ("GET", None, '{ item(id: "1") { id } }'),
    "replace": (
        "PUT",
        item_data(),
        f'mutation {{ replaceItem(id: "1", data: {FIELDS}) {{ id }} }}',
    ),
    "patch": (
        "PATCH",
        {"name": "other"},
        'mutation { patchItem(id: "1", data: { name: "other" }) { id } }',
    ),
    "delete": ("DELETE", None, 'mutation { deleteItem(id: "1") }'),
}
OF_ALL = {"list", "create"}
READ, WRITE = {"list", "read"}, {"create", "replace", "patch", "delete"}
CALLERS: dict[str, set[str]] = {
    "nobody": set(),
    "owner": READ | WRITE,
    "owner items:read": READ,
    "owner items:write": WRITE,
    "owner tasks:read": set(),
    "key items:read": READ,
    "key items:write": WRITE,
    "stranger": OF_ALL,
    "admin": READ | WRITE,
    "admin items:read items:write": OF_ALL,
}
"""What each may do with an item of the owner, and with the list."""


def code_of(response: Response) -> str | None:
    """The code of the problem or of the error, if there is one."""
    if response.status_code >= 400:
        return str(response.json()["code"])
    errors = response.json().get("errors", []) if response.content else []
    return errors[0]["extensions"]["code"] if errors else None


@pytest.fixture
async def caller(
    request: pytest.FixtureRequest, client: AsyncClient, admin_email: str
) -> AsyncClient:
    """A client with the credentials of the caller; the owner has an item with the id 1."""
    who, _, scope = request.param.partition(" ")
    owner = (await register(client))["email"]
    signed_in = bearer(await get_tokens(client, owner))
    created = await client.post(ITEMS, json=item_data(), headers=signed_in)
    assert created.json()["id"] == 1
    somebody = another_client(client)
    if who == "key":
        key = {"name": "key", "scopes": [scope]}
        made = await client.post("/api/v1/auth/api-keys", json=key, headers=signed_in)
        somebody.headers["X-API-Key"] = made.json()["key"]
    elif who != "nobody":
        emails = {"owner": owner, "admin": admin_email}
        email = emails.get(who) or (await register(client))["email"]
        somebody.headers.update(bearer(await get_tokens(client, email, scope)))
    return somebody


@pytest.mark.parametrize(("caller", "allowed"), CALLERS.items(), ids=CALLERS, indirect=["caller"])
async def test_graphql_allows_what_rest_allows(caller: AsyncClient, allowed: set[str]) -> None:
    over_graphql, over_rest = {}, {}
    async with caller:
        for action, (method, data, query) in ACTIONS.items():
            response = await caller.post("/graphql", json={"query": query})
            over_graphql[action] = code_of(response)
            url = ITEMS if action in OF_ALL else f"{ITEMS}/1"
            response = await caller.request(method, url, json=data)
            over_rest[action] = code_of(response)
    if "delete" in allowed:
        assert over_rest.pop("delete") == "not_found"  # GraphQL has deleted it
        assert over_graphql.pop("delete") is None

    assert over_graphql == over_rest
    assert {action for action, code in over_rest.items() if code is None} == allowed - {"delete"}
