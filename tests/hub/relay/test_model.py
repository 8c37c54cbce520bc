"""Whatever people and agents write, whatever fails: at rest Slack and the hub show the same."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.fakes.slack import FakeSlack, Settings
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import PLACE, Story

STEPS = 24
RESTARTS = 2
POST = "chat.postMessage"


@pytest.fixture
def settings() -> Settings:
    return Settings(ack_window=1.0, retry_delays=(0.0, 0.3, 0.6))


class World:
    """Picks what happens next."""

    def __init__(self, seed: int, story: Story) -> None:
        self.random = random.Random(seed)
        self.story = story
        self.slack = story.slack
        self.hub = story.hub
        self.texts = 0
        self.restarts = 0

    def text(self) -> str:
        self.texts += 1
        return f"text {self.texts} " + self.random.choice(["", "<&> ", "ünï ", "@wren ", "`code` "]) * 3 + "."

    async def say(self) -> None:
        await self.slack.person(self.random.choice(["alice", "bob"])).say(PLACE, self.text().replace("<&>", "&lt;"))

    async def reply(self) -> None:
        people = {person.id for person in self.slack.workspace.users.values()}
        roots = [it for it in self.slack.messages(PLACE) if it.user in people and not it.is_reply]
        if roots:
            await self.slack.person("bob").say(
                PLACE, self.text().replace("<&>", "&gt;"), thread=self.random.choice(roots)
            )

    async def post(self) -> None:
        await self.hub.post(self.random.choice(["wren", "otter"]), self.text())

    async def answer(self) -> None:
        written = [message for message in await self.hub.written() if message.parent_id is None]
        if written:
            await self.hub.post("wren", self.text(), parent=self.random.choice(written))

    async def restart(self) -> None:
        if self.restarts < RESTARTS:
            self.restarts += 1
            await self.hub.stop()
            await self.say()
            await self.hub.start()

    async def fault(self) -> None:
        faults = self.slack.faults
        arm: list[Callable[[], None]] = [
            lambda: faults.lose_response(POST),
            lambda: faults.fail_after(POST),
            lambda: faults.fail_before(POST),
            lambda: faults.rate_limit(POST),
            faults.echo_first,
            faults.duplicate,
            lambda: faults.duplicate(retry_flag=True),
            faults.ignore_ack,
            lambda: faults.slow(POST, 0.3),
            self.slack.sockets.cut,
            lambda: self.slack.sockets.disconnect("refresh_requested"),
        ]
        self.random.choice(arm)()

    async def step(self) -> None:
        steps = [self.say, self.say, self.reply, self.post, self.post, self.answer, self.restart, self.fault]
        await self.random.choice(steps)()
        await asyncio.sleep(self.random.choice([0, 0, 0.05, 0.2]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_both_sides_are_the_same_at_rest(story: Story, slack: FakeSlack, hub: Hub, seed: int) -> None:
    world = World(seed, story)
    for _ in range(STEPS):
        await world.step()
    await story.same(await story.said())
