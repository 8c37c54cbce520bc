"""Reading up, resuming a reading, sweeping, and finding a connection that is deaf."""

import asyncio
import time
from dataclasses import replace

import pytest

from bridges.slack import hearing, pages
from bridges.slack.bridge import SlackBridge
from hub.relay.contract import inbound
from hub.relay.contract.bridge import LinkedChannel, Window
from hub.relay.contract.errors import AuthFailed, NotReady, Refused
from tests.bridges.slack.conftest import PLACE, World
from tests.contract.bridges.sides import Received
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN
from tests.fakes.slack.sockets import disconnect_frame
from tests.waiting import eventually


def texts(received: list[inbound.Inbound]) -> list[str]:
    return [it.text for it in received if isinstance(it, inbound.Message)]


async def test_history_tells_the_latest_text_with_its_version_and_topics(world: World) -> None:
    alice = world.slack.person("alice")
    said = await alice.say(PLACE, "one")
    await alice.edit(said, "two")
    await alice.set_topic(PLACE, "topic")
    gone = await alice.say(PLACE, "gone")
    await alice.delete(gone)
    await world.read_up()
    message, topic = await world.decoded()
    assert isinstance(message, inbound.Message)
    assert (message.text, message.version) == ("two", said.edited.ts if said.edited else "")
    assert isinstance(topic, inbound.Topic)
    assert (topic.text, topic.found, topic.set_at is None) == ("topic", False, False)


