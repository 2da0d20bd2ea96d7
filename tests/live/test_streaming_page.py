"""The example of `docs/streaming.md`: followed in a project, checked, and called over HTTP."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.readers import following
from tests.live.server import serve
from tests.live.test_database_page import follow_python
from tests.support import generate

ITEMS = "/api/v1/items"


@pytest.mark.parametrize("patterns", [("streaming",), ("database", "streaming")], ids="-".join)
def test_the_example(patterns: tuple[str, ...], environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=patterns)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    follow_python(project, "streaming", environment)
    environment.migrate(project, variables)

    async def run(url: str) -> None:
        async with (
            httpx2.AsyncClient(base_url=url, timeout=60) as client,
            following(server) as reader,
        ):
            body = {"name": "Lamp", "price": "12.50"}
            path = (await client.post(ITEMS, json=body)).headers["Location"]
            assert (await client.post(f"{path}/offer")).status_code == 204
            await reader.until(lambda: len(reader.ids) == 1)

    with serve(project, environment, env=variables) as server:
        asyncio.run(run(server.url))
