"""Calls of GraphQL."""

from collections.abc import Collection, Mapping
from typing import Any

from httpx2 import AsyncClient
from strawberry.utils.str_converters import to_camel_case as camel

__all__ = ["call", "camel", "change", "codes", "creation", "execute", "fragment", "to_input"]


async def execute(client: AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """The response to a document that is a valid request."""
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def call(client: AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """The data; there are no errors."""
    document = await execute(client, query, **variables)
    assert document.keys() == {"data"}, document
    data: dict[str, Any] = document["data"]
    return data


async def codes(client: AsyncClient, query: str, **variables: Any) -> list[str]:
    """The codes of the errors."""
    document = await execute(client, query, **variables)
    return [error["extensions"]["code"] for error in document.get("errors", [])]


def to_input(data: Mapping[str, Any], enums: Collection[str] = ()) -> dict[str, Any]:
    """The input of REST, with the names of GraphQL."""
    return {camel(name): value.upper() if name in enums else value for name, value in data.items()}


def fragment(model: str, *fields: str) -> str:
    """The fragment `Fields`."""
    return f" fragment Fields on {model} {{ {' '.join(map(camel, fields))} }}"


def creation(model: str) -> str:
    """A mutation that creates a row, and returns its `Fields`."""
    return f"mutation($data: {model}Input!) {{ row: create{model}(data: $data) {{ ...Fields }} }}"


def change(action: str, model: str, kind: str) -> str:
    """A mutation that changes a row: `change("patch", "Item", "PatchInput")`."""
    field = f"{action}{model}(id: $id, data: $data) {{ id }}"
    return f"mutation($id: ID!, $data: {model}{kind}!) {{ {field} }}"
