"""A service that starts before the tables are there runs its tasks as soon as they are."""

from pathlib import Path

import pytest

from tests.environment import prepare
from tests.live.queue_project import DECLARATIONS, ends_as
from tests.live.server import CLIENT, serve, until
from tests.support import generate


@pytest.mark.parametrize("engine", DECLARATIONS)
def test_tasks_run_once_there_are_tables(engine: str, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("queue",), queue=engine)
    environment = prepare(project)
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    with serve(project, environment, env=variables) as server:
        until(lambda: "tasks_do_not_run" in server.output)
        environment.migrate(project, variables)
        body = {"name": "export_items", "args": {}}
        accepted = CLIENT.post(f"{server.url}/api/v1/tasks", json=body)
        task = ends_as(server, accepted.json()["task_id"])

    assert accepted.status_code == 202
    assert task["error"] is None
