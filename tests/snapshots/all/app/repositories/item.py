"""Item queries."""

from app.db.repository import Repository
from app.models.item import Item


class ItemRepository(Repository[Item]):
    search_fields = ("name", "description")
    model = Item
