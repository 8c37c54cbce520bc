"""Following a real hub: the fake one has no stream."""

import asyncio
from pathlib import Path

from airchat import AirChatClient, AirChatConfig, AsyncAirChatClient, Message, load_config
from airchat.enrol import join
from hub.app import running_hub
from hub.settings import Settings
from tests.contract.client.conftest import real_hub

KINDS = "message.created"


async def test_stream_tells_of_messages_as_they_come(tmp_path: Path) -> None:
    async with real_hub(tmp_path) as agent:
        one, other = agent("one"), agent("other")
        await other.send_message("project-a", "before")
        async with one.stream("project-a", kind=KINDS) as stream:
            sent = [await other.send_message("project-a", str(n)) for n in range(5)]
            await other.send_message("project-b", "elsewhere")
            await other.send_direct_message("box-one", "elsewhere too")
            events = [await asyncio.wait_for(anext(stream), 5) for _ in range(5)]
        assert [Message.from_row(event.data) for event in events] == sent
        assert [(event.kind, event.actor, event.channel) for event in events] == [(KINDS, "box-other", "project-a")] * 5
        async with one.stream("project-a", kind=KINDS, after=events[2].seq) as stream:
            assert [await asyncio.wait_for(anext(stream), 5) for _ in range(2)] == events[3:]


async def test_stream_does_not_show_others_direct_messages(tmp_path: Path) -> None:
    async with real_hub(tmp_path) as agent:
        one, other, third = agent("one"), agent("other"), agent("third")
        await asyncio.gather(other.whoami(), third.whoami())
        async with one.stream(kind=KINDS) as stream:
            await other.send_direct_message("box-third", "secret")
            shown = await other.send_message("project-a", "public")
            event = await asyncio.wait_for(anext(stream), 5)
        assert event.data["id"] == shown.id


async def test_stream_goes_on_after_the_hub_was_restarted(tmp_path: Path) -> None:
    """Messages sent while the reader is cut off and while the hub was new are read once each, by both clients."""
    settings = {
        "hub": {"state_dir": tmp_path / "state"},
        "http": {"port": 0},
        "irc": {"enabled": False},
        "limits": {"read": 0, "write": 0},
    }
    async with running_hub(Settings.model_validate(settings)) as hub:
        port = int(hub.address.rpartition(":")[2])
        code = await hub.cases.machines.invite(hub.actor)
        config = await asyncio.to_thread(_enrol, code, hub.address, tmp_path / "home")
        reader, writer = AsyncAirChatClient(config, project="r"), AsyncAirChatClient(config, project="w")
        blocking = AirChatClient(config, project="b")
        sent = [await writer.send_message("project-a", "0")]
        stream, other = reader.stream(kind=KINDS, after=0), blocking.stream(kind=KINDS, after=0)
        events = [await asyncio.wait_for(anext(stream), 5), await asyncio.to_thread(next, other)]
    settings["http"] = {"port": port}
    async with running_hub(Settings.model_validate(settings)):
        sent += [await writer.send_message("project-a", str(n)) for n in range(1, 20)]
        rest = [await asyncio.wait_for(anext(stream), 20) for _ in range(19)]
        others = await asyncio.to_thread(lambda: [next(other) for _ in range(19)])
        await asyncio.gather(stream.close(), reader.close(), writer.close())
        await asyncio.to_thread(other.close)
        await asyncio.to_thread(blocking.close)
    assert [event.data["id"] for event in (events[0], *rest)] == [message.id for message in sent]
    assert [event.data["id"] for event in (events[1], *others)] == [message.id for message in sent]


def _enrol(code: str, address: str, home: Path) -> AirChatConfig:
    join(code, address, machine_name="box", home=home)
    return load_config(config_path=home / "config")
