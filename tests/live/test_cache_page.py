"""The examples of `docs/cache.md`: followed in a project, checked, and called over HTTP."""

from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import serve
from tests.live.test_database_page import follow_python
from tests.support import generate

ITEMS = "/api/v1/items"


@pytest.mark.parametrize("patterns", [("cache",), ("database", "cache")], ids=lambda all_: all_[0])
def test_the_examples(patterns: tuple[str, ...], environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=patterns)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    follow_python(project, "cache", environment)
    if "database" in patterns:
        environment.migrate(project, variables)
    with (
        serve(project, environment, env=variables) as server,
        httpx2.Client(base_url=server.url, timeout=60) as client,
    ):
        assert client.get(f"{ITEMS}/cheapest").status_code == 404
        for price in ("3.00", "2.00"):
            created = client.post(ITEMS, json={"name": "Lamp", "price": price})
            assert created.status_code == 201
            for _ in range(2):
                assert client.get(f"{ITEMS}/cheapest").json()["price"] == price
        assert [client.get(f"{ITEMS}/count").json() for _ in range(2)] == [2, 2]
