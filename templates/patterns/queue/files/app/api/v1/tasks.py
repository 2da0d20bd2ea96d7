"""Tasks: work that goes on behind an answer, and is not lost."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response, status

from app.api.dependencies.tasks import FOR_OPERATORS, TasksDep
from app.api.deps import CursorCodecDep
from app.core.pagination import CursorParams
from app.schemas.pagination import Cursor, Size
from app.schemas.task import TaskAccepted, TaskCreate, TaskPage, TaskRead

router = APIRouter()

TaskId = Annotated[str, Path(max_length=64)]
TaskName = Annotated[str, Path(max_length=100)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="The same key gives the same task."),
]


@router.get("/dead", dependencies=FOR_OPERATORS)
async def list_dead_tasks(
    codec: CursorCodecDep,
    tasks: TasksDep,
    cursor: Annotated[Cursor | None, Query()] = None,
    size: Size = 20,
) -> TaskPage:
    """Tasks whose last attempt failed, the oldest first."""
    params = CursorParams(codec, cursor, size)
    letters = await tasks.dead(params.after, params.limit)
    page = params.page(letters)
    shown = [letter.task for letter in page["items"]]
    return TaskPage.model_validate({**page, "items": shown})


@router.post(
    "/dead/{task_id}/replay", status_code=status.HTTP_202_ACCEPTED, dependencies=FOR_OPERATORS
)
async def replay_dead_task(task_id: TaskId, tasks: TasksDep) -> TaskAccepted:
    """Give it all its attempts again."""
    return TaskAccepted.model_validate(await tasks.replay(task_id))


@router.get("/{task_id}")
async def read_task(task_id: TaskId, tasks: TasksDep) -> TaskRead:
    return TaskRead.model_validate(await tasks.get(task_id))


@router.post("/{name}", status_code=status.HTTP_202_ACCEPTED)
async def enqueue_task(
    name: TaskName,
    data: TaskCreate,
    tasks: TasksDep,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> TaskAccepted:
    """Enqueue a task. `Location` is the path of its status."""
    task = await tasks.enqueue(name, data.args, idempotency_key)
    response.headers["Location"] = request.url_for("read_task", task_id=task.task_id).path
    return TaskAccepted.model_validate(task)
