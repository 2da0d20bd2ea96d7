"""Order line exports."""

from app.api.exports import export_router
from app.api.v1.order_lines import OrderLineReads
from app.schemas.order_line import OrderLineRead

router = export_router("order_lines", OrderLineReads, OrderLineRead)
