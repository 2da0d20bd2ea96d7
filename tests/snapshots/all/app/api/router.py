"""All routes: those of the service itself, and each version of its API."""

from fastapi import FastAPI

from app.api.dependencies import EVERY_RESOURCE
from app.api.health import router as health
from app.api.v1.api_keys import router as api_keys
from app.api.v1.auth import router as auth
from app.api.v1.router import router as resources
from app.api.v1.tasks import router as tasks
from app.api.v1.users import router as users


def include_routers(app: FastAPI) -> None:
    """Include them in the application itself: a router in between would be built twice."""
    app.include_router(health, tags=["health"])
    app.include_router(api_keys, prefix="/api/v1/auth/api-keys", tags=["api_keys"])
    app.include_router(auth, prefix="/api/v1/auth", tags=["auth"])
    app.include_router(users, prefix="/api/v1/users", tags=["users"])
    app.include_router(tasks, prefix="/api/v1/tasks", tags=["tasks"])
    app.include_router(resources, prefix="/api/v1", dependencies=EVERY_RESOURCE)
