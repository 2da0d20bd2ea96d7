"""Applications that differ in one choice, called without a server; run by `choices.py`."""

import asyncio
import json
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from time import process_time
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import ORJSONResponse, UJSONResponse
from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware

ROUNDS, REQUESTS = 9, 300
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "path": "/",
    "raw_path": b"/",
    "root_path": "",
    "scheme": "http",
    "query_string": b"",
    "headers": [],
    "server": ("127.0.0.1", 80),
    "client": ("127.0.0.1", 50_000),
}


class Item(BaseModel):
    id: int
    name: str
    price: str
    status: str
    created_at: str


class Page(BaseModel):
    items: list[Item]
    total: int


ROWS = [
    Item(id=n, name=f"lamp {n}", price="12.50", status="draft", created_at="2026-01-01T00:00:00Z")
    for n in range(20)
]
PLAIN = [row.model_dump() for row in ROWS]


class Plain:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class Based(BaseHTTPMiddleware):
    async def dispatch(self, request: Any, call_next: Any) -> Any:
        return await call_next(request)


async def page() -> Page:
    return Page(items=ROWS, total=20)


async def rows():  # type: ignore[no-untyped-def]  # noqa: ANN201  # as many tutorials have it
    return {"items": ROWS, "total": 20}


async def json_already() -> Any:
    return ORJSONResponse({"items": PLAIN, "total": 20})


async def nothing() -> None:
    pass


def nothing_in_a_thread() -> None:
    pass


def app_of(function: Callable[..., Any], middleware: Any = None, **options: Any) -> FastAPI:
    app = FastAPI()
    app.add_api_route("/", function, **options)
    if middleware is not None:
        app.add_middleware(middleware)
    return app


GROUPS = {
    "a list of 20 rows": {
        "an annotated model": app_of(page),
        "the same again: noise": app_of(page),
        "the same as an `ORJSONResponse`": app_of(page, response_class=ORJSONResponse),
        "the same as a `UJSONResponse`": app_of(page, response_class=UJSONResponse),
        "models without an annotation": app_of(rows),
        "the same, as an `ORJSONResponse`": app_of(rows, response_class=ORJSONResponse),
        "the same, as a `UJSONResponse`": app_of(rows, response_class=UJSONResponse),
        "JSON already, as an `ORJSONResponse`": app_of(json_already),
    },
    "nothing": {
        "`async def`": app_of(nothing),
        "one plain ASGI class": app_of(nothing, Plain),
        "one `BaseHTTPMiddleware`": app_of(nothing, Based),
        "`def`": app_of(nothing_in_a_thread),
        "a dependency by `async def`": app_of(nothing, dependencies=[Depends(nothing)]),
        "a dependency by `def`": app_of(nothing, dependencies=[Depends(nothing_in_a_thread)]),
    },
}


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def measure(app: FastAPI) -> float:
    """CPU microseconds a request."""
    statuses = set()

    async def send(message: Any) -> None:
        statuses.add(message.get("status", 200))

    started = process_time()
    for _ in range(REQUESTS):
        await app({**SCOPE, "state": {}, "headers": []}, receive, send)
    spent = process_time() - started
    assert statuses == {200}
    return spent / REQUESTS * 1_000_000


async def count_on_event() -> int:
    """How many handlers of `on_event` an application with a lifespan calls."""
    called = []

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        yield

    app = FastAPI(lifespan=lifespan)
    app.on_event("startup")(lambda: called.append(1))
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        assert message["type"].endswith(".complete")

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    return len(called)


async def main() -> None:
    found: dict[str, dict[str, list[float]]] = {
        group: {name: [] for name in apps} for group, apps in GROUPS.items()
    }
    for number in range(ROUNDS + 1):
        for group, apps in GROUPS.items():
            for name in reversed([*apps]) if number % 2 else apps:
                microseconds = await measure(apps[name])
                if number:  # the first round warms up
                    found[group][name].append(microseconds)
    versions = {
        name: version(name) for name in ("fastapi", "pydantic", "orjson", "ujson", "gunicorn")
    }
    print(
        json.dumps(
            {"microseconds": found, "versions": versions, "on_event": await count_on_event()}
        )
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # some of what is measured is deprecated
    asyncio.run(main())
