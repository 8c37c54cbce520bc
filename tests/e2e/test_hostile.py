"""Hundreds of hostile requests to a running hub: each is refused in words that help, and the hub stays well."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import yarl

from tests.e2e.callers import Answer, Caller, Line
from tests.e2e.hostile import INJECTIONS, Hostile, hostile_requests, rule_breakers
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

LEAST = 500
AT_ONCE = 20
HEADERS = (
    ("Content-Type", "text/plain"),
    ("Content-Type", "multipart/form-data; boundary=x"),
    ("Content-Type", "application/json; charset=utf-16"),
    ("Content-Type", '";;;="'),
    ("Content-Type", "x" * 5000),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "deflate"),
    ("Content-Encoding", "br"),
    ("Expect", "200-nothing"),
    ("X-Forwarded-For", "'; DROP TABLE agents; --, ,,,\u00ff"),
    ("X-Real-IP", "x" * 5000),
    ("Host", "evil.example\\@x"),
    ("Range", "bytes=-1-9999"),
    ("Transfer-Encoding", "identity"),
    ("Last-Event-ID", "9" * 1000),
)
NO_REQUESTS = (
    b"\x00" * 1000,
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Y: z\r\n" * 20_000 + b"\r\n",
    b"POST /api/v2/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}",
    b"POST /api/v2/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


@dataclass(frozen=True)
class Target:
    """A hub and its owner, who may do everything, so that no request is refused for who sends it."""

    hub: HubProcess
    owner: Caller

    async def send(self, request: Hostile) -> Answer:
        """Send a request as it is."""
        line = self.owner.line
        url = yarl.URL(line.url + request.target, encoded=True)
        headers = {"x-agent-api-key": self.owner.key, "Content-Type": "application/json"} | request.headers
        data = io.BytesIO(request.body) if request.body is not None else None
        async with line.session.request(request.method, url, data=data, headers=headers) as response:
            body = await response.read()
            assert response.content_type == "application/json", (request, response.status, body)
            return Answer(response.status, json.loads(body))


@pytest.fixture
async def target(tmp_path: Path, session: aiohttp.ClientSession) -> AsyncIterator[Target]:
    with HubProcess(tmp_path, UNLIMITED) as hub:
        await asyncio.to_thread(hub.admin, "people", "add", "owner", "--role", "owner")
        made = await asyncio.to_thread(hub.admin, "tokens", "create", "owner", "test")
        yield Target(hub, Caller(Line(session, hub.url), "owner", made["secret"]))
        assert hub.running
        assert await asyncio.to_thread(hub.stop) == 0
    assert "Traceback" not in hub.log


def complaint(request: Hostile, answer: Answer) -> str | None:
    """Return what is wrong with an answer to a hostile request."""
    if not 400 <= answer.status < 500:
        return "is not refused"
    if not answer.body.get("error") or not answer.body.get("code"):
        return "gives no reason"
    if request.names is not None and answer.body.get("field") != request.names:
        return "does not name the field"
    return None


async def test_every_hostile_request_is_refused_by_name(target: Target) -> None:
    document = (await target.owner.ask("GET", "/openapi.json")).body
    requests = [*hostile_requests(document), *rule_breakers()]
    assert len(requests) > LEAST
    room = asyncio.Semaphore(AT_ONCE)
    complaints: list[str] = []

    async def send(request: Hostile) -> None:
        async with room:
            answer = await target.send(request)
        if reason := complaint(request, answer):
            sent = f"{request.target[:100]} {(request.body or b'')[:100]!r} {str(request.headers)[:50]}"
            complaints.append(f"{request.what} {reason}: {sent} -> {answer.status} {str(answer.body)[:200]}")

    await asyncio.gather(*(send(request) for request in requests))
    assert not complaints, f"{len(complaints)} of {len(requests)}:\n" + "\n".join(complaints)
    assert (await target.owner.ask("GET", "/readyz")).status == 200


async def test_hostile_texts_are_only_texts(target: Target) -> None:
    texts = [text for text in INJECTIONS if text.strip() and "\x00" not in text]
    for text in texts:
        sent = await target.owner.ask("POST", "/api/v2/messages", {"channel": "general", "content": text})
        assert sent.data["message"]["content"] == text.strip()
        query = yarl.URL.build(path="/api/v2/search", query={"q": text}).raw_path_qs
        found = await target.send(Hostile("search", "GET", query, "q"))
        assert found.status == (200 if len(text) <= 500 else 400), (text, found)
    read = await target.owner.ask("GET", "/api/v2/messages?channel=general")
    assert [message["content"] for message in read.data["messages"]] == [text.strip() for text in texts]


async def test_hostile_headers_are_no_failure(target: Target) -> None:
    body = json.dumps({"channel": "general", "content": "Hello"}).encode()
    line = target.owner.line
    for name, value in HEADERS:
        named = {"x-agent-api-key": target.owner.key, "Connection": "close", name: value}
        async with line.session.post(f"{line.url}/api/v2/messages", data=body, headers=named) as response:
            assert response.status == 200 or 400 <= response.status < 500, (name, value, await response.text())


async def test_what_is_no_request_harms_nobody(target: Target) -> None:
    for data in NO_REQUESTS:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.hub.port)
        writer.write(data)
        writer.write_eof()
        try:
            answer = await asyncio.wait_for(reader.read(), 10)
        except ConnectionResetError:
            answer = b""
        writer.close()
        assert not answer or answer.split()[1][:1] == b"4", (data[:100], answer[:200])
        assert (await target.owner.ask("GET", "/api/v2/whoami")).status == 200
