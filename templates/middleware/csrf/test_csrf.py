"""`CSRF` refuses cross-origin changes from browsers."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.middleware.csrf import CSRF

COOKIES = {"Cookie": "session=1"}


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("done")(scope, receive, send)


@pytest.fixture
def guarded() -> AsyncClient:
    app = CSRF(answer, ["https://shop.example.com"])
    return AsyncClient(transport=ASGITransport(app), base_url="https://test")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/https://test/"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_refused(guarded: AsyncClient, headers: dict[str, str]) -> None:
    response = await guarded.post("/", headers={**COOKIES, **headers})

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://test", **COOKIES},
        {"Origin": "https://test", "Host": "test:443", **COOKIES},
        {"Origin": "https://shop.example.com", **COOKIES},
        {"Referer": "https://test/page", **COOKIES},
        {"Sec-Fetch-Site": "same-origin", **COOKIES},
        COOKIES,
        {"Authorization": "Bearer x", "Origin": "https://evil.example"},
        {"X-API-Key": "x", "Origin": "https://evil.example"},
        {},
    ],
)
async def test_let_pass(guarded: AsyncClient, headers: dict[str, str]) -> None:
    assert (await guarded.post("/", headers=headers)).text == "done"


async def test_reading_is_safe(guarded: AsyncClient) -> None:
    headers = {**COOKIES, "Origin": "https://evil.example"}

    assert (await guarded.get("/", headers=headers)).text == "done"


async def test_the_application_has_it(client: AsyncClient) -> None:
    client.headers.pop("authorization", None)

    response = await client.post("/nothing", headers={"Origin": "https://evil.example"})

    assert response.status_code == 403
