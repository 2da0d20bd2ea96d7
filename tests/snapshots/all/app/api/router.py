"""All routes: health, and each version of the API."""

from fastapi import FastAPI

from app.api.deps import EVERY_RESOURCE
from app.api.health import router as health
from app.api.playground import router as playground
from app.api.v1.completions import router as completions
from app.api.v1.events import router as events
from app.api.v1.files import router as files
from app.api.v1.router import router as resources
from app.api.v1.ws import router as ws
from app.auth.api_keys_router import router as api_keys
from app.auth.deps import require_resource_scopes
from app.auth.jwks_router import router as jwks
from app.auth.router import router as auth
from app.auth.users_router import router as users
from app.queue.event_router import router as task_events
from app.queue.router import router as tasks


def include_routers(app: FastAPI) -> None:
    """Include them in the application itself: a router in between would be built twice."""
    app.include_router(health, tags=["health"])
    app.include_router(api_keys, prefix="/api/v1/auth/api-keys", tags=["api_keys"])
    app.include_router(auth, prefix="/api/v1/auth", tags=["auth"])
    app.include_router(jwks)
    app.include_router(users, prefix="/api/v1/users", tags=["users"])
    app.include_router(
        tasks,
        prefix="/api/v1/tasks",
        tags=["tasks"],
        dependencies=[*EVERY_RESOURCE, require_resource_scopes("tasks")],
    )
    app.include_router(
        completions,
        prefix="/api/v1/completions",
        tags=["completions"],
        dependencies=[*EVERY_RESOURCE, require_resource_scopes("completions")],
    )
    app.include_router(
        events,
        prefix="/api/v1/events",
        tags=["events"],
        dependencies=[*EVERY_RESOURCE, require_resource_scopes("events")],
    )
    app.include_router(
        files,
        prefix="/api/v1/files",
        tags=["files"],
        dependencies=[*EVERY_RESOURCE, require_resource_scopes("files")],
    )
    app.include_router(
        task_events,
        prefix="/api/v1/tasks",
        tags=["task_events"],
        dependencies=[*EVERY_RESOURCE, require_resource_scopes("tasks")],
    )
    app.include_router(playground)
    app.include_router(ws, prefix="/api/v1/ws", tags=["ws"])
    app.include_router(resources, prefix="/api/v1", dependencies=EVERY_RESOURCE)
