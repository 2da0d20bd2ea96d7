"""Calls every operation of an OpenAPI document once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.environment import Environment
from tests.live.server import serve

FIRST_ADMIN = {
    "FIRST_ADMIN_EMAIL": "admin@example.com",
    "FIRST_ADMIN_PASSWORD": "a tall ship at dawn",
}
"""The settings of a project whose admin-only routes are to be called as an admin."""

AUTH = "/api/v1/auth"
DESCRIBED = frozenset({"etag", "location", "retry-after"})
"""Headers that are described where they are sent."""


@dataclass(frozen=True)
class Call:
    """What an operation answered."""

    operation: str
    status: int
    documented: Mapping[str, Any]
    """Its responses, by their status."""
    headers: Mapping[str, str]

    @property
    def is_documented(self) -> bool:
        response = self.documented.get(str(self.status))
        if response is None or self.status >= 500:
            return False
        described = {name.lower() for name in response.get("headers", ())}
        return {name for name in DESCRIBED if name in self.headers} <= described


def sign_in(client: httpx2.Client) -> dict[str, str]:
    """The header of the first admin, or of a new user if there is none."""
    email, password = FIRST_ADMIN.values()
    form = {"username": email, "password": password}
    answer = client.post(f"{AUTH}/token", data=form)
    if answer.status_code != 200:
        client.post(f"{AUTH}/register", json={"email": email, "password": password})
        answer = client.post(f"{AUTH}/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def check_every_route(
    project: Path, environment: Environment, env: Mapping[str, str] | None = None
) -> list[Call]:
    """Start a project and call everything; each answer is in its document."""
    with serve(project, environment, env=env) as server:
        calls = call_everything(server.url)
    assert len(calls) >= 3
    assert [call for call in calls if not call.is_documented] == []
    return calls


def call_everything(url: str) -> list[Call]:
    """Call each operation with the examples and defaults of its own document.

    Where callers have to sign in, each call has a session of its own, since some of them end it.
    """
    with httpx2.Client(base_url=url, timeout=60) as client:
        document = client.get("/openapi.json").json()
        schemas = document["components"]["schemas"]
        calls = []
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                target = path
                for parameter in operation.get("parameters", []):
                    if parameter["in"] == "path":
                        value = example(parameter["schema"], schemas)
                        target = target.replace(f"{{{parameter['name']}}}", str(value))
                content = operation.get("requestBody", {}).get("content", {})
                body: dict[str, Any] = {}
                if "application/json" in content:
                    body["json"] = example(content["application/json"]["schema"], schemas)
                elif content:
                    body["data"] = example(next(iter(content.values()))["schema"], schemas)
                headers = sign_in(client) if operation.get("security") else {}
                # What has no end is not waited for.
                with client.stream(method, target, headers=headers, **body) as response:
                    pass
                name, documented = f"{method} {path}", operation["responses"]
                calls.append(Call(name, response.status_code, documented, response.headers))
        return calls


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value that the schema allows: its example, its default, or the smallest one."""
    match schema:
        case {"$ref": str(reference)}:
            return example(schemas[reference.rpartition("/")[2]], schemas)
        case {"examples": [value, *_]} | {"enum": [value, *_]}:
            return value
        case {"anyOf": [first, *_]}:
            return example(first, schemas)
        case {"type": "object"}:
            fields, required = schema.get("properties", {}), schema.get("required", ())
            return {name: example(fields[name], schemas) for name in required}
        case {"type": "array"}:
            return [example(schema["items"], schemas)]
    text = "somebody@example.com" if schema.get("format") == "email" else "x"
    is_number = schema.get("type") in {"integer", "number"}
    return schema.get("minimum", 1) if is_number else text
