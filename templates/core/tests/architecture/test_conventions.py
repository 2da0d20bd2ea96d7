"""The conventions of this project, as tests."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.responses import Response

from app.core.environment import PROJECT_ROOT
from app.settings import Settings
from tests.serving import application

APP = PROJECT_ROOT / "app"


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return application(settings)


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Those of the documentation: `flatten_routes` adds a copy for HEAD of each route for GET."""
    found = (route for route in app.routes if isinstance(route, APIRoute))
    return (route for route in found if route.include_in_schema)


def makes_own_bytes(route: APIRoute) -> bool:
    """Whether the route says that its response is a stream, a file, or another `Response`."""
    returned = inspect.signature(route.endpoint, eval_str=True).return_annotation
    is_response = isinstance(returned, type) and issubclass(returned, Response)
    return is_response or isinstance(route.response_class, type)


def test_operation_ids_are_unique(app: FastAPI) -> None:
    ids = Counter(route.unique_id for route in routes(app))

    assert [name for name, count in ids.items() if count > 1] == []


def test_routes_and_what_they_depend_on_are_async(app: FastAPI) -> None:
    """Sync functions run in a thread, which costs more than most handlers do."""
    for route in routes(app):
        waiting = [route.dependant]
        while waiting:
            dependant = waiting.pop()
            waiting += dependant.dependencies
            call: Any = dependant.call
            call = call if inspect.isroutine(call) else type(call).__call__
            assert inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call), call


def test_answers_are_annotated(app: FastAPI) -> None:
    """Then pydantic makes them JSON in one step, and the documentation knows them."""
    bare = [
        route.name
        for route in routes(app)
        if route.response_model is None and route.status_code != 204 and not makes_own_bytes(route)
    ]

    assert bare == [], "annotate the return type: a schema, or a subclass of Response"


def test_forms_have_limits(app: FastAPI) -> None:
    """The default of FastAPI, 1,000 fields of 1 MB each, takes seconds to parse."""
    unlimited = [
        route.name
        for route in routes(app)
        if route.body_field is not None
        and isinstance(route.body_field.field_info, Form)
        and not route.form_limits
    ]

    assert unlimited == []


def test_every_resource_has_the_same_name_in_every_layer() -> None:
    layers = ["models", "repositories", "services"]
    names = [{path.stem for path in (APP / layer).glob("*.py")} - {"__init__"} for layer in layers]

    assert names[0] == names[1]
    assert names[1] <= names[2]


def test_modules_say_what_they_are_for() -> None:
    unclear = [
        str(path.relative_to(APP))
        for path in sorted(APP.rglob("*.py"))
        if not summary(path).endswith(".")
    ]

    assert unclear == []


def summary(path: Path) -> str:
    """The first line of the docstring of a module."""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return docstring.partition("\n")[0]
