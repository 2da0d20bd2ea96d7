"""Where items are kept."""

from app.core.storage import Repository
from app.models.item import Item


class ItemRepository(Repository[Item]):
    model = Item
    searched = ("name", "description")
