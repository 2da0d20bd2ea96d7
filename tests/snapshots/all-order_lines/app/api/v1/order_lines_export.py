"""Order lines as files."""

from app.api.dependencies.order_lines import OrderLineReads
from app.api.exports import export_router
from app.schemas.order_line import OrderLineRead

router = export_router("order_lines", OrderLineReads, OrderLineRead)
