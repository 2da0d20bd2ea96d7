"""Origins of pages, which browsers send with requests."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from app.core.errors import Forbidden

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_allowed_origin(origin: str, host: str, allowed: Collection[str]) -> bool:
    """Whether an origin has this host and port, or is one of `allowed`.

    Proxies can change the scheme: it may differ.
    """
    try:
        scheme, netloc, *_ = urlsplit(origin.lower())
    except ValueError:
        return False
    port = f":{DEFAULT_PORTS.get(scheme)}"
    is_own = netloc != "" and netloc.removesuffix(port) == host.lower().removesuffix(port)
    return is_own or f"{scheme}://{netloc}" in allowed


def check_origin(headers: Mapping[str, str], allowed: Collection[str]) -> None:
    """Refuse requests of pages of other origins. Clients that are no browsers send no origin.

    Raises:
        Forbidden: the origin is neither the own one nor one of `allowed`.
    """
    origin = headers.get("origin")
    if origin is not None and not is_allowed_origin(origin, headers.get("host", ""), allowed):
        raise Forbidden("Cross-origin request refused.")
