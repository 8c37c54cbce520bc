import socket
import struct
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridges.irc.transport.proxy import (
    SIGNATURE,
    Proxied,
    ProxyError,
    is_trusted,
    parse_v1,
    parse_v2,
    read_header,
)
from tests.bridges.irc.transport.far_end import send

PORTS = st.integers(0, 65_535)


def v2(family: int, body: bytes, command: int = 0x21) -> bytes:
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


@given(st.ip_addresses(), PORTS, PORTS)
def test_v1_says_who_the_client_is(address: IPv4Address | IPv6Address, port: int, other: int) -> None:
    line = f"PROXY TCP{address.version} {address} {address} {port} {other}".encode()
    assert parse_v1(line) == Proxied(str(address), port)


def test_v1_of_an_unknown_client_says_nothing() -> None:
    assert parse_v1(b"PROXY UNKNOWN") is None
    assert parse_v1(b"PROXY UNKNOWN ffff::1 ffff::2 1 2") is None


@pytest.mark.parametrize(
    "line",
    [
        b"PROXY",
        b"NICK a",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 1 2",
        b"PROXY TCP6 192.0.2.1 192.0.2.2 1 2",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 65536 2",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 -1 2",
        b"PROXY TCP4 evil.example 192.0.2.2 1 2",
        b"PROXY  TCP4 192.0.2.1 192.0.2.2 1 2",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 \xb2 2",
    ],
)
def test_v1_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(ProxyError):
        parse_v1(line)


@given(st.ip_addresses(), PORTS, st.binary(max_size=50).filter(lambda fields: 0x20 not in fields))
def test_v2_says_who_the_client_is(address: IPv4Address | IPv6Address, port: int, fields: bytes) -> None:
    body = address.packed * 2 + struct.pack("!HH", port, 6_667) + fields
    assert parse_v2(v2(0x11 if address.version == 4 else 0x21, body)) == Proxied(str(address), port)


@pytest.mark.parametrize(("flags", "secure"), [(1, True), (7, True), (0, False), (6, False)])
def test_v2_says_whether_the_client_spoke_tls(flags: int, secure: bool) -> None:
    addresses = bytes([192, 0, 2, 1, 192, 0, 2, 2]) + struct.pack("!HH", 5, 6_697)
    before = struct.pack("!BH3s", 0x01, 3, b"irc")
    tls = struct.pack("!BHBI", 0x20, 5, flags, 0)
    assert parse_v2(v2(0x11, addresses + before + tls)) == Proxied("192.0.2.1", 5, secure)


def test_v2_of_the_proxy_itself_says_nothing() -> None:
    assert parse_v2(v2(0x11, bytes(12), command=0x20)) is None
    assert parse_v2(v2(0x00, b"")) is None
    assert parse_v2(v2(0x31, bytes(216))) is None


@given(st.binary(max_size=64))
@example(b"\x21\x11\x00\x00")
@example(b"\x21\x11\x00\x0c" + bytes(11))
@example(b"\x31\x11\x00\x0c" + bytes(12))
@example(b"\x22\x11\x00\x0c" + bytes(12))
def test_v2_of_anything_is_an_answer_or_a_refusal(rest: bytes) -> None:
    for data in (SIGNATURE + rest, rest):
        try:
            proxied = parse_v2(data)
        except ProxyError:
            continue
        assert data[12] in {0x20, 0x21}
        assert proxied is None or data[13] in {0x11, 0x12, 0x21, 0x22}


@given(st.binary(max_size=64) | st.text().map(str.encode))
def test_v1_of_anything_is_an_answer_or_a_refusal(line: bytes) -> None:
    for data in (line, b"PROXY TCP4 " + line):
        try:
            parse_v1(data)
        except ProxyError:
            continue


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n",
        v2(0x11, bytes([192, 0, 2, 1, 192, 0, 2, 2]) + struct.pack("!HH", 5, 6)),
    ],
)
async def test_header_is_taken_and_nothing_behind_it(header: bytes) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        await send(far, header + b"NICK a\r\n")
        assert await read_header(near) == Proxied("192.0.2.1", 5)
        assert near.recv(100) == b"NICK a\r\n"


@pytest.mark.parametrize(
    "header",
    [
        b"NICK a\r\nUSER a 0 * :a\r\n",
        b"PROXY " + b"x" * 200,
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(100),
        b"PROXY TCP4 192.0.2.1",
        b"PROXY UNKNOWN\r",
    ],
)
async def test_what_is_no_header_is_refused(header: bytes) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        await send(far, header)
        far.close()
        with pytest.raises(ProxyError):
            await read_header(near)


def test_proxies_are_trusted_by_their_network() -> None:
    proxies = (IPv4Network("10.0.0.0/8"), IPv6Network("fd00::/8"))
    addresses = ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "fd12::1%eth0", "11.0.0.1", "fe80::1%eth0", "::1"]
    assert [is_trusted(address, proxies) for address in addresses] == [True, True, True, True, False, False, False]
    assert not is_trusted("10.1.2.3", [])
