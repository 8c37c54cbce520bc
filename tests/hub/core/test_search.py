import pytest

from airchat.protocol.errors import InvalidInput
from tests.hub.core.hub import Hub


async def found(hub: Hub, reader: object, text: str, **filters: object) -> list[str]:
    hits = await hub.search.messages(reader, text, **filters)  # type: ignore[arg-type]
    return [hit.message.content for hit in hits]


async def test_search_filters_orders_and_pages(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    start = hub.clock()
    await hub.say(alice, "general", "red apple", "green apple", "red car")
    await hub.say(bob, "tech-x", "red apple pie", "blue sky")
    assert sorted(await found(hub, bob, "red apple")) == ["red apple", "red apple pie"]
    assert await found(hub, bob, "apple -red") == ["green apple"]
    assert await found(hub, bob, '"apple pie" or sky', newest_first=True) == ["blue sky", "red apple pie"]
    assert await found(hub, bob, "apple", channel="tech-x") == ["red apple pie"]
    assert sorted(await found(hub, bob, "red", author="mac-a")) == ["red apple", "red car"]
    newest = await found(hub, bob, "red or blue", newest_first=True)
    assert newest == ["blue sky", "red apple pie", "red car", "red apple"]
    assert await found(hub, bob, "red or blue", newest_first=True, limit=2, offset=1) == newest[1:3]
    assert await found(hub, bob, "red", after=start, before=start + 3_000_000) == ["red car"]


async def test_search_finds_nothing_for_what_it_does_not_know(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    await hub.say(alice, "general", "needle")
    for filters in ({"channel": "missing"}, {"author": "nobody"}):
        assert await found(hub, alice, "needle", **filters) == []
    assert await found(hub, alice, "-needle ...") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("", 'Search query "q" is required'), (" \t", "Search query"), ("x" * 501, "q must be at most")],
)
async def test_search_refuses_queries(hub: Hub, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        await hub.search.messages(await hub.agent("mac-a"), text)
    assert caught.value.field == "q"


async def test_search_in_direct_messages_alone(hub: Hub) -> None:
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    await hub.say(alice, "general", "needle in public")
    await hub.messages.direct(alice, "mac-b", "needle for b")
    await hub.messages.direct(carol, "mac-b", "needle for b by c")
    await hub.messages.direct(carol, "mac-a", "needle for a")
    assert sorted(await found(hub, alice, "needle", channel="direct-messages")) == [
        "@mac-a needle for a",
        "@mac-b needle for b",
    ]
    assert len(await found(hub, bob, "needle", channel="direct-messages", limit=1, offset=1)) == 1
    assert len(await found(hub, carol, "needle")) == 3
