"""Answers that are shown in Slack as they are written."""

import asyncio
import contextlib
import random
from typing import Any, cast

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack import streams
from bridges.slack.streams import Streams
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import CannotCarry, Gone, NotReady, OutcomeUnknown
from hub.sections import SlackSection
from hub.slack import Slack
from tests import virtual_time
from tests.bridges.slack.conftest import PLACE, WREN, World
from tests.bridges.traffic import Way
from tests.contract.bridges.sides import Plain
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, Settings
from tests.fakes.slack.limits import Limits
from tests.fakes.slack.messages import Message

TOKEN = "m1:0"
ANSWER = "It is **done**."


class Asked:
    """A question of Alice's, what an agent answers to it, and how that stands in Slack."""

    def __init__(self, world: World, root: str, alice: str) -> None:
        self.world = world
        self.thread = outbound.Reference("m0", root, "Alice", "question")
        self.alice = alice
        self.posted: list[str] = []

    def post(self, text: str = "⏳ reading", **more: Any) -> outbound.Post:
        given = {"message_id": "m1", "thread": self.thread, "unfinished": True, "asked_by": self.alice} | more
        return self.world.post(text, TOKEN, **given)

    async def begin(self, text: str = "⏳ reading", **more: Any) -> str:
        return await self.world.bridge.post(self.post(text, **more), self.world.names)

    async def tell(self, **more: Any) -> str:
        """Begin to answer as the relay does: with a post where it cannot be a stream."""
        try:
            return await self.begin(**more)
        except CannotCarry:
            self.posted.append(await self.begin(**more | {"unfinished": False, "asked_by": None}))
            return self.posted[-1]

    async def renew(self, ts: str, text: str) -> None:
        await self._edit(ts, text, unfinished=True)

    async def finish(self, ts: str, text: str = ANSWER) -> None:
        await self._edit(ts, text, finishes=ts not in self.posted)

    async def _edit(self, ts: str, text: str, **more: Any) -> None:
        target = outbound.Reference("m1", ts, "wren", "answer")
        edit = outbound.Edit(self.world.channel, target, WREN, text, "before", self.thread, token=TOKEN, **more)
        await self.world.bridge.change(edit, self.world.names)

    async def delete(self, ts: str) -> None:
        delete = outbound.Delete(self.world.channel, self.world.to(ts), WREN, self.thread, unfinished=True)
        await self.world.bridge.change(delete, self.world.names)

    def answer(self) -> Message:
        """Return the one message there is below the question."""
        [_question, answer] = self.world.slack.messages(PLACE)
        return answer

    def is_done(self) -> bool:
        """Tell whether there is one answer, which is whole, under its author, and can be recognised."""
        it = self.answer()
        assert (it.shown.count("It is *done*."), it.unfinished, it.username) == (1, False, "wren")
        assert "reading" not in it.shown
        assert it.metadata is not None
        return bool(it.metadata["event_payload"] == {"token": TOKEN})


@pytest.fixture
async def asked(world: World) -> Asked:
    alice = world.slack.person("alice")
    return Asked(world, (await alice.say(PLACE, "question")).ts, alice.id)


def called(asked: Asked, *methods: str) -> list[int]:
    return [len(asked.world.slack.calls(f"chat.{method}")) for method in methods]


async def test_answer_is_seen_while_it_is_written_and_stands_there_once(asked: Asked) -> None:
    ts = await asked.begin()
    assert (asked.answer().streaming, asked.answer().username) == (True, "wren")
    await asked.renew(ts, "⏳ writing")
    [card] = asked.answer().blocks
    assert (card["title"], card["status"]) == ("⏳ writing", "in_progress")
    await asked.finish(ts)
    assert asked.is_done()
    assert called(asked, "startStream", "appendStream", "stopStream", "update", "postMessage") == [1, 1, 1, 0, 0]
    assert await asked.world.bridge.find_sent(asked.post()) == ts
    assert asked.world.slack.violations == {}


