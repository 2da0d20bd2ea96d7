"""The two ways to the storage, for the rows of the user who enqueued the task."""

from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.core.storage import Reads, UnitOfWork
from app.workers.dependencies.storage import ReadsDep as AllReads
from app.workers.dependencies.storage import UnitDep as AllUnits


async def get_reads(run: RunDep, reads: AllReads) -> Reads:
    return reads.scoped(owner_id=run.task.owner_id)


async def get_unit(run: RunDep, unit: AllUnits) -> UnitOfWork:
    return unit.scoped(owner_id=run.task.owner_id)


ReadsDep = Annotated[Reads, TaskDepends(get_reads)]
UnitDep = Annotated[UnitOfWork, TaskDepends(get_unit)]
