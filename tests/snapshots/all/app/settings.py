"""The settings of the project. They extend those of the core and of other packages."""

from functools import cache

from app.auth.settings import AuthSettings
from app.cache.settings import CacheSettings
from app.core.config import CoreSettings
from app.db.settings import DatabaseSettings
from app.files.settings import FileSettings
from app.queue.engine_settings import EngineSettings
from app.queue.settings import QueueSettings
from app.realtime.socket_settings import SocketSettings
from app.realtime.stream_settings import StreamSettings
from app.redis.settings import RedisSettings


class Settings(
    CoreSettings,
    DatabaseSettings,
    RedisSettings,
    AuthSettings,
    CacheSettings,
    QueueSettings,
    EngineSettings,
    StreamSettings,
    FileSettings,
    SocketSettings,
):
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
