"""`HttpsRedirect` redirects requests without TLS."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.main import create_app
from app.middleware.https_redirect import HttpsRedirect
from app.settings import Settings
from tests.serving import serve

URL = "http://test"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("yes")(scope, receive, send)


@pytest.fixture
def secured() -> AsyncClient:
    return AsyncClient(transport=ASGITransport(HttpsRedirect(answer)), base_url=URL)


@pytest.mark.parametrize(
    ("sent", "location"),
    [
        ("http://test/a?b=c", "https://test/a?b=c"),
        ("http://test:8000/", "https://test/"),
        ("http://test/%0Aa%20%C3%A9//evil", "https://test/%0Aa%20%C3%A9//evil"),
        ("http://[::1]:8000/", "https://[::1]/"),
    ],
)
async def test_the_same_place_over_tls(secured: AsyncClient, sent: str, location: str) -> None:
    response = await secured.post(sent)

    assert (response.status_code, response.headers["location"]) == (308, location)


@pytest.mark.parametrize("url", ["https://test/a", "http://test/health", "http://test/ready"])
async def test_https_and_probes_are_answered(secured: AsyncClient, url: str) -> None:
    assert (await secured.get(url)).text == "yes"


async def test_production_trusts_configured_proxies_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "0123456789-abcdefghijklmnopqrstuvwxyz")
    monkeypatch.setenv("ALLOWED_HOSTS", "test")
    behind = {"X-Forwarded-Proto": "https"}

    async with serve(create_app(Settings())) as client:
        untrusted = await client.get("/nothing", headers=behind)
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    async with serve(create_app(Settings())) as client:
        trusted = await client.get("/nothing", headers=behind)

    assert (untrusted.status_code, trusted.status_code) == (308, 404)
