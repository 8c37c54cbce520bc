"""MCP over HTTP, on the hub's own port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult

from airchat.protocol.principals import Kind, Role
from hub.app import running_hub
from hub.mcp import Mcp
from mcp_server.tools.approvals import ROUND_SECONDS
from tests.hub.api.site import Caller, Site, running_site, settings_for
from tests.hub_process import free_port
from tests.mcp_server.conftest import data, error, text, written
from tests.mcp_server.test_guide import TOOLS

ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(settings_for(tmp_path / "state")) as site:
        yield site


@asynccontextmanager
async def connected(site: Site, key: str, mode: str = "auto", **how: Any) -> AsyncIterator[Client]:
    """Give an MCP client of the hub's with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{site.hub.address}/mcp", http_client=http), mode=mode, **how) as client,
    ):
        yield client


async def use(client: Client, name: str, /, **arguments: Any) -> CallToolResult:
    result = await client.call_tool(name, arguments)
    assert isinstance(result, CallToolResult)
    return result


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_agents_are_known_by_their_keys(site: Site, mode: str) -> None:
    ann, bob = await site.caller("ann"), await site.caller("bob")
    async with connected(site, ann.key, mode) as one, connected(site, bob.key, mode) as other:
        assert {tool.name for tool in (await one.list_tools()).tools} == TOOLS
        assert text(await use(one, "airchat_help")).startswith(
            f"# AirChat: you are @ann\n\nConnected to {site.hub.address}"
        )
        sent = written(await use(one, "send_message", channel="general", content="@bob look"))
        [mention] = data(await use(other, "check_work"))["mentions"]
        assert (mention["message_id"], mention["from"]) == (sent["id"], "ann")
        await use(other, "send_message", channel="general", content="Yes?", parent_message_id=sent["id"])
        await use(other, "send_message", channel="general", content="Well?")
        late = text(await use(one, "send_message", channel="general", content="Thanks"))
        assert '"missed": 2' in late
        assert error(await use(one, "airchat_doctor")) == "Error: Unknown tool: airchat_doctor"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_approval_is_answered_by_the_person_at_another_client(site: Site, mode: str) -> None:
    """The agent waits; the owner is asked by a client of their own, and the agent hears the answer at once."""
    owner, agent = await site.caller("owner", Role.OWNER, Kind.PERSON), await site.caller("agent")
    await owner.post("/api/v2/messages", {"channel": "general", "content": "hello"})
    questions: list[str] = []

    async def say_yes(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        return ElicitResult(action="accept", content={"answer": "approve"})

    async with connected(site, agent.key, mode) as asking:
        given = {"channel": "general", "tool": "Bash", "request": "make deploy", "approvers": ["owner"]}
        waiting = asyncio.create_task(use(asking, "request_approval", **given))
        async with connected(site, owner.key, mode, elicitation_callback=say_yes) as answering:
            found: list[Any] = []
            while not found:
                found = data(await use(answering, "check_approvals", state="pending"))["approvals"]
            answered = data(await use(answering, "answer_approval", approval_id=found[0]["approval_id"]))
        start = asyncio.get_running_loop().time()
        told = data(await waiting)
        assert asyncio.get_running_loop().time() - start < ROUND_SECONDS, "it was told, and did not just look again"
    assert [question.splitlines()[0] for question in questions] == ['@agent asks in #general: may "Bash" run this?']
    assert (answered["state"], told["state"], told["answered_by"]) == ("approved", "approved", "owner")


async def test_answer_of_the_person_may_come_after_a_restart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "state", store={"url": None}, http={"port": free_port()})
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        site = await first.enter_async_context(running_site(settings))
        owner, agent = await site.caller("owner", Role.OWNER, Kind.PERSON), await site.caller("agent")
        given = {"channel": "general", "tool": "Bash", "request": "make deploy", "approvers": ["owner"]}
        await owner.post("/api/v2/messages", {"channel": "general", "content": "hello"})
        asked = (await agent.post("/api/v2/approvals", given)).data["approval"]["id"]

        async def say_yes(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            await first.aclose()
            await second.enter_async_context(running_site(settings))
            return ElicitResult(action="accept", content={"answer": "approve"})

        async with connected(site, owner.key, elicitation_callback=say_yes) as client:
            answered = data(await use(client, "answer_approval", approval_id=asked))
    assert (answered["state"], answered["answered_by"]) == ("approved", "owner")


async def test_big_file_is_shared(site: Site) -> None:
    ann = await site.caller("ann")
    async with connected(site, ann.key) as client:
        shared = written(await use(client, "upload_file", filename="a.txt", content="x" * 9_000_000, channel="general"))
        assert shared["size"] == 9_000_000


async def test_reading_key_writes_nothing(site: Site) -> None:
    reader = await site.caller("reader", kind=Kind.PERSON, scope="read")
    async with connected(site, reader.key) as client:
        assert not (await use(client, "check_board")).is_error
        assert error(await use(client, "send_message", channel="general", content="x")).startswith("Error: 403")


async def ask(site: Site, key: str | None, **headers: str) -> aiohttp.ClientResponse:
    accept = {"Accept": "application/json, text/event-stream"}
    bearer = {} if key is None else {"Authorization": f"Bearer {key}"}
    url = f"{site.hub.address}/mcp"
    async with site.session.post(url, json=ASK, headers=accept | bearer | headers) as response:
        await response.read()
        return response


@pytest.mark.parametrize("key", [None, "", "unknown", "key of ann, almost"])
async def test_stranger_is_told_where_to_read_on(site: Site, key: str | None) -> None:
    await site.caller("ann")
    response = await ask(site, key)
    assert response.status == 401
    where = f"{site.hub.address}/.well-known/oauth-protected-resource/mcp"
    assert f'resource_metadata="{where}"' in response.headers["WWW-Authenticate"]
    async with site.session.get(where) as metadata:
        assert (await metadata.json())["resource"] == f"{site.hub.address}/mcp"
    async with site.session.get(where, headers={"Host": "evil.example"}) as metadata:
        assert metadata.status == 421


async def test_strangers_do_not_make_the_hub_load_it(tmp_path: Path) -> None:
    loaded: list[str] = []

    def load(url: str, *_rest: object) -> Any:
        loaded.append(url)
        raise OSError("no memory")

    async with running_site(settings_for(tmp_path / "state")) as site:
        ann = await site.caller("ann")
        mcp = Mcp(site.hub.cases.credentials, load, frozenset())
        application = web.Application()
        mcp.add_to(application)
        async with TestClient(TestServer(application)) as client:
            for key in ("", "unknown"):
                assert (await client.post("/mcp", headers={"Authorization": f"Bearer {key}"})).status == 401
            assert (await client.get("/.well-known/oauth-protected-resource/mcp")).status == 200
            assert loaded == []
            assert (await client.post("/mcp", headers={"Authorization": f"Bearer {ann.key}"})).status == 500
            assert len(loaded) == 1


async def test_revoked_key_is_refused_at_once(site: Site) -> None:
    ann = await site.caller("ann")
    made = (await ann.post("/api/v2/tokens", {"label": "mcp"})).data
    async with connected(site, made["secret"]) as client:
        assert not (await use(client, "check_board")).is_error
    await ann.ask("DELETE", f"/api/v2/tokens/{made['token']['id']}")
    assert (await ask(site, made["secret"])).status == 401


async def test_hub_answers_by_its_own_names_only(tmp_path: Path) -> None:
    http = {"port": free_port()}
    settings = settings_for(tmp_path / "state", hub={"public_url": "https://hub.example:3003"}, http=http)
    own = ["127.0.0.1:1", "localhost:3003", "[::1]:3003", "192.168.0.7", "hub.example:3003", "HUB.example."]
    others = ["evil.example", "hub.example.evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]
    async with running_hub(settings), aiohttp.ClientSession() as session:
        for host in [*own, *others]:
            url = f"http://127.0.0.1:{settings.http.port}/mcp"
            async with session.post(url, json=ASK, headers={"Host": host}) as response:
                assert (host, response.status) == (host, 401 if host in own else 421)
                where = response.headers.get("WWW-Authenticate", "https://hub.example:3003/.well-known/")
                assert "https://hub.example:3003/.well-known/" in where


async def test_pages_of_other_sites_ask_in_vain(site: Site) -> None:
    ann = await site.caller("ann")
    assert (await ask(site, ann.key, Host="evil.example")).status == 421
    assert (await ask(site, ann.key, Origin="https://evil.example")).status == 403
    assert (await ask(site, ann.key, Origin="null")).status == 403


async def test_requests_of_one_agent_are_limited(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path / "state", limits={"mcp": 3})) as site:
        ann, bob = await site.caller("ann"), await site.caller("bob")
        assert [(await ask(site, ann.key)).status == 429 for _ in range(4)] == [False, False, False, True]
        refused = await ask(site, ann.key)
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert (await ask(site, bob.key)).status != 429


async def test_mcp_can_be_switched_off(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path / "state", http={"mcp": False})) as site:
        assert (await ask(site, None)).status == 404


async def test_open_stream_does_not_keep_the_hub_from_stopping(tmp_path: Path) -> None:
    listening = asyncio.Event()

    async def listen(site: Site, ann: Caller) -> None:
        async with connected(site, ann.key) as client, client.listen(tools_list_changed=True) as events:
            listening.set()
            async for _ in events:
                pass

    async with running_site(settings_for(tmp_path / "state")) as site:
        ann = await site.caller("ann")
        task = asyncio.create_task(listen(site, ann))
        await asyncio.wait_for(listening.wait(), 20)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 9, "the server waits for requests longer than that"
    task.cancel()
    await asyncio.wait([task])
