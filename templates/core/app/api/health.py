"""Whether the process runs, and whether it should receive requests."""

from typing import Literal

from fastapi import APIRouter

from app.api.deps import ReadinessDep
from app.core.errors import Unavailable
from app.schemas.base import Output

router = APIRouter()


class Health(Output):
    status: Literal["ok"]


class Ready(Output):
    status: Literal["ready"]
    checks: dict[str, Literal["ok"]]


@router.get("/health")
async def read_health() -> Health:
    """The process responds; no other service is asked."""
    return Health(status="ok")


@router.get("/ready", responses={503: {}})
async def read_ready(readiness: ReadinessDep) -> Ready:
    """All services that this one depends on respond, and it is not shutting down."""
    if readiness.draining:
        raise Unavailable("The service is shutting down.")
    checks = await readiness.check()
    if failed := [name for name, responds in checks.items() if not responds]:
        raise Unavailable(f"No response from: {', '.join(failed)}.")
    return Ready(status="ready", checks=dict.fromkeys(checks, "ok"))
