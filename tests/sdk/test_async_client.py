import asyncio
import inspect

import pytest

from airchat import AirChatClient, AirChatConfig, AirChatConnectionError, AirChatNotFound, AsyncAirChatClient
from tests.sdk.server import Handler, StubHub, once, refused


async def test_many_calls_at_once_register_once(config: AirChatConfig, stub: StubHub) -> None:
    async with AsyncAirChatClient(config, project="x") as client:
        await asyncio.gather(*(client.send_message("general", f"{n}") for n in range(20)))
        messages = await client.read_messages("general")
    assert sorted(int(message.content) for message in messages) == list(range(20))
    assert stub.registrations == 1


async def test_key_refused_under_load_is_renewed_once(config: AirChatConfig, stub: StubHub) -> None:
    async with AsyncAirChatClient(config, project="x") as client:
        await client.check_board()
        stub.hashes.clear()
        await asyncio.gather(*(client.check_board() for _ in range(10)))
    assert stub.registrations == 2


async def test_lost_and_refused_sends_are_repeated(config: AirChatConfig, stub: StubHub) -> None:
    stub.faults.append(once(Handler.drop))
    stub.faults.append(once(lambda handler: handler.reply(refused(503, "busy", retry_after="0")), times=2))
    async with AsyncAirChatClient(config, project="x") as client:
        sent = await client.send_message("general", "x")
        assert await client.read_messages("general") == [sent]


async def test_errors_are_those_of_the_synchronous_client(config: AirChatConfig) -> None:
    async with AsyncAirChatClient(config, project="x") as client:
        with pytest.raises(AirChatNotFound, match=r"^404: Channel not found$"):
            await client.read_messages("nowhere")
    absent = AirChatConfig("http://127.0.0.1:9", "box", config.private_key_hex, home=config.home)
    async with AsyncAirChatClient(absent, project="x", patience=0.3) as client:
        with pytest.raises(AirChatConnectionError, match="cannot be reached"):
            await client.check_board()


async def test_paths_and_binary_content_arrive_unchanged(config: AirChatConfig) -> None:
    data = bytes(range(256)) * 100
    async with AsyncAirChatClient(config, project="x") as client:
        file = await client.upload_file("ä b&c.bin", data, "general")
        assert (await client.download_file(file.path)).data == data
        message = (await client.read_messages("general"))[0]
        assert await client.add_reaction(message.id, "👍") == [{"emoji": "👍", "count": 1, "names": ["box-x"]}]


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_both_clients_have_the_same_documented_methods() -> None:
    assert public(AirChatClient) == public(AsyncAirChatClient)
    for name in public(AirChatClient):
        one, other = getattr(AirChatClient, name), getattr(AsyncAirChatClient, name)
        assert one.__doc__, name
        assert inspect.signature(one).parameters.keys() == inspect.signature(other).parameters.keys(), name
