"""The settings of the project. They extend those of the core."""

from functools import cache

from app.core.config import CoreSettings


class Settings(CoreSettings):
    """All settings of the service. Add yours here and to `.env.example`."""

    app_title: str = "Shop"
    app_description: str = "Sells things."
    contact_name: str = ""


@cache
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: some are missing or invalid.
    """
    return Settings.load()
