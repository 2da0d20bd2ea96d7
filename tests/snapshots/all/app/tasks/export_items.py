"""Exports items to files, and deletes old files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anyio import Path as AsyncPath
from anyio.to_thread import run_sync

from app.core.query import RowQuery, RowScope
from app.queue.arguments import client_task
from app.queue.current import current_task
from app.queue.options import Backoff, time_limit
from app.repositories.item import ItemRepository
from app.schemas.item import ItemRead
from app.tasks import tasks

BATCH = 500
KEPT = timedelta(days=1)


@tasks.task(name="export_items", retry=Backoff(), task_middleware=[time_limit(3600)])
@client_task(scopes=["items:read"])
async def export_items() -> dict[str, Any]:
    """Write all of them as JSON Lines; the result has the file's name and the number of rows."""
    task = current_task()
    session = task.state["database"].read_session()
    items = ItemRepository(session, RowScope.of(owner_id=task.owner_id))
    total = (await items.page(RowQuery(limit=1))).total
    folder = AsyncPath(task.state["settings"].task_files)
    await folder.mkdir(parents=True, exist_ok=True)
    # Named after the task: another attempt makes the same file.
    path = folder / f"items-{task.task_id}.jsonl"
    part = path.with_suffix(f".{task.attempt}.part")
    written = last = 0
    async with await part.open("w", encoding="utf-8") as file:
        while rows := await items.list_after(last, BATCH):
            lines = [ItemRead.model_validate(row).model_dump_json() for row in rows]
            await file.write("".join(f"{line}\n" for line in lines))
            written, last = written + len(rows), rows[-1].id
            await task.report(written / max(total, 1))
    await part.replace(path)
    return {"file": path.name, "rows": written}


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="remove_exports_of_items")
async def remove_exports_of_items(timestamp: int) -> int:
    """Delete files that are older than a day."""
    folder = current_task().state["settings"].task_files
    return await run_sync(_remove_before, folder, datetime.now(UTC) - KEPT)


def _remove_before(folder: Path, moment: datetime) -> int:
    files = [*folder.glob("items-*.jsonl"), *folder.glob("items-*.part")]
    old = [path for path in files if path.stat().st_mtime < moment.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
