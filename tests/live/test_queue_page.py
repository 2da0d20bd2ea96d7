"""The examples of `docs/queue.md`: followed in a project, checked, and called over HTTP."""

from pathlib import Path

import pytest

from tests.environment import prepare
from tests.live.queue_project import DECLARATIONS, ends_as
from tests.live.server import CLIENT, serve
from tests.live.test_database_page import follow_python
from tests.support import generate


@pytest.mark.parametrize("engine", DECLARATIONS)
def test_the_examples(engine: str, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("queue",), queue=engine)
    environment = prepare(project)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    follow_python(project, "queue", environment)
    environment.migrate(project, variables)
    with serve(project, environment, env=variables) as server:
        url = f"{server.url}/api/v1/items/letters?address=Rome"
        first, second = (CLIENT.post(url).json() for _ in range(2))
        task = ends_as(server, first)

    assert first == second
    assert task["result"] == "1 to Rome"
