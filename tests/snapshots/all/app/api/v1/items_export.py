"""Items as files."""

from app.api.dependencies.items import ItemReads
from app.api.exports import export_router
from app.schemas.item import ItemRead

router = export_router("items", ItemReads, ItemRead)
