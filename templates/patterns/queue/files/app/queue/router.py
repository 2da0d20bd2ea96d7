"""Tasks over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response, status

from app.api.deps import CursorCodecDep, SessionDep
from app.queue.deps import OPERATORS_ONLY, QueueDep, TasksDep
from app.queue.schemas import TaskAccepted, TaskCreate, TaskPage, TaskRead
from app.schemas.pagination import CursorParams

router = APIRouter()

TaskId = Annotated[str, Path(max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="The same key gives the same task."),
]


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def enqueue_task(
    data: TaskCreate,
    session: SessionDep,
    tasks: TasksDep,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> TaskAccepted:
    """Enqueue a task. `Location` is the path of its status."""
    task = await tasks.enqueue(session, data.name, data.args, idempotency_key)
    response.headers["Location"] = request.url_for("read_task", task_id=task.task_id).path
    return TaskAccepted.model_validate(task)


@router.get("/dead", dependencies=OPERATORS_ONLY)
async def list_dead_tasks(
    params: Annotated[CursorParams, Query()], codec: CursorCodecDep, queue: QueueDep
) -> TaskPage:
    """Tasks that are out of attempts, the oldest first."""
    rows = await queue.dead(codec.decode(params.cursor), params.size + 1)
    return TaskPage.of(rows, params.size, codec)


@router.post(
    "/dead/{task_id}/replay", status_code=status.HTTP_202_ACCEPTED, dependencies=OPERATORS_ONLY
)
async def replay_dead_task(task_id: TaskId, session: SessionDep, queue: QueueDep) -> TaskAccepted:
    """Enqueue a dead task again, with all its attempts."""
    return TaskAccepted.model_validate(await queue.replay(session, task_id))


@router.get("/{task_id}")
async def read_task(task_id: TaskId, tasks: TasksDep) -> TaskRead:
    return TaskRead.model_validate(await tasks.get(task_id))
