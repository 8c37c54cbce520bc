from dataclasses import replace

import pytest

from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound, RateLimited
from airchat.protocol.events import EventKind
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import Message, Origin
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.timestamps import DAY, MINUTE, SECOND
from hub.core.approvals import Approvals
from hub.core.approvers import Approvers
from hub.core.audit import Audit
from hub.core.spoken import Order, spoken_order
from tests.hub.core.hub import Hub, data

KINDS = (EventKind.APPROVAL_REQUESTED, EventKind.APPROVAL_ANSWERED, EventKind.APPROVAL_EXPIRED)


def approvals_of(hub: Hub, *names: str) -> Approvals:
    return Approvals(hub.store, hub.clock, hub.directory, hub.channels, hub.messages, Approvers(hub.directory, names))


@pytest.fixture
def approvals(hub: Hub) -> Approvals:
    return approvals_of(hub)


@pytest.fixture
async def bot(hub: Hub) -> Principal:
    return await hub.agent("bot")


@pytest.fixture
async def ann(hub: Hub) -> Principal:
    """An admin, and so a usual approver."""
    return await hub.agent("ann", role=Role.ADMIN, kind=Kind.PERSON)


@pytest.fixture
async def bob(hub: Hub) -> Principal:
    return await hub.agent("bob", kind=Kind.PERSON)


async def audited(hub: Hub) -> list[tuple[str, str | None]]:
    """What the trail says about approvals, oldest first, and by whom."""
    async with hub.store.read() as unit:
        entries = await unit.audit.page(None, 100)
        names = {one.id: one.name for one in await unit.principals.all()}
    assert await Audit(hub.store).verify() is None
    told = [each for each in reversed(entries) if each.action.startswith("approval.")]
    return [(each.action, names.get(each.actor_id or "")) for each in told]


async def said(hub: Hub, asked: Approval) -> list[Message]:
    async with hub.store.read() as unit:
        return await unit.messages.page(asked.channel_id, 50)


async def test_request_is_asked_in_the_channel_for_its_approvers_alone(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal, bob: Principal
) -> None:
    shown = await approvals.request(bot, "ops", "Bash", "echo '```' @bob")
    asked = shown.approval
    assert (asked.approvers, asked.state) == ((ann.id,), ApprovalState.PENDING)
    assert asked.expires_at - hub.clock() == 10 * MINUTE
    [message] = await said(hub, asked)
    assert (message.id, message.author_name) == (asked.message_id, "bot")
    assert message.metadata == {"approval_id": asked.id, "approval_event": "requested"}
    assert message.content == (
        f"[approval {asked.id[:8]}] May Bash run this?\n````\necho '```' @bob\n````\n"
        f"ann can answer until 00:10 UTC: !approve {asked.id[:8]} or !deny {asked.id[:8]}"
    )
    [delivery] = await hub.inbox.take(ann)
    assert (delivery.item.kind, delivery.item.message_id) == (InboxKind.APPROVAL, message.id)
    assert await hub.inbox.take(bob) == []
    [event] = await hub.log(*KINDS)
    assert (event.kind, event.subject_id, event.channel_id) == (KINDS[0], asked.id, asked.channel_id)
    assert (data(event)["approvers"], data(event)["requested_by_name"]) == (["ann"], "bot")
    assert await audited(hub) == [("approval.requested", "bot")]


async def test_answer_counts_once_and_is_told_below_the_question(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal, bob: Principal
) -> None:
    asked = (await approvals.request(bot, "ops", "Bash", "make", approvers=["ann", "bob"])).approval
    answered = (await approvals.answer(bob, asked.id[:8].upper(), "approve", "go\nahead")).approval
    assert (answered.state, answered.answered_by, answered.reason) == (ApprovalState.APPROVED, bob.id, "go ahead")
    for person in (ann, bob):
        for action in ("approve", "deny"):
            with pytest.raises(Conflict, match=r"was approved by bob at 00:00 UTC$"):
                await approvals.answer(person, asked.id, action)
    hub.clock.forward(DAY)
    with pytest.raises(Conflict, match=r"was approved by bob on 2026-01-01 at 00:00 UTC$"):
        await approvals.answer(ann, asked.id, "deny")
    reply = (await said(hub, asked))[-1]
    assert (reply.author_name, reply.parent_id) == ("bob", asked.message_id)
    assert reply.content == f"[approval {asked.id[:8]} approved] Bash, by bob: go ahead"
    assert [event.kind for event in await hub.log(*KINDS)] == list(KINDS[:2])
    assert await hub.inbox.take(ann) == []
    assert await hub.mentions.list(ann) == []
    assert (await approvals.get(bot, asked.id)).approval == answered
    assert await audited(hub) == [("approval.requested", "bot"), ("approval.approved", "bob")]


