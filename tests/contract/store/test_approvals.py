from dataclasses import replace
from typing import Any

from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.channels import Channel
from airchat.protocol.principals import Kind, Principal
from store.ports.approvals import ApprovalFilter
from store.ports.store import Store
from tests.contract.store.world import World


async def ask(world: World, channel: Channel, agent: Principal, *approvers: Principal, **more: Any) -> Approval:
    """Insert an approval that expires a minute after it was made."""
    message = await world.post(channel, agent)
    fields: dict[str, Any] = {"id": world.id(), "tool": "Bash", "request": "rm -rf ümlaut"} | more
    asked = Approval(
        channel_id=channel.id,
        requested_by=agent.id,
        approvers=tuple(person.id for person in approvers),
        created_at=world.now,
        expires_at=world.now + 60_000_000,
        message_id=message.id,
        **fields,
    )
    await world.store.write(lambda unit: unit.approvals.insert(asked))
    return asked


async def find(store: Store, viewer: Principal, **wanted: Any) -> list[str]:
    async with store.read() as unit:
        return [each.tool for each in await unit.approvals.find(ApprovalFilter(viewer.id, **wanted))]


async def test_approval_is_kept_and_only_its_answer_changes(store: Store, world: World) -> None:
    bot, ann = await world.principal("bot"), await world.principal("ann", Kind.PERSON)
    channel = await world.channel("general")
    parent = await world.post(channel, ann)
    asked = await ask(world, channel, bot, ann, parent_id=parent.id)
    answered = replace(
        asked, state=ApprovalState.DENIED, answered_by=ann.id, answered_at=world.tick(), reason="not today"
    )
    async with store.read() as unit:
        assert await unit.approvals.get(asked.id) == asked
        assert await unit.approvals.get(world.id()) is None
    await store.write(lambda unit: unit.approvals.save(replace(answered, request="other", approvers=(bot.id,))))
    async with store.read() as unit:
        assert await unit.approvals.get(asked.id) == answered


async def test_short_id_finds_pending_ones_first(store: Store, world: World) -> None:
    bot, channel = await world.principal("bot"), await world.channel("general")
    ids = [f"0123abcd-0000-4000-8000-00000000000{number}" for number in range(3)]
    first, second, third = [await ask(world, channel, bot, id=each) for each in ids]
    await ask(world, channel, bot)
    ended = replace(third, state=ApprovalState.EXPIRED)
    await store.write(lambda unit: unit.approvals.save(ended))
    async with store.read() as unit:
        assert await unit.approvals.by_short_id("0123abcd") == [second, first, ended]
        assert await unit.approvals.by_short_id("0123abce") == []


async def test_find_filters_newest_first_and_keeps_private_channels_to_their_members(
    store: Store, world: World
) -> None:
    bot, ann, bob = [await world.principal(name) for name in ("bot", "ann", "bob")]
    general, direct = await world.channel("general"), await world.direct(bot, ann)
    one = await ask(world, general, bot, ann, bob, tool="one")
    await ask(world, general, bot, bob, tool="two")
    await ask(world, direct, bot, ann, tool="secret")
    await store.write(lambda unit: unit.approvals.save(replace(one, state=ApprovalState.APPROVED)))
    assert await find(store, bob) == ["two", "one"]
    assert await find(store, ann) == ["secret", "two", "one"]
    assert await find(store, ann, limit=1) == ["secret"]
    assert await find(store, ann, state=ApprovalState.APPROVED) == ["one"]
    assert await find(store, ann, approver_id=bob.id) == ["two", "one"]
    assert await find(store, ann, state=ApprovalState.PENDING, approver_id=bob.id) == ["two"]


async def test_pending_ones_are_counted_and_become_overdue(store: Store, world: World) -> None:
    bot, other, channel = await world.principal("bot"), await world.principal("other"), await world.channel("general")
    first, second = await ask(world, channel, bot), await ask(world, channel, bot)
    third = await ask(world, channel, other)
    async with store.read() as unit:
        assert await unit.approvals.count_pending(bot.id) == 2
        assert await unit.approvals.overdue(first.expires_at - 1, 10) == []
        assert await unit.approvals.overdue(first.expires_at, 10) == [first]
        assert await unit.approvals.overdue(third.expires_at, 2) == [first, second]
    await store.write(lambda unit: unit.approvals.save(replace(first, state=ApprovalState.CANCELLED)))
    async with store.read() as unit:
        assert await unit.approvals.count_pending(bot.id) == 1
        assert await unit.approvals.overdue(third.expires_at, 10) == [second, third]
