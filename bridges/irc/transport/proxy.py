"""Which proxies are trusted, and the PROXY protocol, versions 1 and 2, by which they say who their client is.

Source: haproxy, `doc/proxy-protocol.txt`.
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_V1_START = b"PROXY "
_V1_LIMIT = 107
_V2_FIXED = 16
_V2_LIMIT = 4096
_SSL_TLV = 0x20
_LOCAL, _PROXIED = 0, 1
_FAMILIES = {0x11: (IPv4Address, 4), 0x12: (IPv4Address, 4), 0x21: (IPv6Address, 16), 0x22: (IPv6Address, 16)}


class ProxyError(ValueError):
    """The bytes are no PROXY header."""


@dataclass(frozen=True, slots=True)
class Proxied:
    """What a proxy says of its client; `secure` when it says that the client spoke TLS to it."""

    address: str
    port: int
    secure: bool = False


def is_address(text: str) -> bool:
    """Tell whether the text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    """Tell whether an IP address is that of a proxy."""
    if not proxies:
        return False
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip.version == network.version and ip in network for network in proxies)


def parse_v1(line: bytes) -> Proxied | None:
    """Read a version 1 header without its CR LF; None when the proxy speaks for itself or does not know.

    Raises:
        ProxyError: it is none.
    """
    try:
        words = line.decode("ascii").split(" ")
    except UnicodeDecodeError as error:
        raise ProxyError("not ASCII") from error
    if words[:2] == ["PROXY", "UNKNOWN"]:
        return None
    if len(words) != 6 or words[0] != "PROXY" or words[1] not in {"TCP4", "TCP6"}:
        raise ProxyError("not PROXY TCP4|TCP6 source destination port port")
    version = 4 if words[1] == "TCP4" else 6
    return Proxied(_address(words[2], version), _port(words[4]))


def _address(text: str, version: int) -> str:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise ProxyError("not an address") from error
    if address.version != version:
        raise ProxyError("an address of another family")
    return str(address)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise ProxyError("not a port")
    return int(text)


def parse_v2(header: bytes) -> Proxied | None:
    """Read a whole version 2 header; None when the proxy speaks for itself or of no internet address.

    Raises:
        ProxyError: it is none.
    """
    if len(header) < _V2_FIXED or not header.startswith(SIGNATURE):
        raise ProxyError("no signature")
    command, family, length = struct.unpack("!BBH", header[12:_V2_FIXED])
    body = header[_V2_FIXED:]
    if command >> 4 != 2 or command & 15 not in {_LOCAL, _PROXIED}:
        raise ProxyError("an unknown version or command")
    if len(body) != length:
        raise ProxyError("another length than it says")
    if command & 15 == _LOCAL or family not in _FAMILIES:
        return None
    kind, size = _FAMILIES[family]
    if len(body) < 2 * size + 4:
        raise ProxyError("too short for its addresses")
    (port,) = struct.unpack("!H", body[2 * size : 2 * size + 2])
    return Proxied(str(kind(body[:size])), port, _was_secure(body[2 * size + 4 :]))


def _was_secure(fields: bytes) -> bool:
    """Tell whether the fields after the addresses say that the client spoke TLS."""
    while len(fields) >= 3:
        kind, size = struct.unpack("!BH", fields[:3])
        if kind == _SSL_TLV and size >= 1 and len(fields) > 3:
            return bool(fields[3] & 1)
        fields = fields[3 + size :]
    return False


async def read_header(sock: socket.socket) -> Proxied | None:
    """Take the header, and nothing behind it, from a fresh connection.

    Raises:
        ProxyError: there is none.
        OSError: the connection broke.
    """
    start = await _exactly(sock, len(SIGNATURE))
    if start == SIGNATURE:
        start += await _exactly(sock, _V2_FIXED - len(SIGNATURE))
        (length,) = struct.unpack("!H", start[14:])
        if length > _V2_LIMIT:
            raise ProxyError("too long")
        return parse_v2(start + await _exactly(sock, length))
    if not start.startswith(_V1_START):
        raise ProxyError("no header")
    while not start.endswith(b"\r\n"):
        if len(start) >= _V1_LIMIT:
            raise ProxyError("too long")
        start += await _exactly(sock, 1)  # what follows the line is not the header's
    return parse_v1(start[:-2])


async def _exactly(sock: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < size:
        piece = await loop.sock_recv(sock, size - len(data))
        if not piece:
            raise ProxyError("the connection ended within the header")
        data += piece
    return data