async def test_answers_of_others_do_not_count_and_are_in_the_trail(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal, bob: Principal
) -> None:
    agent, owner = await hub.agent("other-bot", role=Role.OWNER), await hub.agent("own", role=Role.OWNER)
    ghost = await hub.agent("ghost", kind=Kind.GHOST, role=Role.OWNER)
    asked = (await approvals.request(bot, "ops", "Bash", "make", approvers=["ann"])).approval
    hopeless = [bot, agent, ghost, bob, owner]
    for actor in hopeless:
        with pytest.raises(Forbidden):
            await approvals.answer(actor, asked.id, "approve")
    with pytest.raises(Forbidden, match="link your account"):
        await approvals.answer(ann, asked.id, "approve", origin=Origin("slack", verified=False))
    with pytest.raises(Forbidden, match="Only who asked"):
        await approvals.answer(ann, asked.id, "cancel")
    assert (await approvals.get(bot, asked.id)).approval.state is ApprovalState.PENDING
    refused = [("approval.refused", actor.name) for actor in [*hopeless, ann, ann]]
    assert await audited(hub) == [("approval.requested", "bot"), *refused]
    await approvals.answer(ann, asked.id, "deny", origin=Origin("slack", verified=True))
    with pytest.raises(Conflict, match="denied by ann"):
        await approvals.answer(ann, asked.id, "approve")


async def test_order_in_another_channel_answers_nothing(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal
) -> None:
    asked = (await approvals.request(bot, "back-room", "Bash", "rm -rf /")).approval
    lure = await hub.messages.post(bot, "general", f"May I run ls? !approve {asked.short_id}")
    with pytest.raises(Forbidden, match="was asked elsewhere"):
        await approvals.answer(ann, asked.short_id, "approve", said_in=lure.channel)
    assert (await audited(hub))[-1] == ("approval.refused", "ann")
    place = await hub.channels.resolve(ann, "back-room")
    answered = await approvals.answer(ann, asked.short_id, "deny", said_in=place)
    assert answered.approval.state is ApprovalState.DENIED


async def test_person_answers_no_request_of_their_own(
    hub: Hub, approvals: Approvals, ann: Principal, bob: Principal
) -> None:
    with pytest.raises(Conflict, match="Nobody who may approve"):
        await approvals.request(ann, "ops", "Bash", "make")
    with pytest.raises(InvalidInput, match="approvers: ann cannot"):
        await approvals.request(ann, "ops", "Bash", "make", approvers=["ann"])
    asked = (await approvals.request(ann, "ops", "Bash", "make", approvers=["bob"])).approval
    with pytest.raises(Forbidden, match="own request"):
        await approvals.answer(ann, asked.id, "approve")


async def test_nobodys_answer_in_time_means_no(hub: Hub, approvals: Approvals, bot: Principal, ann: Principal) -> None:
    asked = (await approvals.request(bot, "ops", "Bash", "make", expires_seconds=60)).approval
    hub.clock.forward(60 * SECOND - 1)
    assert await approvals.sweep() == 0
    hub.clock.forward(1)
    with pytest.raises(Conflict, match="has expired, which means no"):
        await approvals.answer(ann, asked.id, "approve")
    assert await approvals.sweep() == 1
    assert await approvals.sweep() == 0
    assert (await approvals.get(bot, asked.id)).approval == replace(asked, state=ApprovalState.EXPIRED)
    reply = (await said(hub, asked))[-1]
    assert (reply.author_name, reply.content) == (
        "janitor",
        f"[approval {asked.id[:8]} expired] Nobody answered in time, which means no.",
    )
    assert [event.kind for event in await hub.log(*KINDS)] == [KINDS[0], KINDS[2]]
    with pytest.raises(Conflict, match="has expired"):
        await approvals.answer(ann, asked.id, "approve")
    assert await audited(hub) == [("approval.requested", "bot"), ("approval.expired", "janitor")]


async def test_who_asked_cancels(hub: Hub, approvals: Approvals, bot: Principal, ann: Principal) -> None:
    asked = (await approvals.request(bot, "ops", "Bash", "make")).approval
    assert (await approvals.answer(bot, asked.id, "cancel")).approval.state is ApprovalState.CANCELLED
    with pytest.raises(Conflict, match="cancelled by bot"):
        await approvals.answer(ann, asked.id, "approve")
    assert await hub.inbox.take(ann) == []


async def test_configured_approvers_are_asked_instead_of_admins(
    hub: Hub, bot: Principal, ann: Principal, bob: Principal
) -> None:
    assert ann.role is Role.ADMIN
    asked = (await approvals_of(hub, "bob", "nobody").request(bot, "ops", "Bash", "make")).approval
    assert asked.approvers == (bob.id,)


