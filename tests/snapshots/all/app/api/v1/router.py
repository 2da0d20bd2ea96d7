"""The resources of version 1, one line each."""

from fastapi import APIRouter

from app.api.v1.feedback import router as feedback
from app.api.v1.items import router as items
from app.api.v1.items_export import router as items_export

router = APIRouter()
router.include_router(items_export, prefix="/items", tags=["items"])
router.include_router(items, prefix="/items", tags=["items"])
router.include_router(feedback, prefix="/feedback", tags=["feedback"])
