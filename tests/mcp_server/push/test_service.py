"""What of the hub's stream makes the pusher look."""

from pathlib import Path

import pytest

from airchat import AirChatConfig, AsyncAirChatClient, StreamEvent
from airchat.protocol.principals import Kind, Role
from airchat.testing import FakeHub
from mcp_server.push.pusher import Pusher
from mcp_server.push.service import KINDS, hear
from mcp_server.push.transcript import Transcript
from tests.hub.api.site import Caller, running_site, settings_for
from tests.mcp_server.push.conftest import FakeSession


def said(content: str, channel: str = "general", kind: str = "message.created") -> StreamEvent:
    return StreamEvent(1, kind, "", "ann", channel, {"content": content})


@pytest.mark.parametrize(
    ("event", "looks"),
    [
        (said("@fake-me look"), True),
        (said("hi @FAKE-ME!"), True),
        (said("psst", "direct-messages"), True),
        (said("", kind="inbox.queued"), True),
        (said("nobody in particular"), False),
        (StreamEvent(1, "approval.answered", "", "ann", "general", {"id": "a1"}), False),
    ],
)
def test_pusher_looks_when_the_agent_may_be_addressed(pusher: Pusher, event: StreamEvent, looks: bool) -> None:
    pusher.wake.clear()
    hear(event, "fake-me", pusher)
    assert pusher.wake.is_set() == looks


async def test_answers_to_approvals_are_understood_as_the_hub_tells_them(tmp_path: Path, session: FakeSession) -> None:
    async with running_site(settings_for(tmp_path / "state")) as site:
        owner, agent = await site.caller("owner", Role.OWNER, Kind.PERSON), await site.caller("agent")
        await owner.post("/api/v2/messages", {"channel": "general", "content": "hello"})
        config = AirChatConfig(site.hub.address, "", "", token=agent.key)
        async with AsyncAirChatClient(config) as client, client.stream(kind=KINDS) as events:
            pusher = Pusher(FakeHub().client("agent"), session, Transcript(tmp_path, "s1"), 0.0)
            approval = await asked(agent, pusher)
            await owner.post(f"/api/v2/approvals/{approval}", {"action": "deny", "reason": "not today"})
            async for event in events:
                hear(event, "agent", pusher)
                if event.kind == "approval.answered":
                    break
    pusher.step()
    [text] = session.texts
    assert '"state": "denied"' in text
    assert '"reason": "not today"' in text


async def asked(agent: Caller, pusher: Pusher) -> str:
    """Ask for an approval as the agent; the pusher waits for its answer."""
    given = {"channel": "general", "tool": "Bash", "request": "make", "approvers": ["owner"]}
    approval: str = (await agent.post("/api/v2/approvals", given)).data["approval"]["id"]
    pusher.answers.asked.add(approval)
    return approval
