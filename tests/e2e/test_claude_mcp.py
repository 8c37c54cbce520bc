"""The real Claude Code with AirChat's MCP server, against a fake model and a real hub."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airchat import AirChatClient, AirChatConfig
from airchat.enrol import join
from airchat.identity import load_private_key
from mcp_server.push.pusher import SILENCE
from tests.claude_code import ClaudeCode
from tests.claude_code.session import Session
from tests.fakes.anthropic import FakeAnthropic
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow

WARNED = "It is no message of your user's"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    with HubProcess(tmp_path, UNLIMITED) as hub:
        yield hub


@pytest.fixture
def ann(hub: HubProcess, tmp_path: Path) -> Iterator[AirChatClient]:
    """Another agent, on a machine of its own."""
    home = tmp_path / "far" / ".airchat"
    join(hub.invite("far"), hub.url, machine_name="far", home=home)
    with AirChatClient(
        AirChatConfig(hub.url, "far", load_private_key(home / "machine.key"), home=home), project="ann"
    ) as ann:
        ann.whoami()
        yield ann


def servers(hub: HubProcess, folder: Path, token: str, **env: str) -> list[str]:
    """Return the flags that give a session AirChat twice: as a program, and from the hub's own port."""
    over_http = {"type": "http", "url": f"{hub.url}/mcp", "headers": {"Authorization": f"Bearer {token}"}}
    config = {"mcpServers": {"airchat": {"command": str(SCRIPTS / "airchat-mcp"), "env": env}, "far": over_http}}
    file = folder / "mcp.json"
    file.write_text(json.dumps(config))
    allowed = "mcp__airchat__*,mcp__far__*"
    return ["--mcp-config", str(file), "--strict-mcp-config", "--permission-mode", "dontAsk", "--allowedTools", allowed]


async def test_idle_session_reads_posts_and_wakes(hub: HubProcess, ann: AirChatClient, tmp_path: Path) -> None:
    async with FakeAnthropic() as model:
        claude = ClaudeCode(tmp_path, model.url, project="shop")
        join(await asyncio.to_thread(hub.invite, "box"), hub.url, machine_name="box", home=claude.home / ".airchat")
        token = await asyncio.to_thread(ann.create_token, "mcp")
        first = await asyncio.to_thread(ann.send_message, "general", "Where is the invoice?")
        async with claude.session(*servers(hub, tmp_path, token["secret"])) as session:
            answer = {"channel": "general", "content": "In the drawer.", "parent_message_id": first.id}
            said = await session.ask(
                f"hello\n@@tool mcp__airchat__read_messages {json.dumps({'channel': 'general'})}\n"
                f"@@tool mcp__airchat__send_message {json.dumps(answer)}\n@@say posted"
            )
            assert said == "posted"
            request = model.requests[0]
            assert "You are @box-shop there." in request.text
            assert "mcp__airchat__check_work" in request.tools, "what an agent needs at once is loaded"
            assert "mcp__airchat__upload_file" not in request.tools, "the rest is looked up"
            shown = "\n".join(result for request in model.requests for result in request.results)
            assert '"content": "Where is the invoice?"' in shown
            [reply] = (await asyncio.to_thread(ann.read_thread, first.id)).replies
            assert (reply.author_name, reply.content) == ("box-shop", "In the drawer.")
            await wakes(session, model, ann)
            await over_http(session, model, ann)


async def test_session_whose_channel_nobody_has_opened_wakes_by_its_inbox(
    hub: HubProcess, ann: AirChatClient, tmp_path: Path
) -> None:
    """Claude Code takes what comes by the channel without a word, and shows it to nobody."""
    async with FakeAnthropic() as model:
        claude = ClaudeCode(tmp_path, model.url, project="shop")
        join(await asyncio.to_thread(hub.invite, "box"), hub.url, machine_name="box", home=claude.home / ".airchat")
        async with claude.session(*servers(hub, tmp_path, "none", AIRCHAT_PUSH="channel")) as session:
            assert await session.ask("hello\n@@say hi") == "hi"
            await wakes(session, model, ann)
            await session.ask("@@tool mcp__airchat__airchat_help {}\n@@say well")
    [told] = [result for request in model.requests for result in request.results if "Push: " in result][:1]
    assert "Push: by the session's inbox, as nothing came through by Claude Code's channel" in told


