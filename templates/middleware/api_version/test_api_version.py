"""A header selects the version."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.middleware.api_version import ApiVersion
from app.settings import Settings


async def tell_path(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["path"])(scope, receive, send)


@pytest.fixture
def versioned() -> AsyncClient:
    app = ApiVersion(tell_path, ["v1", "v2"])
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    ("path", "header", "served"),
    [
        ("/api/items", None, "/api/v1/items"),
        ("/api/items", "2", "/api/v2/items"),
        ("/api/items", "v2", "/api/v2/items"),
        ("/api/v2/items", None, "/api/v2/items"),
        ("/api/v2/items", "2", "/api/v2/items"),
        ("/api/v3/items", None, "/api/v3/items"),
        ("/api/vats", "1", "/api/v1/vats"),
        ("/health", "7", "/health"),
    ],
)
async def test_selected(versioned: AsyncClient, path: str, header: str | None, served: str) -> None:
    response = await versioned.get(path, headers={"X-API-Version": header} if header else {})

    assert response.text == served
    if served.startswith("/api/"):
        assert response.headers["x-api-version"] == served.split("/")[2]
        assert response.headers["vary"] == "X-API-Version"


@pytest.mark.parametrize(("path", "header"), [("/api/items", "3"), ("/api/v1/items", "2")])
async def test_refused(versioned: AsyncClient, path: str, header: str) -> None:
    response = await versioned.get(path, headers={"X-API-Version": header})

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_the_application_has_it(client: AsyncClient) -> None:
    assert (await client.get("/api/nothing", headers={"X-API-Version": "9"})).status_code == 400


@pytest.mark.parametrize("versions", ["1,2", "v1,latest", "[]"])
def test_a_version_that_no_path_has_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, versions: str
) -> None:
    monkeypatch.setenv("API_VERSIONS", versions)

    with pytest.raises(SystemExit, match="API_VERSIONS"):
        Settings.load()
