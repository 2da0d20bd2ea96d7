"""Every error response is a problem document."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form
from fastapi.responses import StreamingResponse
from httpx2 import AsyncClient

from app.core.problems import MAX_ERRORS
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve

JSON = {"Content-Type": "application/json"}


class Note(Input):
    text: str
    weight: float = 0
    password: str = ""


router = APIRouter()


@router.post("/notes")
async def create_note(note: Note) -> Note:
    return note


@router.post("/forms")
async def send_form(text: Annotated[str, Form()]) -> str:
    return text


@router.get("/broken-stream")
async def break_off() -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        yield b"half an answer"
        raise RuntimeError("midway")

    return StreamingResponse(body())


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    app = create_app(settings.model_copy(update={"max_body_bytes": 1000}))
    app.include_router(router)
    return app


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"text": "a", "\\ud800": 1}', 422, "validation_error"),
        (b'{"text": "\\u0000"}', 422, "validation_error"),
        (b'{"text": "a", "weight": 1e999}', 422, "validation_error"),
        (b'{"text": ', 422, "validation_error"),
        (b"", 422, "validation_error"),
        (b'{"text": "\xff"}', 400, "bad_request"),
        (b'{"weight": ' + b"9" * 900 + b"}", 422, "validation_error"),
    ],
)
async def test_bad_bodies(app: FastAPI, body: bytes, status: int, code: str) -> None:
    async with serve(app) as client:
        response = await client.post("/notes", content=body, headers=JSON)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}",
        b"[" * 200_000,
        json.dumps(dict.fromkeys(map(str, range(50_000)))).encode(),
    ],
)
@pytest.mark.parametrize(
    "content_types",
    [
        ["application/json"],
        ["Application/Problem+JSON;a=b"],
        ["application/json", "text/plain"],
        ["text/plain", "application/json"],
    ],
)
async def test_json_is_checked_before_it_is_parsed(
    settings: Settings, body: bytes, content_types: list[str]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    app = create_app(settings)
    app.include_router(router)
    async with serve(app) as client:
        response = await client.post(
            "/notes", content=chunks(), headers=[("Content-Type", each) for each in content_types]
        )

    assert response.status_code == 422
    assert [error["type"] for error in response.json()["errors"]] == ["json_invalid"]


@pytest.mark.parametrize("parameter", ["", ";charset=json"])
async def test_empty_fields_of_a_form_are_limited(settings: Settings, parameter: str) -> None:
    async def chunks(separators: int) -> AsyncIterator[bytes]:
        for _ in range(separators // 1000):
            yield b"&" * 1000
        yield b"text=a"

    headers = {"Content-Type": f"application/x-www-form-urlencoded{parameter}"}
    app = create_app(settings)
    app.include_router(router)
    async with serve(app) as client:
        few = await client.post("/forms", content=chunks(9_000), headers=headers)
        many = await client.post("/forms", content=chunks(200_000), headers=headers)

    assert (few.status_code, few.json()) == (200, "a")
    assert (many.status_code, many.json()["code"]) == (400, "bad_request")


async def test_of_many_errors_the_first_are_listed(settings: Settings) -> None:
    app = create_app(settings)
    app.include_router(router)
    note = {"x" * 5000: 1, **dict.fromkeys(map(str, range(100)), "hunter2")}
    async with serve(app) as client:
        response = await client.post("/notes", json=note)

    errors = response.json()["errors"]
    assert len(errors) == MAX_ERRORS + 1
    assert errors[1]["loc"] == ["body", "x" * 100]
    assert errors[-1] == {"loc": ["body"], "msg": "82 more errors.", "type": "more_errors"}
    assert "hunter2" not in response.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/health?q={'x' * 8192}", {}, 414),
        (f"/{'x' * 8192}", {}, 414),
        ("/health", {"Cookie": "a=b; " * 30_000}, 431),
    ],
)
async def test_large_targets_and_headers(
    client: AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    response = await client.get(path, headers=headers)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_an_error_midway_is_not_a_whole_answer(app: FastAPI) -> None:
    async with serve(app) as client:
        with pytest.raises(RuntimeError, match="midway"):
            await client.get("/broken-stream")
