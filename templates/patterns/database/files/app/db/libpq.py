"""The parameters of PostgreSQL URLs, translated for asyncpg."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import URL

_OPTION = re.compile(r"(?:-c\s*|--)([\w.]+)=((?:\\.|[^\\\s])*)\s*")


def _is_file(path: str) -> bool:
    return Path(path).is_file()


PARAMETERS: Mapping[str, Callable[[str], bool]] = {
    "application_name": bool,
    "channel_binding": {"prefer", "disable"}.__contains__,
    "connect_timeout": lambda seconds: seconds.isdecimal() and int(seconds) > 0,
    "options": lambda options: not _OPTION.sub("", options),
    "pgbouncer": {"true", "false"}.__contains__,
    "sslcert": _is_file,
    "sslcrl": _is_file,
    "sslkey": _is_file,
    "sslmode": {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}.__contains__,
    "sslpassword": bool,
    "sslrootcert": _is_file,
}
"""Whether a parameter can have a value."""


def check_parameters(url: URL) -> None:
    """Refuse parameters with which no connection would succeed.

    Raises:
        ValueError: it names the parameter, without its value.
    """
    for name, value in url.query.items():
        if name not in PARAMETERS:
            raise ValueError(f"the parameter {name} is not supported")
        if not isinstance(value, str) or not PARAMETERS[name](value):
            raise ValueError(f"the parameter {name} cannot have this value")
    if str(url.query.get("sslmode")).startswith("verify-") and "sslrootcert" not in url.query:
        raise ValueError("the parameter sslmode needs sslrootcert to verify a certificate")
    if is_pooled(url) and "options" in url.query:
        raise ValueError("the parameter options is not possible with pgbouncer=true")


def connect_arguments(url: URL) -> dict[str, Any]:
    """The arguments of `asyncpg.connect` for the parameters."""
    query = {name: str(value) for name, value in url.query.items()}
    settings = {
        name: re.sub(r"\\(.)", r"\1", value)
        for name, value in _OPTION.findall(query.get("options", ""))
    }
    if "application_name" in query:
        settings["application_name"] = query["application_name"]
    arguments: dict[str, Any] = {"server_settings": settings}
    if ssl := {name: value for name, value in query.items() if name.startswith("ssl")}:
        arguments["dsn"] = f"postgresql://?{urlencode(ssl)}"
    if "connect_timeout" in query:
        arguments["timeout"] = float(query["connect_timeout"])
    if is_pooled(url):
        # Each transaction may run on another server connection: no statement is prepared for
        # longer, and names do not repeat.
        arguments["statement_cache_size"] = 0
        arguments["prepared_statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"__asyncpg_{uuid4()}__"
    return arguments


def is_pooled(url: URL) -> bool:
    """Whether PgBouncer is in front of the server, and gives connections to transactions."""
    return url.query.get("pgbouncer") == "true"