async def test_event_of_a_message_and_its_history_are_the_same(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        root = await alice.say(PLACE, "root")
        await alice.say(PLACE, "reply", thread=root)
        await alice.say(PLACE, "shown", thread=root, broadcast=True)
        await alice.upload(PLACE, "a.csv", b"1")
        await alice.set_topic(PLACE, "topic")
        await world.heard(5)
        await world.read_up()
        assert len(world.received.events) == 5


async def test_as_many_messages_from_before_the_link_as_are_wanted(world: World) -> None:
    alice = world.slack.person("alice")
    for number in range(5):
        await alice.say(PLACE, str(number))
    linked_at = time.time_ns() // 1000
    await asyncio.sleep(0.001)
    await alice.say(PLACE, "after")
    await world.read_up(LinkedChannel(world.channel, None, linked_at))
    assert texts(await world.decoded()) == ["after"]
    await world.read_up(LinkedChannel(world.channel, None, linked_at, earlier=2))
    assert texts(await world.decoded()) == ["3", "4", "after"]


async def test_interrupted_reading_goes_on_where_it_was(world: World) -> None:
    world.slack.limits.max_objects = 3
    alice = world.slack.person("alice")
    for number in range(10):
        await alice.say(PLACE, str(number))

    class Dying(Received):
        async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
            await super().save_cursor(channel, cursor)
            if len(self.events) >= 6:
                raise asyncio.CancelledError

    world.received = Dying()
    with pytest.raises(asyncio.CancelledError):
        await world.read_up()
    assert texts(await world.decoded()) == ["4", "5", "6", "7", "8", "9"]
    await alice.say(PLACE, "later")
    calls = len(world.slack.calls("conversations.history"))
    resumed = Received()
    resumed.events = dict(world.received.events)
    world_after = replace(world, received=resumed)
    await world_after.read_up(LinkedChannel(world.channel, None, 0, cursor=world.received.cursor))
    assert texts(await world_after.decoded()) == [*map(str, range(10)), "later"]
    assert len(world.slack.calls("conversations.history")) - calls == 3  # the new one, and what was left in two pages


async def test_app_that_may_read_one_page_a_minute_waits_its_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_SLOW_SECONDS", 0.2)
    world.slack.limits.restrict_history(per_minute=300, objects=15)
    for number in range(40):
        await world.slack.person("alice").say(PLACE, str(number))
    started = time.monotonic()
    await world.read_up()
    assert texts(await world.decoded()) == [*map(str, range(40))]
    assert time.monotonic() - started >= 0.4
    assert world.slack.violations == {}
    assert len(world.slack.calls("conversations.history")) == 3


async def test_channel_in_which_somebody_waits_is_read_before_those_that_came_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_SLOW_SECONDS", 0.2)
    world.slack.limits.restrict_history(per_minute=6_000, objects=15)
    for number in range(16):
        await world.slack.person("alice").say(PLACE, str(number))
    await world.read_up()  # from now on there is one page at a time
    channels = {name: world.slack.create_channel(f"#{name}").id for name in "abcde"}
    order: list[str] = []
    pressing: set[str] = set()

    async def read(name: str) -> None:
        await world.read_up(LinkedChannel(channels[name], None, 0, pressing=lambda: name in pressing))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in channels:
            group.create_task(read(name))
        calls = len(world.slack.calls("conversations.history"))
        await eventually(lambda: len(world.slack.calls("conversations.history")) > calls)
        pressing.add("d")
    assert order == ["a", "d", "b", "c", "e"]


async def test_refresh_of_one_socket_leaves_no_gap_to_read_up(world: World) -> None:
    sockets = world.slack.sockets
    async with world.running():
        for count, socket in enumerate(list(sockets.open), 1):
            socket.send(disconnect_frame("refresh_requested"))
            socket.retire(world.slack.settings.refresh_grace)
            await world.slack.person("alice").say(PLACE, f"meanwhile {count}")
            await eventually(lambda count=count: sockets.opened == 2 + count and len(sockets.open) == 2)  # type: ignore[misc]
            await world.slack.person("alice").say(PLACE, f"afterwards {count}")
        await world.heard(4)
        assert world.received.listened == 1
        sockets.open[0].cut()
        await eventually(lambda: world.received.listened == 2)
        await eventually(lambda: len(sockets.open) == 2)


@pytest.mark.parametrize("broken", [True, False])
async def test_loss_of_both_sockets_is_read_up_once(world: World, *, broken: bool) -> None:
    sockets = world.slack.sockets
    async with world.running():
        for round_number in (1, 2):
            if broken:
                for socket in list(sockets.open):
                    socket.cut()
            else:
                sockets.disconnect("refresh_requested")
            await eventually(lambda count=round_number: sockets.opened == 2 + 2 * count and len(sockets.open) == 2)  # type: ignore[misc]
            await world.slack.person("alice").say(PLACE, f"heard {round_number}")
            await world.heard(round_number)
            assert world.received.listened == 1 + round_number


async def test_page_that_slack_does_not_give_now_is_asked_for_again(world: World) -> None:
    world.slack.faults.rate_limit("conversations.history", retry_after=0.01)
    await world.slack.person("alice").say(PLACE, "one")
    await world.read_up()
    assert texts(await world.decoded()) == ["one"]
    world.slack.faults.fail_before("conversations.history")
    with pytest.raises(NotReady):
        await world.read_up()


async def test_sweep_tells_how_messages_stand_now(world: World) -> None:
    alice, bob = world.slack.person("alice"), world.slack.person("bob")
    edited, kept, gone = [await alice.say(PLACE, text) for text in ("edited", "kept", "gone")]
    root = await alice.say(PLACE, "root")
    reply, lost = [await bob.say(PLACE, text, thread=root) for text in ("reply", "lost")]
    own = await world.bridge.post(world.post("ours"), world.names)
    await alice.edit(edited, "changed")
    await alice.delete(gone)
    await bob.delete(lost)
    for message in (kept, reply, world.slack.find(PLACE, "ours")):
        await bob.react(message, "tada")
    world.slack.timeline.react(kept, world.slack.app.user.id, "eyes")
    await alice.delete(root)
    ids = (edited.ts, kept.ts, gone.ts, root.ts, reply.ts, lost.ts, own)
    window = Window(world.channel, ids, {reply.ts: root.ts, lost.ts: root.ts})
    found = {it.remote_id: it async for it in world.bridge.sweep(window, world.names)}
    assert list(found) == list(ids)
    assert [ts for ts in ids if found[ts].message is None] == [gone.ts, root.ts, lost.ts]
    changed = found[edited.ts].message
    assert changed is not None
    assert (changed.text, changed.version) == ("changed", edited.edited.ts if edited.edited else "")

    def reactions(ts: str) -> list[tuple[str, str]]:
        return [(user.name, emoji) for user, emoji in found[ts].reactions or ()]

    assert [reactions(ts) for ts in (edited.ts, kept.ts, reply.ts, own)] == [[], *[[("Bob", "🎉")]] * 3]


async def test_sweep_says_nothing_of_reactions_that_are_not_all_told(world: World) -> None:
    said = await world.slack.person("alice").say(PLACE, "one")
    said.extra["reactions"] = [{"name": "tada", "users": ["U1"], "count": 70}]
    window = Window(world.channel, (said.ts,), {})
    [found] = [it async for it in world.bridge.sweep(window, world.names)]
    assert found.reactions is None


async def test_deaf_connection_is_found_and_a_fresh_one_reads_what_was_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_ON_ITS_WAY_SECONDS", 0.2)
    world.bridge = SlackBridge(BOT_TOKEN, APP_TOKEN, world.slack.api_url, ping_seconds=0.5)
    await world.bridge.connect()
    alice = world.slack.person("alice")
    await alice.say(PLACE, "before")
    await world.read_up()
    async with world.running():
        await alice.say(PLACE, "heard")
        await world.heard(2)
        await world.bridge.probe()
        world.slack.sockets.mute()
        await world.bridge.probe()
        await alice.say(PLACE, "unheard")
        with pytest.raises(NotReady, match="deaf"):
            await world.bridge.probe()
    fresh = replace(world, bridge=SlackBridge(BOT_TOKEN, APP_TOKEN, world.slack.api_url, ping_seconds=0.5))
    await fresh.bridge.connect()
    async with fresh.running():
        await fresh.read_up()
        assert texts(await fresh.decoded()) == ["before", "heard", "unheard"]
        await fresh.bridge.probe()


async def test_token_that_was_revoked_is_found(world: World) -> None:
    world.slack.app.revoked = True
    with pytest.raises(AuthFailed):
        await world.bridge.probe()


async def test_login_page_is_no_file(world: World) -> None:
    async with world.running():
        await world.slack.person("alice").upload(PLACE, "a.csv", b"1")
        await world.slack.person("alice").upload(PLACE, "page.html", b"<html>")
        first, second = await world.heard(2)
    assert isinstance(first, inbound.Message)
    assert isinstance(second, inbound.Message)
    world.slack.faults.html_file("a.csv")
    with pytest.raises(Refused, match="login page"):
        await read(world, first.files[0])
    assert await read(world, first.files[0]) == b"1"
    assert await read(world, second.files[0]) == b"<html>"
    for source in ("https://evil.example/a.csv", "http://evil.slack.com/x", "https://slack.com.evil.example/x"):
        with pytest.raises(Refused, match="not kept by Slack"):
            await read(world, replace(first.files[0], source=source))
    missing = replace(first.files[0], source=f"{world.slack.url}/files-pri/T1-F99/a.csv")
    with pytest.raises(Refused, match="404"):
        await read(world, missing)


async def read(world: World, file: inbound.File) -> bytes:
    return b"".join([chunk async for chunk in world.bridge.download(file)])


async def test_nothing_is_stored_twice_or_out_of_order_whatever_slack_does(world: World) -> None:
    alice, faults = world.slack.person("alice"), world.slack.faults
    async with world.running():
        faults.duplicate(times=3)
        faults.duplicate(times=2, retry_flag=True)
        faults.edit_first()
        said = await alice.say(PLACE, "one")
        await alice.edit(said, "two")
        faults.ignore_ack(times=2)
        await alice.say(PLACE, "three")
        world.slack.sockets.disconnect("refresh_requested")
        await alice.say(PLACE, "four")
        await eventually(lambda: world.slack.sockets.opened >= 4)
        await alice.say(PLACE, "five")
        await world.read_up()
        await world.slack.settled()
        found = await world.decoded()
    assert texts(found) == ["one", "three", "four", "five"]
    assert [it.text for it in found if isinstance(it, inbound.Edit)] == ["two"]
