"""What every bridge that carries changes promises of them, in and out."""

import asyncio
import contextlib
from collections.abc import Sequence

from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import Bridge, Capability, Window
from hub.relay.contract.errors import Gone, NotReady
from tests.contract.bridges.sides import THUMB, Plain, Received, Side
from tests.contract.bridges.test_bridge import part, running
from tests.waiting import eventually

WREN = outbound.Author("wren", "wren")
LONG = " ".join(f"word{number}" for number in range(3_000))


async def connected(side: Side) -> tuple[Bridge, str]:
    bridge = side.bridge()
    await bridge.connect()
    return bridge, (await bridge.resolve(side.remote)).id


async def events(bridge: Bridge, received: Received) -> Sequence[inbound.Inbound]:
    found = [await bridge.decode(event.payload, Plain()) for event in received.in_order()]
    return [event for event in found if event is not None]


async def change(bridge: Bridge, what: outbound.Change) -> None:
    """Make a change as the relay does: patiently, and content when the message is gone."""
    while True:
        try:
            with contextlib.suppress(Gone):
                await bridge.change(what, Plain())
        except NotReady as error:
            await asyncio.sleep(error.retry_after or 0.1)
        else:
            return


def is_said(event: inbound.Inbound, text: str) -> bool:
    return isinstance(event, inbound.Message) and event.text == text


def target(remote_id: str, text: str) -> outbound.Reference:
    return outbound.Reference("m1", remote_id, "wren", text)


async def test_changes_people_make_are_decoded_with_their_target(side: Side) -> None:
    bridge, _ = await connected(side)
    received = Received()
    edits = Capability.EDIT in bridge.capabilities
    async with running(bridge, received):
        said = await side.write("Alice", "one")
        if edits:
            await side.edit("Alice", said, "two")
        await side.react("Bob", said)
        await side.delete("Alice", said)

        async def heard() -> bool:
            return any(isinstance(event, inbound.Delete) for event in await events(bridge, received))

        await eventually(heard)
        found = await events(bridge, received)
    [react] = [event for event in found if isinstance(event, inbound.React)]
    [delete] = [event for event in found if isinstance(event, inbound.Delete)]
    assert (react.remote_id, react.emoji, react.added, react.user.name) == (said, THUMB, True, "Bob")
    assert delete.remote_id == said
    if edits:
        [edit] = [event for event in found if isinstance(event, inbound.Edit)]
        assert (edit.remote_id, edit.text, edit.version > "") == (said, "two", True)


async def test_changes_can_be_made_again_and_do_not_come_back(side: Side) -> None:
    bridge, channel = await connected(side)
    received = Received()
    async with running(bridge, received):
        remote_id = await bridge.post(part(channel, "one"), Plain())
        if Capability.EDIT in bridge.capabilities:
            for _ in range(2):
                await change(bridge, outbound.Edit(channel, target(remote_id, "one"), WREN, "two", "one"))
            assert [shown[1] for shown in side.shown()] == ["two"]
        if Capability.REACTION in bridge.capabilities:
            for added in (True, True, False, False, True):
                react = outbound.React(channel, target(remote_id, "two"), THUMB, (WREN,), added=added)
                await change(bridge, react)
            assert side.thumbs(remote_id) == 1
        if Capability.DELETE in bridge.capabilities:
            for _ in range(2):
                await change(bridge, outbound.Delete(channel, target(remote_id, "two"), WREN))
            assert side.shown() == []
        await side.write("Alice", "last")
        await eventually(lambda: bool(received.events))

        async def heard() -> bool:
            return any(isinstance(it, inbound.Message) for it in await events(bridge, received))

        await eventually(heard)
        found = await events(bridge, received)
    # Not every platform tells who deleted something; that the message was ours is known to the relay.
    assert [it for it in found if it != inbound.Delete(remote_id)] == [it for it in found if is_said(it, "last")]


async def test_what_cannot_be_carried_has_words(side: Side) -> None:
    bridge, channel = await connected(side)
    changes: dict[Capability, outbound.Change] = {
        Capability.EDIT: outbound.Edit(channel, target("1", "one"), WREN, "two", "one"),
        Capability.REACTION: outbound.React(channel, target("1", "one"), THUMB, (WREN,)),
        Capability.DELETE: outbound.Delete(channel, target("1", "one"), WREN),
    }
    for capability, what in changes.items():
        words = bridge.in_words([what])
        assert words is not None or capability in bridge.capabilities
        assert words is None or words.strip()


async def test_sweep_tells_how_known_messages_stand(side: Side) -> None:
    bridge, channel = await connected(side)
    kept, edited, deleted, liked = [await side.write("Alice", text) for text in ("kept", "old", "gone", "liked")]
    await side.react("Bob", liked)
    if Capability.EDIT in bridge.capabilities:
        await side.edit("Alice", edited, "new")
        await side.delete("Alice", deleted)
    window = Window(channel, (kept, edited, deleted, liked), {})
    found = {it.remote_id: it async for it in bridge.sweep(window, Plain())}
    if not found:
        return  # a platform that tells nothing of old messages
    assert set(found) == {kept, edited, deleted, liked}
    texts = {key: it.message.text if it.message else None for key, it in found.items()}
    assert texts == {kept: "kept", edited: "new", deleted: None, liked: "liked"}
    message = found[edited].message
    assert message is not None
    assert message.version > ""
    assert {emoji for _, emoji in found[liked].reactions or ()} == {THUMB}
    assert not found[kept].reactions


async def test_text_is_divided_always_alike(side: Side) -> None:
    bridge, _ = await connected(side)
    pieces = bridge.divide(LONG, WREN)
    assert len(pieces) > 1
    assert bridge.divide(LONG, WREN) == pieces
    assert bridge.divide("short", WREN) == ["short"]
    assert bridge.divide("  ", WREN) == []
    assert all(piece.strip() for piece in pieces)
