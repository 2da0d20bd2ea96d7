"""Order line queries."""

from app.memory.repository import Repository
from app.models.order_line import OrderLine


class OrderLineRepository(Repository[OrderLine]):
    search_fields = ("label", "note")
    model = OrderLine
