"""Exports items to files, and deletes old files."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync

from app.core.query import Query
from app.core.queue.task import task
from app.core.queue.taskiq import RunDep
from app.models.item import Item
from app.repositories.item import ItemRepository
from app.schemas.item import ItemRead
from app.workers.dependencies.database import ReadSessionDep
from app.workers.dependencies.owned import OwnedRowsDep
from app.workers.dependencies.settings import SettingsDep

BATCH = 500
KEPT = timedelta(days=1)


@task(exposed=True, timeout=3600, scopes=["items:read"])
async def export_items(
    run: RunDep,
    session: ReadSessionDep,
    owned: OwnedRowsDep,
    settings: SettingsDep,
) -> dict[str, Any]:
    """Write them all as JSON Lines; the result is the name of the file, and how many there are."""
    items = ItemRepository(session, owned)
    total = (await items.page(Query(limit=1))).total
    # Named by the task: when it runs again, it makes the same file again.
    path = settings.task_files / f"items-{run.task.task_id}.jsonl"
    part = path.with_suffix(f".{run.task.number}.part")
    written = last = 0
    await run_sync(_begin, part)
    while rows := await items.list_after(last, BATCH):
        await run_sync(_append, part, rows)
        written, last = written + len(rows), rows[-1].id
        await run.report(min(written / max(total, 1), 1))
    await run_sync(os.replace, part, path)
    return {"file": path.name, "rows": written}


@task(cron="17 * * * *")
async def remove_exports_of_items(settings: SettingsDep) -> int:
    """Remove those that are older than a day; the result is how many there were."""
    return await run_sync(_remove_before, settings.task_files, datetime.now(UTC) - KEPT)


def _begin(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def _append(path: Path, rows: Sequence[Item]) -> None:
    """One batch: what takes a processor and a disk is done in a thread."""
    lines = [ItemRead.model_validate(row).model_dump_json() for row in rows]
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _remove_before(folder: Path, moment: datetime) -> int:
    files = [*folder.glob("items-*.jsonl"), *folder.glob("items-*.part")]
    old = [path for path in files if path.stat().st_mtime < moment.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
