"""Where order lines are kept."""

from app.core.storage import Repository
from app.models.order_line import OrderLine


class OrderLineRepository(Repository[OrderLine]):
    model = OrderLine
    searched = ("label", "note")
