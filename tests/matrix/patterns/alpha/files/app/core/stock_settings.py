"""What the stock can be told."""

from app.core.environment import EnvironmentSettings


class StockSettings(EnvironmentSettings):
    stock_name: str = "main"
