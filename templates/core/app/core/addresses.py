"""Addresses of clients."""

from ipaddress import IPv6Address, ip_address, ip_network


def network(address: str) -> str:
    """The key of limits by address. For IPv6 it is the /64 network, which one customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return address
