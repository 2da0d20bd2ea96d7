"""A resource that lives as long as the process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.stock_settings import StockSettings


class Stock:
    """Something that is opened at the start, and closed at the end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True

    async def probe(self) -> None:
        """Answer readiness."""
        if not self.is_open:
            raise ConnectionError(self.name)


@asynccontextmanager
async def open_stock(settings: StockSettings) -> AsyncGenerator[Stock]:
    stock = Stock(settings.stock_name)
    yield stock
    stock.is_open = False
