"""All routes: health, and each version of the API."""

from fastapi import FastAPI

from app.api.health import router as health
from app.api.v1.router import router as resources


def include_routers(app: FastAPI) -> None:
    """Include them in the application itself: a router in between would be built twice."""
    app.include_router(health, tags=["health"])
    app.include_router(resources, prefix="/api/v1")
