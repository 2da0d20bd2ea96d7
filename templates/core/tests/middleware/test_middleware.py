"""The middleware of the service, over HTTP."""

import pytest
from httpx2 import AsyncClient

from app.settings import Settings

ORIGIN = "https://shop.example.com"


@pytest.fixture
def settings() -> Settings:
    return Settings(
        allowed_hosts=("test", "*.example.com", "[::1]"),
        allowed_origins=(ORIGIN,),
        trusted_proxies=("127.0.0.1",),
    )


async def test_each_response_has_a_request_id(client: AsyncClient) -> None:
    kept = await client.get("/health", headers={"X-Request-ID": "a-1.b_2"})
    made = [await client.get("/health", headers={"X-Request-ID": "a b"}) for _ in range(2)]

    assert kept.headers["x-request-id"] == "a-1.b_2"
    assert len({response.headers["x-request-id"] for response in made}) == 2
    assert "a b" not in {response.headers["x-request-id"] for response in made}


async def test_unknown_hosts_may_only_send_probes(client: AsyncClient) -> None:
    async def status(path: str, host: str) -> int:
        return (await client.get(path, headers={"Host": host})).status_code

    assert await status("/docs", "api.example.com") == 200
    assert await status("/docs", "evil.com") == 400
    assert await status("/docs", "") == 400
    assert await status("/ready", "10.244.0.5:8000") == 200


async def test_a_known_response_is_not_sent_again(client: AsyncClient) -> None:
    etag = (await client.get("/openapi.json")).headers["etag"]

    again = await client.get("/openapi.json", headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


async def test_large_responses_are_compressed(client: AsyncClient) -> None:
    plain = await client.get("/openapi.json", headers={"Accept-Encoding": "gzip;q=0"})
    gzipped = await client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert gzipped.headers["content-encoding"] == "gzip"
    assert gzipped.json() == plain.json()
    assert gzipped.headers["etag"] != plain.headers["etag"]


class TestCORS:
    @pytest.mark.parametrize("path", ["/health", "/nothing"])
    async def test_an_allowed_origin(self, client: AsyncClient, path: str) -> None:
        headers = (await client.get(path, headers={"Origin": ORIGIN})).headers

        assert headers["access-control-allow-origin"] == ORIGIN
        assert headers["access-control-allow-credentials"] == "true"
        assert "Origin" in headers["vary"]

    async def test_another_origin(self, client: AsyncClient) -> None:
        headers = (await client.get("/health", headers={"Origin": "https://evil.com"})).headers

        assert "access-control-allow-origin" not in headers


class TestSecurityHeaders:
    async def test_an_api_may_load_nothing(self, client: AsyncClient) -> None:
        headers = (await client.get("/health")).headers

        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers

    async def test_the_documentation_may_load_scripts(self, client: AsyncClient) -> None:
        headers = (await client.get("/docs")).headers

        assert "script-src 'self'" in headers["content-security-policy"]

    async def test_https_behind_a_trusted_proxy(self, client: AsyncClient) -> None:
        headers = (await client.get("/health", headers={"X-Forwarded-Proto": "https"})).headers

        assert headers["strict-transport-security"] == "max-age=31536000"
