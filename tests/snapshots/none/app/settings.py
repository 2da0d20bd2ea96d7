"""The settings of the project. They extend those of the core and of other packages."""

from functools import cache

from app.core.config import CoreSettings
from app.memory.settings import MemorySettings


class Settings(CoreSettings, MemorySettings):
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
