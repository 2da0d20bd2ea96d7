"""Item exports."""

from app.api.exports import export_router
from app.api.v1.items import ItemReads
from app.schemas.item import ItemRead

router = export_router("items", ItemReads, ItemRead)
