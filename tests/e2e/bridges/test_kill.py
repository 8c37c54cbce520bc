"""A hub that is killed at each point where it could lose or double what it carries, and is started again.

How far it had come is known from outside: a platform sees when something is asked of it, and lets it wait until the hub
is dead; what is stored stands in the hub's database.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import pytest

from tests.e2e.bridges.world import HUB, PLATFORMS, Link, World, world
from tests.fakes.hold import Hold

pytestmark = pytest.mark.timeout(300)

TRIES = 5
POST, WEBHOOK, HISTORY = "chat.postMessage", "POST /webhooks/*", "conversations.history"
EVERYWHERE = [Link("general", platform) for platform in PLATFORMS]

STORED = "SELECT payload FROM relay_inbox"
UNPROCESSED = f"{STORED} WHERE processed_at IS NULL"
UNDER_WAY = "SELECT l.platform FROM relay_outgoing o JOIN relay_links l ON l.id = o.link_id WHERE o.state = 'sending'"
HALF_READ = "SELECT platform FROM relay_links WHERE reading IS NOT NULL"


async def before_events_are_stored(it: World) -> int:
    """Events are on their way to a hub that takes none."""
    it.hub.freeze()
    for platform in PLATFORMS:
        await it.say(platform, f"{platform} to a hub that hears nothing")
    await it.kill()
    return len(PLATFORMS)


async def after_they_are_stored_before_the_acknowledgement(it: World) -> int:
    """Slack, which alone waits for one, gets none, and delivers again."""
    return await _once_stored(it, acknowledged=False)


async def after_the_acknowledgement(it: World) -> int:
    """Slack will not deliver again, and nothing is made of the events yet."""
    return await _once_stored(it, acknowledged=True)


async def _once_stored(it: World, *, acknowledged: bool) -> int:
    """Kill the hub when it has stored events, and Slack has heard of it; once more if it has made messages of them."""
    for number in range(TRIES):
        words = {platform: f"{platform}, acknowledged: {acknowledged}, {number}" for platform in PLATFORMS}
        it.slack.faults.fired.clear()
        if not acknowledged:
            it.slack.faults.ignore_ack("message.*")
        for platform, text in words.items():
            await it.say(platform, text)
        delivery = next(one for one in it.slack.deliveries if words["slack"] in str(one.payload))
        heard = delivery.done.is_set if acknowledged else lambda: bool(it.slack.faults.fired)
        await it.until(lambda heard=heard, words=words: heard() and _in(it.database.rows(STORED), words.values()))  # type: ignore[misc]
        await it.kill()
        if delivery.done.is_set() is acknowledged and _in(it.database.rows(UNPROCESSED), words.values()):
            return (number + 1) * len(PLATFORMS)
        await it.start()
    raise AssertionError("the hub was always quicker")


async def before_it_is_sent(it: World) -> int:
    """Every platform has been asked to post, and has not done so."""
    text = "asked for, and not posted"
    holds = [
        it.slack.faults.hold_before(POST),
        it.discord.faults.hold_before(WEBHOOK),
        it.irc.faults.hold("before saying"),
    ]
    await _while_sending(it, text, holds)
    assert not any(text == shown.text for platform in PLATFORMS for shown in it.there(platform))
    return 1


async def after_the_platform_has_it_before_that_is_recorded(it: World) -> int:
    """Every platform shows it, and none has answered."""
    text = "posted, and not answered"
    holds = [
        it.slack.faults.hold_after(POST),
        it.discord.faults.hold_after(WEBHOOK),
        it.irc.faults.hold("after saying"),
    ]
    await _while_sending(it, text, holds)
    assert all(text in {shown.text for shown in it.there(platform)} for platform in PLATFORMS)
    return 1


async def _while_sending(it: World, text: str, holds: Sequence[Hold]) -> None:
    await it.say(HUB, text)
    await _kill_at(it, holds)
    assert {platform for (platform,) in it.database.rows(UNDER_WAY)} == set(PLATFORMS)


async def _kill_at(it: World, holds: Sequence[Hold]) -> None:
    await it.until(lambda: all(hold.reached for hold in holds))
    await it.kill()
    for hold in holds:
        hold.release()


POINTS: list[Callable[[World], Awaitable[int]]] = [
    before_events_are_stored,
    after_they_are_stored_before_the_acknowledgement,
    after_the_acknowledgement,
    before_it_is_sent,
    after_the_platform_has_it_before_that_is_recorded,
]


async def test_killed_at_each_point_and_started_again_it_loses_and_doubles_nothing(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    async with world(tmp_path, EVERYWHERE) as it:
        count = 0
        for strike in POINTS:
            with subtests.test(strike.__name__):
                count += await strike(it)
                await it.start()
                await it.same(count)
        await it.stop()
        assert "Traceback" not in it.hub.log


async def test_killed_while_histories_are_read_it_goes_on_where_it_was(tmp_path: Path) -> None:
    links = [*EVERYWHERE, Link("archive", "discord"), Link("archive", "irc")]
    async with world(tmp_path, links, page=3) as it:
        it.slack.limits.max_objects = 3
        await it.kill()
        for number in range(8):
            await it.say("slack", f"slack {number}")
            await it.say("irc", f"irc {number}")
        for number in range(105):
            await it.say("discord", f"discord {number}", "archive")
        place = it.discord.channel("#archive").id
        for skip in (1, 0):
            holds = [
                it.slack.faults.hold_before(HISTORY, skip=skip),
                it.discord.faults.hold_before(f"GET /channels/{place}/messages", skip=skip),
                it.irc.faults.hold("history", skip=2 * skip),
            ]
            await it.begin()
            await _kill_at(it, holds)
            assert {platform for (platform,) in it.database.rows(HALF_READ)} == set(PLATFORMS)
        await it.start()
        await it.same(16)
        await it.same(105, "archive", ("discord", "irc"))
        await it.stop()
        assert "Traceback" not in it.hub.log


def _in(rows: Sequence[tuple[str]], words: Iterable[str]) -> bool:
    return all(any(word in payload for (payload,) in rows) for word in words)
