"""All routes: those of the service itself, and each version of its API."""

from fastapi import APIRouter

from app.api.health import router as health
from app.api.v1.router import router as resources

router = APIRouter()
router.include_router(health, tags=["health"])
router.include_router(resources, prefix="/api/v1")
