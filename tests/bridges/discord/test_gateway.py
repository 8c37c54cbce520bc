"""The connection: what it is refused for, how it is found dead, and what it survives."""

import asyncio
import contextlib
import threading

import pytest
from discord.gateway import KeepAliveHandler

from bridges.discord import gateway
from bridges.discord.bridge import DiscordBridge
from bridges.discord.gateway import Gateway
from hub.relay import waits
from hub.relay.contract.bridge import RawEvent
from hub.relay.contract.errors import AuthFailed, ConfigError, NotReady
from hub.relay.contract.inbound import Message
from tests.bridges.discord.people import Desk, decoded, running
from tests.contract.bridges.sides import Received
from tests.fakes.discord import BOT_TOKEN, FakeDiscord
from tests.waiting import SECONDS, eventually

PLACE = "#general"


async def test_bad_token_and_missing_intent_say_what_to_do(discord: FakeDiscord) -> None:
    with pytest.raises(AuthFailed, match="token"):
        await DiscordBridge("nonsense", api_url=discord.api_url).connect()
    discord.settings.privileged = frozenset()
    with pytest.raises(ConfigError, match="Message Content intent"):
        await DiscordBridge(BOT_TOKEN, api_url=discord.api_url).connect()


async def test_what_is_taken_away_later_stops_the_bridge(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    discord.settings.privileged = frozenset()
    with pytest.raises(ConfigError, match="Message Content intent"):
        await bridge.run(Received(), Desk())
    again = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    discord.settings.privileged = frozenset({"message_content"})
    await again.connect()
    discord.app.token = "another"
    with pytest.raises(AuthFailed, match="token"):
        await again.run(Received(), Desk())


async def test_server_must_be_the_only_one_or_named(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    for name in ("AirChat Test", discord.guild.id):
        await DiscordBridge(BOT_TOKEN, name, discord.api_url).connect()
    with pytest.raises(ConfigError, match=r"discord\.guild"):
        await DiscordBridge(BOT_TOKEN, "Elsewhere", discord.api_url).connect()
    assert bridge.workspace == discord.guild.id


async def test_discord_that_is_away_is_tried_again(discord: FakeDiscord) -> None:
    await discord.stop()
    with pytest.raises(NotReady):
        await DiscordBridge(BOT_TOKEN, api_url=discord.api_url).connect()


async def test_listening_ends_although_a_cancellation_gets_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def start(self: Gateway, token: str) -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    monkeypatch.setattr(Gateway, "start", start)
    monkeypatch.setattr(waits, "_AGAIN_SECONDS", 0.01)
    listening = asyncio.create_task(Gateway(lambda *_: None, lambda: None).listen("token"))
    await begun.wait()
    listening.cancel()
    await asyncio.wait({listening}, timeout=SECONDS)
    assert listening.cancelled()


async def test_connection_that_is_being_made_does_not_beat_on_after_the_end(
    bridge: DiscordBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Gateway, "before_identify_hook", never)
    listening = asyncio.create_task(bridge.run(Received(), Desk()))
    await eventually(beating)
    listening.cancel()
    await asyncio.wait({listening}, timeout=SECONDS)
    assert listening.cancelled()
    await eventually(lambda: not beating())


def beating() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, KeepAliveHandler)]


async def test_bot_that_is_thrown_out_says_so(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    received = Received()
    task = asyncio.create_task(bridge.run(received, Desk()))
    await eventually(lambda: received.listened == 1)
    discord.gateway.dispatch("GUILD_DELETE", {"id": discord.guild.id})
    with pytest.raises(ConfigError, match="removed"):
        await task


async def test_zombie_is_found_by_a_heartbeat_without_an_answer(
    discord: FakeDiscord, bridge: DiscordBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_ANSWER_SECONDS", 0.3)
    async with running(bridge):
        await bridge.probe()
        beats = discord.gateway.sockets[0].beats
        discord.gateway.mute()
        with pytest.raises(NotReady, match="silent"):
            await bridge.probe()
    assert beats == 2


async def test_every_frame_is_a_sign_of_life(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    async with running(bridge) as received:
        seen = received.seen_times
        await bridge.probe()
        await eventually(lambda: received.seen_times > seen)


async def test_session_that_is_resumed_missed_nothing_and_one_that_is_not_may_have(
    discord: FakeDiscord, bridge: DiscordBridge
) -> None:
    async with running(bridge) as received:
        discord.gateway.cut()
        await discord.wait_for(lambda: discord.gateway.resumed == 1)
        await discord.person("alice").say(PLACE, "after the first")
        await eventually(lambda: len(received.events) == 1)
        assert received.listened == 1
        discord.gateway.invalidate()
        await eventually(lambda: received.listened == 2)
        await discord.person("alice").say(PLACE, "after the second")
        await eventually(lambda: len(received.events) == 2)


async def test_dispatches_that_cannot_be_read_end_nothing(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    guild_id = discord.guild.id
    async with running(bridge) as received:
        for body in ({}, {"guild_id": guild_id}, {"guild_id": guild_id, "id": None, "channel_id": 7, "emoji": 7}):
            for name in (
                "MESSAGE_CREATE",
                "MESSAGE_UPDATE",
                "MESSAGE_DELETE",
                "MESSAGE_REACTION_ADD",
                "CHANNEL_UPDATE",
                "THREAD_LIST_SYNC",
                "GUILD_CREATE",
                "UNHEARD_OF",
            ):
                discord.gateway.dispatch(name, body)
        await discord.person("alice").say(PLACE, "still here")
        await eventually(lambda: bool(received.events))
        assert discord.gateway.opened == 1
        texts = [it.text for it in await decoded(bridge, received) if isinstance(it, Message)]
    assert texts == ["still here"]


async def test_what_cannot_be_stored_ends_the_bridge(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    class Full(Received):
        async def accept(self, event: RawEvent) -> None:
            raise NotReady("the disk is full")

    received = Full()
    task = asyncio.create_task(bridge.run(received, Desk()))
    await eventually(lambda: received.listened == 1)
    await discord.person("alice").say(PLACE, "hello")
    with pytest.raises(NotReady, match="full"):
        await task


async def test_events_are_in_order_although_stored_together(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    async with running(bridge) as received:
        for number in range(300):
            message = await discord.person("alice").say(PLACE, str(number))
        await discord.person("alice").react(message, "👍")
        await discord.person("alice").say(PLACE, "last")
        await eventually(lambda: len(received.events) == 302)
        order = [event.payload["d"].get("content", "reaction") for event in received.in_order()]
    assert order == [*(str(number) for number in range(300)), "reaction", "last"]


async def test_first_connection_that_is_refused_can_be_tried_again(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    discord.faults.refuse_socket()
    with pytest.raises(NotReady):
        await bridge.run(Received(), Desk())
    fresh = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await fresh.connect()
    async with running(fresh):
        assert discord.connected


def test_library_is_still_as_it_is_used() -> None:
    client = Gateway(lambda *_: None, lambda: None)
    assert client._connection.parsers == {}
    assert client._enable_debug_events
