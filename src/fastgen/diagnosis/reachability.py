"""The servers that `.env` names: whether they accept a connection."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from fastgen.report import Finding
from fastgen.source_files import read_file

TIMEOUT = 1.0
"""Seconds for a connection."""
PORTS = {
    "amqp": 5672,
    "mariadb": 3306,
    "mysql": 3306,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
}

_URL = re.compile(
    r"^(DATABASE_URL|REDIS_URL|TASK_BROKER_URL)[ \t]*=[ \t]*[\"']?([^\s\"']+)", re.MULTILINE
)


def unreachable_servers(root: Path) -> Iterator[Finding]:
    """The servers that do not accept a connection; their URLs are not shown."""
    try:
        text = read_file(root / ".env").decode("utf-8-sig")
    except (OSError, ValueError):
        return
    for name, url in _URL.findall(text):
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORTS.get(parts.scheme.partition("+")[0])
        except ValueError:
            continue
        if host and port and not _answers(host, port):
            yield Finding(
                "server",
                f"The server of `{name}` in `.env`, `{host}:{port}`, does not answer.",
                "Start it, such as with `docker compose up --detach --wait`, or correct `.env`.",
            )


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), TIMEOUT):
            return True
    except (OSError, UnicodeError):
        return False
