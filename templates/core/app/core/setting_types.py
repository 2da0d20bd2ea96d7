"""Types of settings that hold addresses and paths. A value that can never match is refused."""

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, AnyHttpUrl, AnyUrl, BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.environment import split

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^A-Z*@/?#]+")


def _check_origin(origin: str) -> str:
    """An origin in the form in which browsers send it in the header `Origin`, or `*`."""
    try:
        is_valid = origin == str(AnyUrl(origin)).removesuffix("/")
    except ValueError:
        is_valid = False
    if origin == "*" or (is_valid and _ORIGIN.fullmatch(origin)):
        return origin
    raise ValueError(
        "must be a scheme and a host in lower case, and a port unless it is the default one, with "
        "nothing after it, such as https://shop.example.com"
    )


def _check_host(host: str) -> str:
    """A name or an address as in the header `Host`, `*.` and a name, or `*`."""
    name = host.removeprefix("*.").lower()
    try:
        has_all_parts = all(name.removesuffix(".").split("."))
        is_valid = has_all_parts and name == AnyHttpUrl(f"http://{name}").host
    except ValueError:
        is_valid = False
    if host == "*" or (is_valid and "*" not in name):
        return host
    raise ValueError(
        "must be a host name or an address without scheme, port and path, such as "
        "shop.example.com, *.example.com, 10.0.0.1 or [::1]"
    )


def _check_proxy(proxy: str) -> str:
    """The address or the network of a proxy, or `*`."""
    try:
        if proxy != "*":
            ip_network(proxy)
    except ValueError:
        raise ValueError(
            "must be an IP address, or a network whose host bits are zero, such as 10.0.0.0/8"
        ) from None
    return proxy


Host = Annotated[str, AfterValidator(_check_host)]
Origin = Annotated[str, AfterValidator(_check_origin)]
Proxy = Annotated[str, AfterValidator(_check_proxy)]
HostList = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(split)]
OriginList = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split)]
ProxyList = Annotated[tuple[Proxy, ...], NoDecode, BeforeValidator(split)]
RootPath = Annotated[str, Field(pattern=r"^(/[\w.~-]+)*$")]
DocsPath = Annotated[str, Field(pattern=r"^/([\w.~-]+/)*[\w.~-]*$")]
