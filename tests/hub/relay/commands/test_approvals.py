"""Approvals answered from a platform: by button or command, by whom they are for, and by others."""

import pytest

from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.messages import Message
from airchat.protocol.principals import Role
from hub.core.audit import Audit
from hub.relay.contract.desk import Button
from hub.relay.contract.inbound import User
from tests.hub.relay.commands.conftest import ALICE, Counter

BOB = User("U2", "Bob")


async def asked(counter: Counter) -> tuple[Approval, Message]:
    """Let wren ask ann."""
    wren = counter.hub.directory.principal_by_name("wren")
    assert wren is not None
    shown = await counter.cases.approvals.request(wren, "general", "Bash", "rm *old*", approvers=["ann"])
    return shown.approval, (await counter.written())[-1]


async def state(counter: Counter, approval: Approval) -> ApprovalState:
    return (await counter.cases.approvals.get(counter.owner, approval.id)).approval.state


async def refusals(counter: Counter) -> list[str | None]:
    entries = await Audit(counter.hub.store).page(counter.owner)
    return [entry.actor_id for entry in entries if entry.action == "approval.refused"]


async def test_question_has_buttons_and_the_named_person_answers_by_one(counter: Counter) -> None:
    await counter.person("ann")
    approval, message = await asked(counter)
    yes, no = await counter.desk.buttons(message)
    assert (yes, no) == (
        Button("Approve", "approval.approve", approval.id, "good"),
        Button("Deny", "approval.deny", approval.id, "bad"),
    )
    reply = await counter.press(yes.action, yes.value)
    assert (reply.text, reply.settled) == (f"`{approval.short_id}` is approved: Bash", True)
    assert await state(counter, approval) is ApprovalState.APPROVED
    end = (await counter.written())[-1]
    assert (end.author_name, end.parent_id) == ("ann", message.id)
    assert await counter.desk.buttons(end) == ()
    assert await counter.desk.buttons(message) == ()
    late = await counter.press(no.action, no.value)
    assert late.settled
    assert late.text.startswith(f"Approval {approval.short_id} was approved by ann")


async def test_others_are_refused_and_it_is_written_down(counter: Counter) -> None:
    ann = await counter.person("ann")
    bob = await counter.person("bob", Role.ADMIN, BOB)
    approval, _ = await asked(counter)
    assert (await counter.press("approval.approve", approval.id, BOB)).text == "You are not among those who were asked"
    stranger = await counter.press("approval.approve", approval.id, User("U3", "Eve"))
    assert stranger.text == (
        "Only people with an account on the hub can answer a request for approval. "
        "`/airchat link CODE` makes yours known here."
    )
    assert not stranger.settled
    assert await state(counter, approval) is ApprovalState.PENDING
    eve = counter.hub.directory.principal_by_name("eve-slack")
    assert eve is not None
    assert await refusals(counter) == [eve.id, bob.id]
    assert ann.id not in await refusals(counter)


@pytest.mark.parametrize(("word", "wanted"), [("approve", ApprovalState.APPROVED), ("deny", ApprovalState.DENIED)])
async def test_commands_answer_with_a_reason(counter: Counter, word: str, wanted: ApprovalState) -> None:
    await counter.person("ann")
    approval, _ = await asked(counter)
    reply = await counter.say(f"{word} {approval.short_id} because I\nsay so")
    assert reply.text == f"`{approval.short_id}` is {wanted}: Bash"
    shown = await counter.cases.approvals.get(counter.owner, approval.id)
    assert (shown.approval.state, shown.approval.reason) == (wanted, "because I say so")


async def test_what_waits_is_listed_with_buttons_for_those_who_are_asked(counter: Counter) -> None:
    assert (await counter.say("approvals")).text == "Nothing waits for approval."
    await counter.person("ann")
    approval, _ = await asked(counter)
    reply = await counter.say("approvals")
    assert reply.text == (
        f"- `{approval.short_id}` from `wren` in `#general`, for another 10 min, asked of ann: Bash: rm \\*old\\*"
    )
    assert [button.action for button in reply.buttons] == ["approval.approve", "approval.deny"]
    assert (await counter.say("approvals", user=BOB)).buttons == ()


async def test_what_nobody_knows_is_told_so(counter: Counter) -> None:
    await counter.person("ann", user=ALICE)
    assert (await counter.say("approve 12345678")).text == "There is no approval 12345678 that you may see"
    assert (await counter.say("approve x")).text.startswith("approval_id must be an id")
    assert (await counter.say("approve")).text == "Something is missing. Usage: `/airchat approve ID [WHY]`"
