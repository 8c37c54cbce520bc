"""A hub that is killed while an answer is shown in Slack as being written, and is started again."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.bridges.world import Link, World, world
from tests.fakes.hold import Hold
from tests.fakes.slack import FakeSlack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLACE = "#general"
START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"


class Point(NamedTuple):
    """Where it is killed, and how it is known to be there."""

    what: str
    hold: Callable[[FakeSlack], Hold]


POINTS = [
    Point("before it is begun", lambda slack: slack.faults.hold_before(START)),
    Point("after it is begun, before that is recorded", lambda slack: slack.faults.hold_after(START)),
    Point("before it is renewed", lambda slack: slack.faults.hold_before(APPEND)),
    Point("after it is renewed, before that is recorded", lambda slack: slack.faults.hold_after(APPEND)),
    Point("between renewing and ending it", lambda slack: slack.faults.hold_before(STOP)),
    Point("after it is ended, before that is recorded", lambda slack: slack.faults.hold_after(STOP)),
]


async def ask_and_kill(it: World, number: int, point: Point) -> None:
    """Let alice ask and wren answer, step by step, as far as the hub comes; the rest it hears when it is back."""
    question, first, further, done = (f"{word} {number}." for word in ("question", "first", "further", "done"))
    await it.say("slack", question)
    await it.until(lambda: any(stored.shown.text == question for stored in it.on_hub()))
    [(parent,)] = [(id,) for id, text in it.database.rows("SELECT id, content FROM messages") if text == question]
    hold = point.hold(it.slack)
    body = {"channel": "general", "content": first, "parent_message_id": parent, "metadata": {"unfinished": True}}
    posted = await it.agent.insist("POST", "/api/v2/messages", body, Idempotency_Key=f"answer {number}")
    place = f"/api/v2/messages/{posted.data['message']['id']}"
    await it.until(lambda: hold.reached or streaming(it, first))
    if not hold.reached:
        assert (await it.agent.insist("PATCH", place, {"content": further, "unfinished": True})).status == 200
        await it.until(lambda: hold.reached or streaming(it, further))
    if not hold.reached:
        assert (await it.agent.insist("PATCH", place, {"content": done})).status == 200
        await it.until(lambda: hold.reached)
    await it.kill()
    hold.release()
    await it.start()
    assert (await it.agent.insist("PATCH", place, {"content": done})).status == 200


def streaming(it: World, text: str) -> bool:
    """Tell whether Slack shows an answer as being written that has come so far."""
    return any(message.streaming and text in str(message.blocks) for message in it.slack.messages(PLACE))


async def test_killed_at_each_point_of_an_answer_and_started_again_it_shows_one_that_is_finished(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    links = [Link("general", "slack"), Link("general", "discord"), Link("archive", "irc")]
    async with world(tmp_path, links) as it:
        for number, point in enumerate(POINTS, start=1):
            with subtests.test(point.what):
                await ask_and_kill(it, number, point)
                await it.same(2 * number, "general", ("slack", "discord"))
                assert not any(message.unfinished for message in it.slack.messages(PLACE))
        assert len(it.slack.calls(START)) >= len(POINTS)
        await it.stop()
        assert "Traceback" not in it.hub.log
