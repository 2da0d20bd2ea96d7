"""The export of items to a file, by a task."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from httpx2 import AsyncClient

from app.settings import Settings
from app.tasks import export_items
from tests.factories.item import item_data
from tests.queue.fixtures import finished

TASK = {"name": "export_items"}


async def test_all_of_them_are_in_the_file(client: AsyncClient, settings: Settings) -> None:
    created = await client.post("/api/v1/items", json=item_data())
    accepted = await client.post("/api/v1/tasks", json=TASK)

    assert accepted.status_code == 202, accepted.text
    task = await finished(client, accepted)
    assert (task["status"], task["progress"]) == ("succeeded", 1)
    assert task["result"]["rows"] == 1
    lines = (settings.task_files / task["result"]["file"]).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [created.json()]


async def test_unknown_arguments_are_refused(client: AsyncClient) -> None:
    response = await client.post("/api/v1/tasks", json={**TASK, "args": {"format": "xml"}})

    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "args", "format"]


def test_old_files_are_removed(tmp_path: Path) -> None:
    old, new = (tmp_path / f"items-{name}.jsonl" for name in ("old", "new"))
    old.touch()
    new.touch()
    now = datetime.now(UTC)
    before = (now - timedelta(days=2)).timestamp()
    os.utime(old, (before, before))

    assert export_items._remove_before(tmp_path, now - timedelta(days=1)) == 1
    assert new.exists()
    assert not old.exists()
