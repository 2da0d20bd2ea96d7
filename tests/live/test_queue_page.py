"""The examples of `docs/queue.md`: followed in a project, checked, and called over HTTP."""

from pathlib import Path

import httpx2
import pytest

from tests.environment import prepare
from tests.live.queue_project import DECLARATIONS, ends_as
from tests.live.server import serve
from tests.live.test_database_page import BLOCK, insert, tidy
from tests.support import generate


@pytest.mark.parametrize("engine", DECLARATIONS)
def test_the_examples(engine: str, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("queue",), queue=engine)
    environment = prepare(project)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    for language, text in BLOCK.findall((project / "docs" / "queue.md").read_text("utf-8")):
        if language == "python":
            file, _, block = text.removeprefix("# ").partition("\n")
            insert(project / file, block)
    tidy(project, environment)

    for check in ("ruff check --no-cache", "mypy", "lint-imports --no-cache"):
        result = environment.run(*check.split(), cwd=project)
        assert result.code == 0, f"{check}: {result.out}{result.err}"
    environment.migrate(project, variables)
    with serve(project, environment, env=variables) as server:
        url = f"{server.url}/api/v1/items/letters?address=Rome"
        first, second = (httpx2.post(url).json() for _ in range(2))
        task = ends_as(server, first)

    assert first == second
    assert task["result"] == "1 to Rome"
