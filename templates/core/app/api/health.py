"""Whether the process lives, and whether it should get requests."""

from fastapi import APIRouter

from app.api.deps import ReadinessDep
from app.core.errors import Unavailable
from app.schemas.health import Health, Ready

router = APIRouter()


@router.get("/health")
async def read_health() -> Health:
    """The process answers; nothing outside of it is asked."""
    return Health(status="ok")


@router.get("/ready", responses={503: {}})
async def read_ready(readiness: ReadinessDep) -> Ready:
    """Everything that the service depends on answers, and it is not about to stop."""
    if readiness.draining:
        raise Unavailable("The service is about to stop.")
    checks = await readiness.check()
    if silent := [part for part, answers in checks.items() if not answers]:
        raise Unavailable(f"No answer from: {', '.join(silent)}.")
    return Ready(status="ready", checks=dict.fromkeys(checks, "ok"))
