"""Items are written to a file, by a task."""

import json
import os
from datetime import UTC, datetime, timedelta

from httpx2 import AsyncClient

from app.settings import Settings
from app.workers.tasks.export_items import remove_exports_of_items
from tests.factories.item import item_data
from tests.queue.ending import ended

TASKS = "/api/v1/tasks"


async def test_all_of_them_are_in_the_file(client: AsyncClient, settings: Settings) -> None:
    created = await client.post("/api/v1/items", json=item_data())
    accepted = await client.post(f"{TASKS}/export_items", json={})

    assert accepted.status_code == 202, accepted.text
    task = await ended(client, accepted)
    assert (task["status"], task["progress"]) == ("succeeded", 1)
    assert task["result"]["rows"] == 1
    lines = (settings.task_files / task["result"]["file"]).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [created.json()]


async def test_what_it_does_not_take_is_refused(client: AsyncClient) -> None:
    response = await client.post(f"{TASKS}/export_items", json={"args": {"format": "xml"}})

    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "args", "format"]


async def test_old_files_are_removed(settings: Settings) -> None:
    old, new = (settings.task_files / f"items-{name}.jsonl" for name in ("old", "new"))
    settings.task_files.mkdir(parents=True, exist_ok=True)
    old.touch()
    new.touch()
    before = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(old, (before, before))

    assert await remove_exports_of_items.function(settings) == 1
    assert new.exists()
    assert not old.exists()
