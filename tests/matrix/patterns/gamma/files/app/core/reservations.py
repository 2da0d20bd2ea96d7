"""Parts of the stock that are reserved."""

from app.core.stock import Stock


def reservation(stock: Stock, part: str) -> str:
    return f"{stock.name}/{part}"
