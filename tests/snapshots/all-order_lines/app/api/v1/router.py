"""The resources of version 1, one line each."""

from fastapi import APIRouter

from app.api.v1.feedback import router as feedback
from app.api.v1.items import router as items
from app.api.v1.items_export import router as items_export
from app.api.v1.order_lines import router as order_lines
from app.api.v1.order_lines_export import router as order_lines_export

router = APIRouter()
router.include_router(items_export, prefix="/items", tags=["items"])
router.include_router(items, prefix="/items", tags=["items"])
router.include_router(feedback, prefix="/feedback", tags=["feedback"])
router.include_router(order_lines_export, prefix="/order-lines", tags=["order lines"])
router.include_router(order_lines, prefix="/order-lines", tags=["order lines"])