async def test_nothing_of_it_comes_back_into_the_hub(asked: Asked) -> None:
    slack = asked.world.slack
    async with asked.world.running():
        slack.faults.echo_first("chat.*", times=5)
        ts = await asked.begin()
        await asked.renew(ts, "⏳ writing")
        await asked.finish(ts)
        await slack.person("alice").say(PLACE, "thanks")
        await slack.settled()
        await asked.world.read_up()
        told = [it.text for it in await asked.world.decoded() if isinstance(it, inbound.Message)]
        assert len(await asked.world.decoded()) == len(told)
    assert set(told) <= {"question", "thanks"}
    assert "thanks" in told


@pytest.mark.parametrize(
    "error", ["channel_type_not_supported", "missing_recipient_user_id", "missing_scope", "unknown_method"]
)
async def test_where_slack_takes_no_stream_it_is_posted_and_edited_and_that_is_remembered(
    asked: Asked, error: str
) -> None:
    slack = asked.world.slack
    slack.faults.refuse("chat.startStream", error)
    async with asked.world.running():
        with pytest.raises(CannotCarry):
            await asked.begin()
        assert len(slack.messages(PLACE)) == 1
        ts = await asked.tell()
        assert not asked.answer().streaming
        await asked.finish(ts)
        assert asked.is_done()
        await asked.tell()
    assert called(asked, "startStream", "postMessage", "stopStream") == [1, 2, 0]


@pytest.mark.parametrize("lacking", [{"asked_by": None}, {"asked_by": "B1 <x>"}, {"thread": None}])
async def test_what_cannot_be_a_stream_is_posted_at_once(asked: Asked, lacking: dict[str, Any]) -> None:
    with pytest.raises(CannotCarry):
        await asked.begin(**lacking)
    assert called(asked, "startStream", "postMessage") == [0, 0]


async def test_thread_that_is_gone_closes_the_channel_for_no_other(asked: Asked) -> None:
    asked.world.slack.faults.refuse("chat.startStream", "thread_not_found")
    async with asked.world.running():
        with pytest.raises(Gone):
            await asked.begin()
        await asked.begin()
    assert called(asked, "startStream", "postMessage") == [2, 0]


async def test_text_addresses_nobody_and_is_cut(asked: Asked) -> None:
    hostile = "<!channel> <@U1> & *run*\n" + "&<>" * 200
    ts = await asked.begin(hostile)
    for words in (hostile, "& " * 300):
        await asked.renew(ts, words)
        [card] = asked.answer().blocks
        assert len(card["title"]) <= 256
        assert "<" not in card["title"]
        assert card["title"].replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0
    await asked.finish(ts, "<!channel> and @everyone\n\n" + "long & " * 480)
    said = "".join(block["text"]["text"] for block in asked.answer().blocks if block["type"] == "section")
    assert said.startswith("&lt;!channel&gt;")
    assert (said.count("long &amp;"), asked.answer().unfinished) == (480, False)


class TestSlackEndsItByItself:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(ack_window=30.0, stream_seconds=0.0)

    async def test_then_it_is_updated(self, asked: Asked) -> None:
        ts = await asked.begin()
        await asked.renew(ts, "⏳ writing")
        assert (asked.answer().text, asked.answer().unfinished) == ("⏳ writing", False)
        await asked.finish(ts)
        assert asked.is_done()
        assert called(asked, "appendStream", "stopStream", "update") == [1, 0, 2]

    async def test_then_it_is_deleted(self, asked: Asked) -> None:
        await asked.delete(await asked.begin())
        assert len(asked.world.slack.messages(PLACE)) == 1

    async def test_then_it_is_adopted_all_the_same(self, asked: Asked) -> None:
        asked.world.slack.faults.lose_response("chat.startStream")
        with pytest.raises(OutcomeUnknown):
            await asked.begin()
        ts = await asked.world.bridge.find_sent(asked.post())
        assert (ts, asked.answer().unfinished) == (asked.answer().ts, False)


