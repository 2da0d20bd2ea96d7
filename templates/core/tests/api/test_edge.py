"""What happens to every request and response."""

import pytest
from fastapi import FastAPI, Response
from httpx2 import AsyncClient

from app.main import create_app
from app.settings import Settings
from tests.serving import serve

ORIGIN = "https://shop.example.com"


@pytest.fixture
def settings() -> Settings:
    return Settings(
        allowed_hosts=("test", "*.example.com", "[::1]"),
        allowed_origins=(ORIGIN,),
        trusted_proxies=("127.0.0.1",),
    )


class TestRequestId:
    async def test_a_harmless_one_is_kept(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"X-Request-ID": "a-1.b_2"})

        assert response.headers["x-request-id"] == "a-1.b_2"

    @pytest.mark.parametrize("sent", ["", "a b", "x" * 65, 'a"b', "a\tb"])
    async def test_others_are_replaced(self, client: AsyncClient, sent: str) -> None:
        response = await client.get("/health", headers={"X-Request-ID": sent})

        assert response.headers["x-request-id"] not in ("", sent)

    async def test_each_request_has_its_own(self, client: AsyncClient) -> None:
        ids = {(await client.get("/health")).headers["x-request-id"] for _ in range(3)}

        assert len(ids) == 3


class TestTrustedHost:
    @pytest.mark.parametrize("host", ["test", "TEST:8000", "a.b.example.com", "[::1]:8000"])
    async def test_ours(self, client: AsyncClient, host: str) -> None:
        assert (await client.get("/health", headers={"Host": host})).status_code == 200

    @pytest.mark.parametrize("host", ["evil.com", "example.com", "test.evil.com", "", "[::2]"])
    async def test_others(self, client: AsyncClient, host: str) -> None:
        response = await client.get("/health", headers={"Host": host})

        assert response.status_code == 400
        assert response.json()["code"] == "bad_request"


class TestCORS:
    async def test_an_allowed_origin(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"Origin": ORIGIN})

        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in response.headers["vary"]

    async def test_another_origin(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"Origin": "https://evil.com"})

        assert "access-control-allow-origin" not in response.headers

    async def test_no_origin_still_varies(self, client: AsyncClient) -> None:
        assert "Origin" in (await client.get("/health")).headers["vary"]

    async def test_preflight(self, client: AsyncClient) -> None:
        response = await client.options(
            "/health", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
        )

        assert response.status_code == 200
        assert "DELETE" in response.headers["access-control-allow-methods"]

    async def test_an_error_can_be_read_too(self, client: AsyncClient) -> None:
        response = await client.get("/nothing-here", headers={"Origin": ORIGIN})

        assert response.headers["access-control-allow-origin"] == ORIGIN

    async def test_options_without_an_origin(self, client: AsyncClient) -> None:
        assert (await client.options("/health")).status_code == 405

    async def test_every_origin_has_no_credentials(self) -> None:
        async with serve(create_app(Settings(allowed_origins=("*",)))) as client:
            response = await client.get("/health", headers={"Origin": ORIGIN})

        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


class TestETag:
    async def test_known_answers_are_not_sent_again(self, client: AsyncClient) -> None:
        first = await client.get("/health")
        etag = first.headers["etag"]

        for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = await client.get("/health", headers={"If-None-Match": known})

            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == etag
            assert "content-length" not in again.headers

    async def test_unknown_answers_are(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"If-None-Match": '"other"'})

        assert response.status_code == 200

    async def test_errors_have_none(self, client: AsyncClient) -> None:
        assert "etag" not in (await client.get("/nothing-here")).headers

    async def test_clients_ask_again_by_default(self, client: AsyncClient) -> None:
        assert (await client.get("/health")).headers["cache-control"] == "private, no-cache"


@pytest.fixture
def letters(settings: Settings) -> FastAPI:
    """An application with answers of any size."""
    app = create_app(settings)

    @app.get("/letters/{count}")
    async def read_letters(count: int) -> Response:
        return Response("x" * count, media_type="text/plain")

    return app


class TestGZip:
    @pytest.mark.parametrize(
        ("count", "encoding"), [(1023, None), (1024, "gzip"), (200_000, "gzip")]
    )
    async def test_large_answers(self, letters: FastAPI, count: int, encoding: str | None) -> None:
        async with serve(letters) as client:
            response = await client.get(f"/letters/{count}")

        assert response.headers.get("content-encoding") == encoding
        assert response.text == "x" * count

    async def test_not_for_who_cannot_read_it(self, letters: FastAPI) -> None:
        async with serve(letters) as client:
            response = await client.get("/letters/2000", headers={"Accept-Encoding": "identity"})

        assert "content-encoding" not in response.headers


class TestSecurityHeaders:
    async def test_nothing_may_be_loaded(self, client: AsyncClient) -> None:
        headers = (await client.get("/health")).headers

        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers

    async def test_the_documentation_may_load_its_scripts(self, client: AsyncClient) -> None:
        headers = (await client.get("/docs")).headers

        assert "script-src 'self'" in headers["content-security-policy"]

    async def test_tls_is_remembered_behind_a_trusted_proxy(self, client: AsyncClient) -> None:
        headers = (await client.get("/health", headers={"X-Forwarded-Proto": "https"})).headers

        assert headers["strict-transport-security"] == "max-age=31536000"
