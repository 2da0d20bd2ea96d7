"""The project's own settings, on top of those of the core."""

from functools import cache

from pydantic import Field

from app.core.config import CoreSettings


class Settings(CoreSettings):
    """Every setting of the service: add yours here, and to `.env.example`."""

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
        SettingsError: some are missing or bad.
    """
    return Settings.load()
