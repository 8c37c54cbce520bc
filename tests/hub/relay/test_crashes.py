"""The hub dies at every point where it could lose or double something, and is started again."""

import asyncio

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bridges.slack.bridge import SlackBridge
from bridges.slack.pages import Asking
from hub.core.messages import Messages
from hub.relay.inward.arrivals import Arrivals
from hub.relay.inward.inbox import Inbox
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.planner import Planner
from hub.relay.outward.posts import Posts
from tests.fakes.slack import FakeSlack, Settings
from tests.hanging import hang
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import PLACE, Story
from tests.waiting import SECONDS

# Where the hub stops for ever, the call before which it does so (0: the first), and what that is.
POINTS = [
    pytest.param(Inbox, "accept", 1, id="before an event is stored"),
    pytest.param(SocketModeClient, "send_socket_mode_response", 1, id="after it is stored, before it is acknowledged"),
    pytest.param(Messages, "post", 2, id="before a message is posted"),
    pytest.param(Arrivals, "finish", 1, id="after it is posted, before its pair is known"),
    pytest.param(Planner, "_plan", 1, id="before parts are queued"),
    pytest.param(Posts, "send", 1, id="after parts are queued, before one is marked"),
    pytest.param(SlackBridge, "post", 1, id="after a part is marked, before it is sent"),
    pytest.param(Outlet, "record", 1, id="after Slack has it, before that is recorded"),
]


@pytest.fixture
def settings() -> Settings:
    """A Slack that never delivers again: what was missed has to be read up."""
    return Settings(retry_delays=())


async def talk(slack: FakeSlack, hub: Hub) -> None:
    """Write three messages on each side."""
    for number in range(3):
        await slack.person("alice").say(PLACE, f"from Slack {number}")
        await hub.messages.post(await hub.agent("wren"), "general", f"from the hub {number}")


@pytest.mark.parametrize(("owner", "name", "skip"), POINTS)
async def test_nothing_is_lost_or_doubled_by_a_crash(  # noqa: PLR0917 - fixtures and parameters
    story: Story, slack: FakeSlack, hub: Hub, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, skip: int
) -> None:
    root = await slack.person("bob").say(PLACE, "root")
    await story.same(1)
    with monkeypatch.context() as patch:
        reached = hang(patch, owner, name, skip)
        speaking = asyncio.create_task(talk(slack, hub))
        await asyncio.wait_for(reached.wait(), SECONDS)
        await asyncio.sleep(0.1)
        await hub.stop()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
    await slack.person("alice").say(PLACE, "while you were away")
    await slack.person("alice").say(PLACE, "in a thread, while you were away", thread=root)
    await hub.start()
    await story.connected()
    await slack.person("alice").say(PLACE, "afterwards")
    await hub.post("wren", "afterwards, too")
    await story.same(await story.said())


@pytest.mark.slow
async def test_crash_in_the_middle_of_reading_up(
    story: Story, slack: FakeSlack, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.limits.max_objects = 3
    root = await slack.person("alice").say(PLACE, "root")
    await story.same(1)
    await hub.stop()
    for number in range(8):
        await slack.person("alice").say(PLACE, f"main {number}")
        await slack.person("bob").say(PLACE, f"reply {number}", thread=root)
    for owner, name, skip in ((Asking, "_patiently", 2), (Inbox, "store", 4), (Arrivals, "finish", 3)):
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, skip)
            await hub.start()
            await asyncio.wait_for(reached.wait(), SECONDS)
            await hub.stop()
    await hub.start()
    await story.same(17)


async def test_restarts_while_talking(story: Story, slack: FakeSlack, hub: Hub) -> None:
    for turn in range(3):
        await slack.person("alice").say(PLACE, f"Slack {turn}")
        await hub.post("wren", f"hub {turn}")
        await asyncio.sleep(0.05 * turn)
        await hub.stop()
        await slack.person("alice").say(PLACE, f"away {turn}")
        await hub.start()
    await story.connected()
    await story.same(9)
