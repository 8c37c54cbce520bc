"""Addresses of the network: by what clients are told apart where they are counted, whichever door they come by."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def counted(address: str) -> str:
    """Return what a client with that address is counted by.

    That is an IPv4 address itself, also one that is written as IPv6, and of IPv6 the /64: whoever has one address of it
    has them all. A port behind it, as some proxies pass one on, does not count. What is no address stands for itself.
    """
    ip = _parse(address)
    if isinstance(ip, IPv6Address) and not ip.is_loopback:
        return f"{IPv6Address(int(ip) >> 64 << 64)}/64"
    return address if ip is None else str(ip)


def is_loopback(address: str) -> bool:
    """Tell whether it is this machine's own."""
    ip = _parse(address)
    return ip is not None and ip.is_loopback


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
