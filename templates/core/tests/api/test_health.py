"""Whether the process runs, and whether it should receive requests."""

import asyncio

from httpx2 import AsyncClient

from app.api.deps import get_readiness
from app.core.health import Readiness
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


async def works() -> None:
    pass


async def fails() -> None:
    raise ConnectionError("could not connect to 10.0.0.7 as admin")


async def hangs() -> None:
    await asyncio.Event().wait()


async def test_health_says_ok(client: AsyncClient) -> None:
    response = await client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready_says_what_answers(client: AsyncClient) -> None:
    response = await client.get("/ready")

    assert response.status_code == 200
    assert response.json()["status"] == "ready"


async def test_not_ready_names_the_unavailable_parts_without_details(settings: Settings) -> None:
    probes = {"good": works, "broken": fails, "slow": hangs}
    app = create_app(settings)
    app.dependency_overrides[get_readiness] = lambda: Readiness(probes, timeout=0.01)
    async with serve(app) as client:
        response = await client.get("/ready")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["code"] == "unavailable"
    assert response.json()["detail"] == "No response from: broken, slow."


async def test_not_ready_while_draining(settings: Settings) -> None:
    readiness = Readiness({}, timeout=1)
    readiness.draining = True
    app = create_app(settings)
    app.dependency_overrides[get_readiness] = lambda: readiness
    async with serve(app) as client:
        response = await client.get("/ready")
        assert (await client.get("/health")).status_code == 200

    assert response.status_code == 503
