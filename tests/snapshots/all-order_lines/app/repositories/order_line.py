"""Order line queries."""

from app.db.repository import Repository
from app.models.order_line import OrderLine


class OrderLineRepository(Repository[OrderLine]):
    searched = ("label", "note")
    model = OrderLine
