"""Addresses of clients."""

from ipaddress import IPv6Address, ip_address, ip_network


def network(address: str) -> str:
    """The address that limits count by: of IPv6 the /64 network, the least that a customer gets."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return address