async def test_only_people_who_see_the_channel_can_be_named(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal, bob: Principal
) -> None:
    await hub.agent("gone", kind=Kind.PERSON, active=False)
    await hub.agent("guest", kind=Kind.PERSON, role=Role.GUEST)
    for name in ("nobody", "bot", "gone", "guest"):
        with pytest.raises(InvalidInput, match=f"approvers: {name} cannot answer this"):
            await approvals.request(bot, "ops", "Bash", "make", approvers=["ann", name])
    told = (await hub.messages.direct(bob, "bot", "please run it")).message
    with pytest.raises(InvalidInput, match="approvers: ann cannot"):
        await approvals.request(bot, "direct-messages", "Bash", "make", parent_id=told.id, approvers=["ann"])
    with pytest.raises(Conflict, match="Nobody who may approve can see"):
        await approvals.request(bot, "direct-messages", "Bash", "make", parent_id=told.id)
    with pytest.raises(InvalidInput, match="says which conversation"):
        await approvals.request(bot, "direct-messages", "Bash", "make", approvers=["bob"])


async def test_direct_conversation_keeps_its_approvals_to_itself(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal, bob: Principal
) -> None:
    told = (await hub.messages.direct(bob, "bot", "please run it")).message
    ask = {"parent_id": told.id, "approvers": ["bob"], "expires_seconds": 60}
    first = (await approvals.request(bot, "direct-messages", "Bash", "make all", **ask)).approval  # type: ignore[arg-type]
    second = (await approvals.request(bot, "direct-messages", "Bash", "make", **ask)).approval  # type: ignore[arg-type]
    for lookup in (first.id, first.id[:8]):
        with pytest.raises(NotFound):
            await approvals.get(ann, lookup)
        with pytest.raises(NotFound):
            await approvals.answer(ann, lookup, "approve")
    assert await approvals.list(ann) == []
    assert len(await approvals.list(bob, for_me=True)) == len(await approvals.list(bot)) == 2
    await approvals.answer(bob, first.id, "approve")
    hub.clock.forward(60 * SECOND)
    await approvals.sweep()
    lines = [(line.author_name, line.parent_id, line.content.split("]")[0]) for line in await said(hub, first)]
    assert lines[-2:] == [
        ("bob", told.id, f"[approval {first.short_id} approved"),
        ("bot", told.id, f"[approval {second.short_id} expired"),
    ]
    assert hub.directory.direct_members(first.channel_id) == {bot.id, bob.id}
    async with hub.store.read() as unit:
        details = [entry.detail for entry in await unit.audit.page(None, 10)]
    assert "make all" not in str(details)


async def test_repeated_request_is_the_first_one(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal
) -> None:
    first = await approvals.request(bot, "ops", "Bash", "make", idempotency_key="once")
    again = await approvals.request(bot, "ops", "Bash", "make", idempotency_key="once")
    assert again.approval == first.approval
    assert len(await approvals.list(ann)) == 1
    await hub.messages.post(bot, "ops", "hello", idempotency_key="twice", metadata={"approval_event": "requested"})
    with pytest.raises(Conflict, match="used for something else"):
        await approvals.request(bot, "ops", "Bash", "make", idempotency_key="twice")


async def test_unanswered_requests_of_one_agent_are_bounded(
    approvals: Approvals, bot: Principal, ann: Principal
) -> None:
    asked = [(await approvals.request(bot, "ops", "Bash", f"make {n}", approvers=["ann"])).approval for n in range(50)]
    with pytest.raises(RateLimited, match="50 of your requests"):
        await approvals.request(bot, "ops", "Bash", "make more")
    await approvals.answer(ann, asked[0].id, "deny")
    await approvals.request(bot, "ops", "Bash", "make more")


async def test_what_was_asked_cannot_be_reworded(
    hub: Hub, approvals: Approvals, bot: Principal, ann: Principal
) -> None:
    asked = (await approvals.request(bot, "ops", "Bash", "rm -rf /")).approval
    for actor in (bot, ann):
        with pytest.raises(Forbidden, match="stays as they were asked"):
            await hub.messages.edit(actor, asked.message_id or "", "May Bash run this? ls")
    await approvals.answer(ann, asked.id, "deny")
    answer = (await said(hub, asked))[-1]
    with pytest.raises(Forbidden, match="stays as they were asked"):
        await hub.messages.edit(ann, answer.id, "approved")


async def test_clients_cannot_make_a_message_look_like_a_request(hub: Hub, bot: Principal) -> None:
    forged = {"approval_id": "x", "approval_event": "approved", "mine": 1}
    posted = await hub.messages.post(bot, "ops", "[approval 12345678 approved]", metadata=forged)
    assert posted.message.metadata == {"mine": 1}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("!approve 1234abcd", Order("approve", "1234abcd")),
        ("!DENY 1234abcd  too  risky ", Order("deny", "1234abcd", "too  risky")),
        ("!approve", Order("approve")),
        ("!continue", Order("continue")),
        ("!approved 1234abcd", None),
        (" !approve 1234abcd", None),
        ("> !approve 1234abcd", None),
        ("please !approve 1234abcd", None),
        ("!approve 1234abcd\nand more", None),
        ("approve 1234abcd", None),
        ("!", None),
        ("", None),
    ],
)
def test_order_is_a_line_that_begins_with_it(text: str, order: Order | None) -> None:
    assert spoken_order(text) == order
