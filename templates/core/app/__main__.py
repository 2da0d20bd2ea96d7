"""Run the server with the settings: `python -m app`."""

from typing import Any

import uvicorn

from app.core.logging import configure_logging
from app.core.server import HTTPProtocol, Supervisor
from app.core.shutdown import HOOKS_TIMEOUT_SECONDS
from app.settings import get_settings

WORKER_START_SECONDS = 30
"""After that, a worker that does not answer its parent process is replaced. With a small part of a
processor, the imports of a worker take longer than the 5 seconds of uvicorn.
"""


def main() -> None:
    """Run the server until it receives SIGTERM or SIGINT."""
    settings = get_settings()
    configure_logging(settings.log_level, as_json=settings.in_production)
    before = settings.drain_seconds + HOOKS_TIMEOUT_SECONDS
    options: dict[str, Any] = {
        "http": HTTPProtocol,
        "host": settings.host,
        "port": settings.port,
        "root_path": settings.root_path,
        "workers": settings.workers,
        "timeout_graceful_shutdown": max(1, int(settings.shutdown_grace_seconds - before)),
        "timeout_worker_healthcheck": WORKER_START_SECONDS,
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        **settings.server_options(),
    }
    if settings.workers == 1:
        uvicorn.run("app.main:app", **options)
    else:
        config = uvicorn.Config("app.main:app", **options)
        Supervisor(config, [config.bind_socket()]).run()


if __name__ == "__main__":
    main()
