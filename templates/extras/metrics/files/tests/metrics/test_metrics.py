"""The metrics of a scrape, and access to it."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.main import create_app
from app.metrics.settings import MetricsSettings
from app.settings import Settings
from tests.metrics.scrape import scrape
from tests.serving import serve


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """A client of an application that has counted nothing yet."""
    async with serve(create_app(settings)) as client:
        yield client


async def test_requests_are_counted_by_route(client: AsyncClient) -> None:
    for _ in range(3):
        await client.get("/health")
    found = await scrape(client)

    assert found["http_requests_total", "GET", "/health", "200"] == 3
    assert found["http_request_duration_seconds_count", "GET", "/health"] == 3


async def test_a_middleware_may_pass_on_a_copy_of_the_scope(client: AsyncClient) -> None:
    await client.get("/health", headers={"If-Match": '"1-gzip"'})

    assert (await scrape(client))["http_requests_total", "GET", "/health", "200"] == 1


async def show_name(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.path_params["name"])


async def test_pages_and_mounts_have_a_route(settings: Settings) -> None:
    app = create_app(settings)
    app.mount("/pages", Starlette(routes=[Route("/{name}", show_name)]))
    async with serve(app) as client:
        await client.get("/pages/one")
        await scrape(client)
        found = await scrape(client)

    assert found["http_requests_total", "GET", "/pages", "200"] == 1
    assert found["http_requests_total", "GET", "/metrics", "200"] == 1


async def test_clients_cannot_add_labels(client: AsyncClient) -> None:
    for number in range(100):
        await client.request(f"M{number}", f"/nothing/{number}")
    found = await scrape(client)

    requests = {
        labels: count for labels, count in found.items() if labels[0] == "http_requests_total"
    }
    assert requests == {("http_requests_total", "other", "unmatched", "404"): 100}


async def test_the_process_is_measured(client: AsyncClient) -> None:
    assert (await scrape(client))[("process_start_time_seconds",)] > 0


@pytest.mark.parametrize(
    ("token", "authorization", "status"),
    [
        ("", "", 200),
        ("secret", "", 401),
        ("secret", "Bearer no", 401),
        ("secret", "Bearer secret", 200),
    ],
)
async def test_a_token_protects_them(token: str, authorization: str, status: int) -> None:
    settings = Settings(metrics_token=SecretStr(token))
    async with serve(create_app(settings)) as client:
        response = await client.get("/metrics", headers={"Authorization": authorization})

    assert response.status_code == status


async def test_a_scrape_may_name_the_address_of_the_instance() -> None:
    async with serve(create_app(Settings(allowed_hosts=("example.com",)))) as client:
        response = await client.get("/metrics", headers={"Host": "10.244.0.5:8000"})

    assert response.status_code == 200


async def test_they_can_be_switched_off() -> None:
    async with serve(create_app(Settings(metrics_enabled=False))) as client:
        response = await client.get("/metrics")

    assert response.status_code == 404


def test_several_processes_need_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)

    reasons = MetricsSettings.single_process_constraints({"metrics_enabled": True})

    assert "PROMETHEUS_MULTIPROC_DIR" in " ".join(reasons)


def test_the_folder_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/nowhere")

    with pytest.raises(SystemExit, match=r"PROMETHEUS_MULTIPROC_DIR must be a folder"):
        Settings.load()
