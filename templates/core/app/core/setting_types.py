"""Types of settings that hold addresses and paths. A value that can never match is refused."""

import re
from ipaddress import IPv6Address, ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.core.environment import split

_NAME = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?"
_HOST = re.compile(rf"(?:\*\.)?{_NAME}", re.IGNORECASE)
_ORIGIN = re.compile(rf"([a-z][a-z0-9+.-]*)://({_NAME}|\[[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}}))?")
_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~/-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _check_origin(origin: str) -> str:
    """An origin as browsers send it in the header `Origin`, or `*`.

    Raises:
        ValueError: no browser sends this origin.
    """
    if origin == "*":
        return origin
    match = _ORIGIN.fullmatch(origin)
    if match is None or not _is_ipv6(match[2]):
        raise ValueError(
            "must be a scheme and a host in lower case with an optional port, and nothing after "
            "it, such as https://shop.example.com"
        )
    port = int(match[4] or 0)
    if port > 65535 or port == _DEFAULT_PORTS.get(match[1]):
        raise ValueError("must not have a port above 65535 or the default port of its scheme")
    return origin


def _check_host(host: str) -> str:
    """A name or an address as in the header `Host`, `*.` and a name, or `*`.

    Raises:
        ValueError: no request has this host.
    """
    if host == "*" or _HOST.fullmatch(host) or (host.startswith("[") and _is_ipv6(host)):
        return host
    raise ValueError(
        "must be a host name or an address without scheme, port and path, such as "
        "shop.example.com, *.example.com, 10.0.0.1 or [::1]"
    )


def _check_proxy(proxy: str) -> str:
    """The address or the network of a proxy, or `*`.

    Raises:
        ValueError: no client address is equal to it or in it.
    """
    try:
        if proxy != "*":
            ip_network(proxy)
    except ValueError:
        raise ValueError(
            "must be an IP address, or a network whose host bits are zero, such as 10.0.0.0/8"
        ) from None
    return proxy


def _check_root_path(path: str) -> str:
    """The prefix that a proxy strips, or nothing.

    Raises:
        ValueError: it is no prefix of a path.
    """
    if path and (not _PATH.fullmatch(path) or path.endswith("/")):
        raise ValueError("must start with `/` and not end with it, such as /shop")
    return path


def _check_docs_path(path: str) -> str:
    """The path of a page of the documentation.

    Raises:
        ValueError: it is no path of a URL.
    """
    if not _PATH.fullmatch(path):
        raise ValueError("must be a path that starts with `/`, such as /docs")
    return path


def _is_ipv6(host: str) -> bool:
    """Whether a host in brackets is an IPv6 address in its shortest form, as clients send it."""
    if not host.startswith("["):
        return True
    try:
        return host == f"[{IPv6Address(host[1:-1])}]"
    except ValueError:
        return False


Host = Annotated[str, AfterValidator(_check_host)]
Origin = Annotated[str, AfterValidator(_check_origin)]
Proxy = Annotated[str, AfterValidator(_check_proxy)]
HostList = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(split)]
OriginList = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split)]
ProxyList = Annotated[tuple[Proxy, ...], NoDecode, BeforeValidator(split)]
RootPath = Annotated[str, AfterValidator(_check_root_path)]
DocsPath = Annotated[str, AfterValidator(_check_docs_path)]
