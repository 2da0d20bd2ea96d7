"""Every error response is a problem document."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import AsyncClient

from app.core.logging import configure_logging
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


@router.get("/failure")
async def fail() -> None:
    raise RuntimeError("the inside of the service")


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    app = create_app(settings.model_copy(update={"max_body_bytes": 2000}))
    app.include_router(router)
    return app


async def test_unknown_path(client: AsyncClient) -> None:
    response = await client.get("/nothing-here")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
        "instance": "/nothing-here",
        "code": "not_found",
        "request_id": response.headers["x-request-id"],
    }


async def test_wrong_method_names_the_right_ones(client: AsyncClient) -> None:
    response = await client.post("/health")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert response.json()["code"] == "method_not_allowed"


async def test_not_json(app: FastAPI) -> None:
    async with serve(app) as client:
        response = await client.post(
            "/notes", content=b"text=a", headers={"Content-Type": "text/plain"}
        )

    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


async def test_the_input_is_not_sent_back(app: FastAPI) -> None:
    note = {"text": 7, "password": ["hunter2"]}
    async with serve(app) as client:
        response = await client.post("/notes", json=note)

    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["errors"]] == [
        ["body", "text"],
        ["body", "password"],
    ]
    assert "hunter2" not in response.text


async def test_an_unexpected_error_shows_nothing_of_the_inside(
    app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", as_json=False)
    async with serve(app) as client:
        response = await client.get("/failure", headers={"X-Request-ID": "abc"})

    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "inside" not in response.text
    assert response.headers["x-request-id"] == "abc"
    assert response.headers["x-content-type-options"] == "nosniff"
    log = capsys.readouterr().out
    assert log.count("RuntimeError: the inside of the service") == 1


BAD_BODIES = [
    (b'{"text": "' + b"x" * 2000 + b'"}', 413, "payload_too_large"),
    (b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}", 422, "json_invalid"),
    (b'{"text": "\\ud800"}', 422, "surrogates"),
    (b'{"text": "a", "weight": NaN}', 422, "finite_number"),
]


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body[:100]
    yield body[100:]


async def test_bodies_that_cost_too_much_or_cannot_be_stored(
    app: FastAPI, subtests: pytest.Subtests
) -> None:
    async with serve(app) as client:
        for body, status, reason in BAD_BODIES:
            with subtests.test(reason=reason):
                response = await client.post("/notes", content=chunks(body), headers=JSON)

                assert response.status_code == status
                assert reason in response.text