def arm(asked: Asked, fault: str, method: str) -> None:
    faults = asked.world.slack.faults
    match fault:
        case "lost":
            faults.lose_response(method)
        case "before":
            faults.fail_before(method)
        case "after":
            faults.fail_after(method)
        case "slow down":
            faults.rate_limit(method, retry_after=0.0)


FAULTS = ["lost", "before", "after", "slow down"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_start_whose_answer_is_lost_becomes_one_answer(asked: Asked, fault: str) -> None:
    arm(asked, fault, "chat.startStream")
    post = asked.post()
    try:
        ts = await asked.tell()
    except OutcomeUnknown:
        found = await asked.world.bridge.find_sent(post)
        ts = found or await asked.tell()
        if found:
            assert not asked.answer().unfinished
            assert "reading" in asked.answer().shown
            assert await asked.world.bridge.find_sent(post) == found
            await asked.renew(ts, "⏳ writing")
    await asked.finish(ts)
    assert asked.is_done()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_change_whose_answer_is_lost_is_made_again(asked: Asked, method: str, fault: str) -> None:
    ts = await asked.begin()
    arm(asked, fault, method)
    for change, text in ((asked.renew, "⏳ writing"), (asked.finish, ANSWER)):
        try:
            await change(ts, text)
        except (NotReady, OutcomeUnknown):
            await change(ts, text)
    assert asked.is_done()


async def test_begun_stream_is_known_where_slack_shows_no_task_and_no_other_is_taken_for_it(asked: Asked) -> None:
    other = await asked.begin(message_id="m2")
    asked.world.slack.faults.lose_response("chat.startStream")
    with pytest.raises(OutcomeUnknown):
        await asked.begin()
    mine = asked.world.slack.messages(PLACE)[2]
    assert await asked.world.bridge.find_sent(asked.post(message_id="m3")) is None
    for message in asked.world.slack.messages(PLACE)[1:]:
        message.blocks = []
    found = await asked.world.bridge.find_sent(asked.post(taken=frozenset({other})))
    assert (found, mine.unfinished) == (mine.ts, False)


async def test_start_that_arrives_late_is_found_beside_what_was_posted_instead(asked: Asked) -> None:
    late = asked.world.slack.faults.commit_late("chat.startStream")
    with pytest.raises(OutcomeUnknown):
        await asked.begin()
    assert await asked.world.bridge.find_sent(asked.post()) is None
    ts = await asked.begin()
    late.release()
    await asked.world.slack.wait_for(lambda: len(asked.world.slack.messages(PLACE)) == 3)
    found = await asked.world.bridge.find_sent(asked.post(taken=frozenset({ts})))
    assert found is not None
    delete = outbound.Delete(asked.world.channel, asked.world.to(found), WREN)
    await asked.world.bridge.change(delete, asked.world.names)
    await asked.finish(ts)
    assert asked.is_done()


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_metadata_format", "unknown_method", "missing_scope"])
async def test_end_that_slack_refuses_is_an_update(asked: Asked, error: str) -> None:
    ts = await asked.begin()
    asked.world.slack.faults.refuse("chat.stopStream", error)
    await asked.finish(ts)
    assert asked.is_done()


async def test_answer_waits_for_slack_to_end_what_cannot_be_ended(asked: Asked) -> None:
    ts = await asked.begin()
    asked.world.slack.faults.refuse("chat.stopStream", "unknown_method", times=2)
    with pytest.raises(NotReady):
        await asked.finish(ts)
    asked.answer().stream_ends = 0.0
    await asked.finish(ts)
    assert asked.is_done()


@pytest.mark.parametrize("error", ["invalid_chunks", "missing_scope"])
async def test_renewal_that_slack_refuses_is_an_update(asked: Asked, error: str) -> None:
    ts = await asked.begin()
    asked.world.slack.faults.refuse("chat.appendStream", error)
    await asked.renew(ts, "⏳ writing")
    assert (asked.answer().shown, asked.answer().unfinished) == ("⏳ writing", False)
    await asked.finish(ts)
    assert asked.is_done()


async def test_deleted_while_it_is_written(asked: Asked) -> None:
    ts = await asked.begin()
    await asked.delete(ts)
    assert len(asked.world.slack.messages(PLACE)) == called(asked, "stopStream")[0] == 1
    for step in (asked.renew(ts, "⏳ more"), asked.finish(ts), asked.delete(ts)):
        with pytest.raises(Gone):
            await step


async def test_edits_after_the_end_are_updates(asked: Asked) -> None:
    ts = await asked.begin()
    await asked.finish(ts)
    edit = outbound.Edit(asked.world.channel, asked.world.to(ts), WREN, "corrected", ANSWER)
    await asked.world.bridge.change(edit, asked.world.names)
    assert (asked.answer().shown, asked.answer().unfinished) == ("corrected", False)
    assert called(asked, "stopStream") == [1]


async def test_many_answers_at_once_keep_to_the_limits(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked.world.slack.settings, "post_burst", 100)
    begun = await asyncio.gather(*(asked.tell(message_id=f"m{number}") for number in range(25)))
    assert len(set(begun)) == 25
    assert called(asked, "startStream", "postMessage") == [streams._PER_MINUTE, 25 - streams._PER_MINUTE]
    assert asked.world.slack.violations == {}


async def test_without_streaming_there_are_posts_and_edits(asked: Asked) -> None:
    section = SlackSection.model_validate(
        {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": asked.world.slack.api_url, "streaming": False}
    )
    [platform] = Slack(section).platforms
    bridge = platform.create()
    await bridge.connect()
    assert Capability.STREAM not in bridge.capabilities
    assert Capability.STREAM in asked.world.bridge.capabilities
    await bridge.close()


class Counting:
    """A client whose calls are late, and are counted when they arrive."""

    def __init__(self, seed: int) -> None:
        self.limits = Limits(Settings(clock=virtual_time.now))
        self.begun = 0
        self._way = Way(random.Random(seed))

    async def chat_startStream(self, **_given: Any) -> dict[str, str]:  # noqa: N802 - slack_sdk's word
        await self._arrive("chat.startStream", 20)
        self.begun += 1
        return {"ts": str(self.begun)}

    async def chat_appendStream(self, **_given: Any) -> None:  # noqa: N802 - same
        await self._arrive("chat.appendStream", 100)

    async def chat_stopStream(self, **_given: Any) -> None:  # noqa: N802 - same
        await self._arrive("chat.stopStream", 20)

    async def _arrive(self, method: str, tier: int) -> None:
        await self._way.call(lambda: self._count(method, tier))

    def _count(self, method: str, tier: int) -> None:
        self.limits.check("A1", method, "C1", tier)


@pytest.mark.parametrize("seed", range(3))
def test_answers_without_end_keep_to_the_limits_whatever_is_late_and_over_a_start_of_the_hub(seed: int) -> None:
    thread = outbound.Reference("m0", "1.1", "Alice", "question")
    post = outbound.Post(TOKEN, "C1", WREN, "reading", 0, thread=thread, unfinished=True, asked_by="U1")

    async def answer_on(streaming: Streams) -> None:
        while True:
            with contextlib.suppress(CannotCarry):
                target = outbound.Reference("m1", await streaming.begin(post), "wren", "answer")
                await streaming.finish(outbound.Edit("C1", target, WREN, ANSWER, finishes=True), Plain())
            await asyncio.sleep(0.5)

    async def story() -> tuple[int, list[str]]:
        client = Counting(seed)
        for seconds in (130.0, 300.0):
            streaming = Streams(cast("AsyncWebClient", client), virtual_time.now)
            agents = [asyncio.create_task(answer_on(streaming)) for _ in range(8)]
            await asyncio.sleep(seconds)
            for agent in agents:
                agent.cancel()
            await asyncio.gather(*agents, return_exceptions=True)
        return client.begun, client.limits.broken

    begun, broken = virtual_time.run(story())
    assert broken == []
    assert begun > 50
