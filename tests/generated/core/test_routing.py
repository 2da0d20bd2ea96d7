"""The list of routes answers as the tree does, and better where it says so."""

from typing import Annotated, Any

import pytest
from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Request,
    WebSocket,
)
from httpx2 import AsyncClient, Response
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.core.problems import EXCEPTION_HANDLERS
from app.core.routing import flatten_routes
from tests.serving import serve

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
PATHS = [
    "/",
    "/a",
    "/a/",
    "/a/1",
    "/a/one",
    "/a/1/",
    "/a/1/b",
    "/a/1/b/2",
    "/a/1/b/2/c",
    "/a/fixed",
    "/a/fixed/b",
    "/a/x%2Fy",
    "/a//b",
    "/deep/er/still/7",
    "/files/a/b.txt",
    "/files/",
    "/mounted/inside",
    "/mounted/nothing",
    "/mounted",
    "/late/1",
    "/openapi.json",
    "/nothing",
]


async def only_friends(x_friend: Annotated[str | None, Header()] = None) -> None:
    if x_friend is None:
        raise HTTPException(403)


def build(**options: Any) -> FastAPI:  # noqa: C901  # many small routes
    """An application with about everything that a route can be."""
    app = FastAPI(redirect_slashes=False, **options)
    first, second, third = APIRouter(), APIRouter(), APIRouter()

    @first.get("")
    async def read_all(request: Request) -> str:
        return str(request.url_for("read_one", key=5))

    @first.post("", status_code=201)
    async def create() -> str:
        return "created"

    @first.get("/fixed")
    async def read_fixed() -> str:
        return "fixed"

    @first.get("/{key}")
    async def read_one(key: int) -> int:
        return key

    @first.put("/{key}")
    async def replace_one(key: str, request: Request) -> str:
        return f"{key} {request.path_params} {request.scope['endpoint'].__name__}"

    @first.api_route("/{key}/b/{other}", methods=["DELETE"])
    async def delete_part(key: str, other: str) -> list[str]:
        return [key, other]

    @third.get("/still/{number}", deprecated=True)
    async def read_deep(number: int) -> int:
        return number

    @third.websocket("/socket")
    async def open_socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    @app.get("/files/{path:path}")
    async def read_file(path: str) -> str:
        return path

    inside = FastAPI()

    @inside.get("/inside")
    async def read_inside(request: Request) -> str:
        return str(request.scope["root_path"])

    app.mount("/mounted", inside)
    second.include_router(third, prefix="/er", tags=["third"])
    app.include_router(first, prefix="/a", tags=["first"])
    app.include_router(second, prefix="/deep", dependencies=[Depends(only_friends)])

    @app.get("/{anything}/{number}")
    async def read_anything(anything: str, number: str) -> str:
        return f"{anything} {number}"

    return app


async def ask(client: AsyncClient, method: str, path: str) -> Response:
    return await client.request(method, path, headers={"X-Friend": "yes"})


@pytest.fixture(scope="module")
def both() -> tuple[FastAPI, FastAPI]:
    """The same application as a tree, and flat; tests only ask them."""
    tree, flat = build(), build()
    flatten_routes(flat)
    return tree, flat


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
async def test_same_answers_as_the_tree(
    both: tuple[FastAPI, FastAPI], method: str, path: str
) -> None:
    tree, flat = both
    async with serve(tree) as one, serve(flat) as other:
        expected, answer = await ask(one, method, path), await ask(other, method, path)

    allowed = {answer.headers.pop("allow", None), expected.headers.pop("allow", None)}
    assert answer.status_code == expected.status_code
    assert answer.content == expected.content
    assert answer.headers == expected.headers
    assert (allowed == {None}) == (answer.status_code != 405)


def test_same_documentation_as_the_tree(both: tuple[FastAPI, FastAPI]) -> None:
    tree, flat = both

    assert flat.openapi() == tree.openapi()


async def test_dependencies_of_an_include_stay() -> None:
    app = build()
    flatten_routes(app)
    async with serve(app) as client:
        assert (await client.get("/deep/er/still/7")).status_code == 403


async def test_overrides_work() -> None:
    app = build()
    flatten_routes(app)
    app.dependency_overrides[only_friends] = lambda: None
    async with serve(app) as client:
        assert (await client.get("/deep/er/still/7")).json() == 7


async def test_telemetry_knows_the_route() -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = build(telemetry={"tracer_provider": provider, "operation_spans": False})
    flatten_routes(app)
    async with serve(app) as client:
        await client.get("/a/7")

    (span,) = spans.get_finished_spans()
    assert span.name == "GET /a/{key}"


async def test_late_routes_work() -> None:
    app = build()
    flatten_routes(app)
    late = APIRouter()

    @late.post("/a/{key}")
    async def create_late(key: str) -> str:
        return f"late {key}"

    app.include_router(late)
    async with serve(app) as client:
        assert (await client.post("/a/1")).json() == "late 1"
        assert (await client.get("/a/1")).json() == 1


async def test_a_host_keeps_its_place() -> None:
    first, app = FastAPI(), FastAPI()

    @first.get("/where")
    async def read_first() -> str:
        return "first"

    app.host("first.test", first)

    @app.get("/where")
    async def read_second() -> str:
        return "second"

    flatten_routes(app)
    async with serve(app) as client:
        assert (await client.get("http://first.test/where")).json() == "first"
        assert (await client.get("/where")).json() == "second"


async def test_head_is_answered_where_get_is() -> None:
    app = build()
    flatten_routes(app)
    async with serve(app) as client:
        response = await client.head("/a/fixed")
        assert (response.status_code, response.headers["content-length"]) == (200, "7")
        assert (await client.head("/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/a", "GET, HEAD, POST"),
        ("PATCH", "/a/1", "GET, HEAD, PUT"),
        ("PATCH", "/a/fixed", "GET, HEAD"),
    ],
)
async def test_a_405_names_all_methods(method: str, path: str, allowed: str) -> None:
    app = build(exception_handlers=EXCEPTION_HANDLERS)
    flatten_routes(app)
    async with serve(app) as client:
        response = await client.request(method, path)

    assert (response.status_code, response.headers["allow"]) == (405, allowed)
