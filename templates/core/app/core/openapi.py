"""Additions to the OpenAPI document: problem responses, response headers, descriptions of tags."""

import sys
from collections.abc import Collection, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies import utils
from fastapi.routing import APIRoute

from app.core.health import PROBES
from app.core.problems import MEDIA_TYPE, Problem

SCHEMAS = "#/components/schemas/"
HEADERS = {
    "ETag": "The version, for `If-Match` and `If-None-Match`.",
    "Location": "The path of the new resource.",
    "Retry-After": "Seconds to wait before a retry.",
}
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
LIMITS = ("minimum", "maximum")
MAX_SAFE_INTEGER = 2**53 - 1
"""Programs that read numbers of JSON as floating-point numbers round larger ones."""


def operation_id(route: APIRoute) -> str:
    """The name of the function. Generated clients use it as the name of the method."""
    return route.name


def extend_openapi(app: FastAPI) -> None:
    """Add the problem responses of each operation, and the description of each tag."""
    _cache_all_query_models()
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_tags = _tags(app)
            _extend(describe(), _statuses_of_middleware(app))
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it


def _cache_all_query_models() -> None:
    """Let FastAPI cache the fields of all query models, instead of 128.

    With more than 128, its schema fails and each request builds the fields of its query again.
    """
    known = utils.get_cached_model_fields  # type: ignore[attr-defined]  # there is no setting for it
    if known.cache_parameters()["maxsize"] is not None:
        utils.get_cached_model_fields = cache(known.__wrapped__)  # type: ignore[attr-defined]


def _tags(app: FastAPI) -> list[dict[str, Any]]:
    """The description of a tag is the first line of the module that defines its routes."""
    descriptions = {
        str(tag): (sys.modules[route.endpoint.__module__].__doc__ or "").partition("\n")[0]
        for route in app.routes
        if isinstance(route, APIRoute)
        for tag in route.tags
    }
    return [{"name": tag, "description": text} for tag, text in descriptions.items()]


def _statuses_of_middleware(app: FastAPI) -> frozenset[int]:
    """The statuses that middleware classes list in `answers`."""
    classes = [each.cls for each in app.user_middleware]
    return frozenset(status for cls in classes for status in getattr(cls, "answers", ()))


def _extend(schema: dict[str, Any], further: Collection[int]) -> None:
    paths = schema["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            statuses = {*_statuses_of(path, method, operation)}
            _add_responses(operation, statuses if path in PROBES else statuses.union(further))
    members = {path.rpartition("/{")[0]: each for path, each in paths.items() if path[-1] == "}"}
    for path, operations in paths.items():
        for operation in operations.values():
            _add_headers(operation["responses"], members.get(path, {}))
    problem = Problem.model_json_schema(ref_template=SCHEMAS + "{model}", mode="serialization")
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(problem.pop("$defs"), Problem=problem)
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    _adapt(schema)


def _statuses_of(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    """The further statuses of an operation, by its parameters and its body."""
    parameters = operation.get("parameters", [])
    has_body = "requestBody" in operation
    if method == "get" and JSON in operation["responses"].get("200", {}).get("content", {}):
        yield 304
    if "{" in path:
        yield 404
    if parameters or has_body:
        yield 422
    if has_body:
        yield from (413, 415)
    if any(parameter["name"] == "if-match" for parameter in parameters):
        yield 412
    if method != "get":
        yield 409
    if path != "/health":  # all others may depend on a service that is down
        yield 503
    yield from (400, 500)


def _add_responses(operation: dict[str, Any], statuses: Collection[int]) -> None:
    responses = operation["responses"]
    for status in {*map(str, statuses), *responses}:
        if status >= "300":
            responses[status] = {"description": HTTPStatus(int(status)).phrase}
        if status >= "400":
            schema = {"$ref": f"{SCHEMAS}Problem"}
            responses[status]["content"] = {MEDIA_TYPE: {"schema": schema}}
    operation["responses"] = dict(sorted(responses.items()))


def _add_headers(responses: dict[str, Any], members: dict[str, Any]) -> None:
    """Describe the headers of each response, by the others and by the operations of members."""
    for status, response in responses.items():
        names = []
        if status in {"429", "503"}:
            names = ["Retry-After"]
        if status in {"200", "206", "304"} and not {"304", "412"}.isdisjoint(responses):
            names = ["ETag"]
        if status in {"201", "202"} and "get" in members:
            is_versioned = any("412" in member["responses"] for member in members.values())
            names = ["Location", "ETag"] if is_versioned else ["Location"]
        for name in names:
            header = {"description": HEADERS[name], "schema": {"type": "string"}}
            response.setdefault("headers", {})[name] = header


def _adapt(node: object) -> None:
    """Replace what generated clients cannot read.

    Streams have no schema before OpenAPI 3.2, which describes their parts by `itemSchema`. Limits
    that programs round are replaced by `int64`.
    """
    if isinstance(node, list):
        for child in node:
            _adapt(child)
    if isinstance(node, dict):
        if node.pop("itemSchema", None) is not None:
            node["schema"] = {"type": "string"}
        if EVENT_STREAM in node:
            node[EVENT_STREAM] = {"schema": {"description": "A stream of server-sent events."}}
        for limit in LIMITS:
            if isinstance(node.get(limit), int) and abs(node[limit]) > MAX_SAFE_INTEGER:
                del node[limit]
                node["format"] = "int64"
        _adapt([*node.values()])
