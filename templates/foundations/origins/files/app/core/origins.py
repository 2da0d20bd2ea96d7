"""Origins of pages, which browsers send."""

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_same_origin(origin: str, host: str) -> bool:
    """Whether an origin has this host and port. Proxies can change the scheme: it may differ."""
    scheme, netloc, *_ = urlsplit(origin)
    port = f":{DEFAULT_PORTS.get(scheme)}"
    return netloc.lower().removesuffix(port) == host.lower().removesuffix(port)
