"""The ready-made answer, byte by byte, and those who cannot be given it."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.hub.api.site import Site


async def exchange(site: Site, *requests: str) -> list[tuple[str, dict[str, str], bytes]]:
    """Send requests over one connection; return status line, headers and body of each answer, and see it end."""
    host, port = urlsplit(site.hub.address).netloc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answers = []
    for request in requests:
        writer.write(request.replace("\n", "\r\n").encode())
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        size = 0 if request.startswith("HEAD") else int(headers["Content-Length"])
        answers.append((status, headers, await reader.readexactly(size)))
    assert await reader.read() == b""
    writer.close()
    return answers


async def test_first_answer_keeps_the_connection_and_the_last_ends_it(site: Site) -> None:
    usual = "GET /healthz HTTP/1.1\nHost: hub\n\n"
    last = "GET /healthz HTTP/1.1\nHost: hub\nConnection: close\n\n"
    first, second, closing = await exchange(site, usual, usual, last)

    assert [answer[0] for answer in (first, second, closing)] == ["HTTP/1.1 200 OK"] * 3
    assert first[2] == second[2] == closing[2] == b'{"status":"ok"}'
    assert "Connection" not in first[1]
    assert closing[1].pop("Connection") == "close"
    dates = {answer[1].pop("Date")[-4:] for answer in (first, second, closing)}
    assert dates == {" GMT"}
    assert first[1] == second[1] == closing[1]


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        ("HEAD /healthz HTTP/1.1\nHost: hub\nConnection: close\n\n", "HTTP/1.1 200 OK"),
        ("GET /healthz HTTP/1.0\n\n", "HTTP/1.0 200 OK"),
    ],
)
async def test_unusual_requests_are_answered_in_their_own_way(site: Site, request_head: str, status: str) -> None:
    [(line, headers, _)] = await exchange(site, request_head)
    assert line == status
    assert headers["Content-Type"] == "application/json"


async def test_head_has_no_body_and_keeps_the_connection(site: Site) -> None:
    head = "HEAD /healthz HTTP/1.1\nHost: hub\n\n"
    last = "GET /healthz HTTP/1.1\nHost: hub\nConnection: close\n\n"
    first, second = await exchange(site, head, last)
    assert first[2] == b""
    assert second[2] == b'{"status":"ok"}'


async def test_who_asks_before_sending_a_body_is_told_to_go_on(site: Site) -> None:
    host, port = urlsplit(site.hub.address).netloc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = "POST /api/v2/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"{}")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()