async def wakes(session: Session, model: FakeAnthropic, ann: AirChatClient) -> None:
    """A mention starts a turn within seconds, whose answer is posted; it is acknowledged once it was seen."""
    do = {"channel": "general", "content": "I bring a bucket."}
    model.on("the cellar is flooded", f"@@tool mcp__airchat__send_message {json.dumps(do)}\n@@say on my way")
    started = time.monotonic()
    sent = await asyncio.to_thread(ann.send_message, "general", "@box-shop the cellar is flooded")
    assert await session.turn() == "on my way"
    assert time.monotonic() - started < 30 + SILENCE
    [woken] = model.asked("the cellar is flooded")[:1]
    assert WARNED in woken.newest
    assert '"author": "far-ann", "trust": "agent via hub"' in woken.newest
    said = [message.content for message in await asyncio.to_thread(ann.read_messages, "general")]
    assert said.count("I bring a bucket.") == 1

    def states() -> list[str]:
        return [receipt.state for receipt in ann.list_receipts(sent.id)]

    await asyncio.to_thread(until, lambda: states() == ["acked"], states)


async def over_http(session: Session, model: FakeAnthropic, ann: AirChatClient) -> None:
    """The hub's own MCP server is asked as the owner of the token."""
    post = {"channel": "general", "content": "By HTTP."}
    script = (
        f'@@tool ToolSearch {{"query": "select:mcp__far__check_board"}}\n@@tool mcp__far__check_board {{}}\n'
        f"@@tool mcp__far__send_message {json.dumps(post)}\n@@say done"
    )
    assert await session.ask(script) == "done"
    newest = (await asyncio.to_thread(ann.read_messages, "general"))[-1]
    assert (newest.author_name, newest.content) == ("far-ann", "By HTTP.")


async def test_person_answers_an_approval_in_claude_codes_own_dialog(
    hub: HubProcess, ann: AirChatClient, tmp_path: Path
) -> None:
    """The model can only have the question put; who sits there sees what would run, and answers."""
    await asyncio.to_thread(hub.command, "people", "add", "olga")
    token = (await asyncio.to_thread(hub.admin, "tokens", "create", "olga", "desk"))["secret"]
    with AirChatClient(AirChatConfig(hub.url, "", "", token=token, home=tmp_path)) as olga:
        await asyncio.to_thread(olga.join_channel, "general")
    asked = await asyncio.to_thread(ann.request_approval, "general", "Bash", "make deploy", approvers=["olga"])
    env = {"AIRCHAT_WEB_URL": hub.url, "AIRCHAT_TOKEN": token, "AIRCHAT_PUSH": "off"}
    config = tmp_path / "mcp.json"
    server = {"command": str(SCRIPTS / "airchat-mcp"), "env": env}
    config.write_text(json.dumps({"mcpServers": {"airchat": server}}))
    tool = "mcp__airchat__answer_approval"
    async with FakeAnthropic() as model:
        look = f'@@tool ToolSearch {{"query": "select:{tool}"}}'
        model.on("what waits for me", f'{look}\n@@tool {tool} {{"approval_id": "{asked.id}"}}\n@@say settled')
        flags = ("--mcp-config", str(config), "--strict-mcp-config", "--allowedTools", "mcp__airchat__*")
        async with ClaudeCode(tmp_path, model.url).terminal(*flags) as screen:
            await screen.ready()
            screen.type("what waits for me")
            assert '@far-ann asks in #general: may "Bash" run this?' in await screen.shows("Accept    Decline")
            assert '"make deploy"' in screen.screen()
            for key, shown in (("Right", "deny"), ("Enter", "\u2714 Answer: approve"), ("Down", "\u276f Accept")):
                screen.press(key)
                await screen.shows(shown)
            async with asyncio.timeout(SECONDS):
                while "settled" not in screen.screen():  # it does not always hear the key while it moves
                    screen.press("Enter")
                    await asyncio.sleep(1)
    answered = await asyncio.to_thread(ann.get_approval, asked.id)
    assert (answered.state, answered.answered_by_name) == ("approved", "olga")
