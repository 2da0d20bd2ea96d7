"""The settings of the project. They extend those of the core."""

from functools import cache

from pydantic import Field

from app.core.config import CoreSettings


class Settings(CoreSettings):
    """All settings of the service. Add yours here and to `.env.example`."""

    app_title: str = Field(
        "Shop",
    )
    app_description: str = Field(
        "Sells things.",
    )
    contact_name: str = Field(
        "",
    )


@cache
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: some are missing or invalid.
    """
    return Settings.load()
