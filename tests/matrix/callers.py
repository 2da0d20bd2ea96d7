"""Calls every operation of an OpenAPI document once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class Call:
    """What an operation answered."""

    operation: str
    status: int
    documented: frozenset[str]

    @property
    def is_documented(self) -> bool:
        return str(self.status) in self.documented and self.status < 500


def call_everything(url: str) -> list[Call]:
    """Call each operation with the examples and defaults of its own document."""
    with httpx2.Client(base_url=url) as client:
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
                response = client.request(method, target, **body)
                calls.append(
                    Call(
                        f"{method} {path}", response.status_code, frozenset(operation["responses"])
                    )
                )
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
    smallest = schema.get("minimum", 1)
    return smallest if schema.get("type") in {"integer", "number"} else "x" * smallest
