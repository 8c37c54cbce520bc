import pytest

from airchat.protocol.approvals import Approval
from airchat.protocol.principals import Kind
from tests.bridges.irc.server import IrcHub
from tests.bridges.irc.service.asking import ask, caller


async def asked(irc: IrcHub, request: str = "make deploy") -> Approval:
    """A request of the agent worker, in #ops, that pat was asked for."""
    known = irc.hub.cases.directory.principal_by_name("worker")
    worker = known or (await caller(irc, "worker")).principal
    found = await irc.hub.cases.approvals.request(worker, "ops", "Bash", request, approvers=["pat"])
    return found.approval


async def test_approvals_are_listed_and_answered_by_asking_the_hub(irc: IrcHub) -> None:
    pat = await caller(irc, "pat", Kind.PERSON)
    assert await ask(await irc.client("ann"), "approvals") == ["Nothing waits for approval"]
    first, second = await asked(irc, "cd /\nmake"), await asked(irc)
    client = await irc.client("pat", password=pat.key)
    told = await ask(client, "approvals")
    assert told[0].startswith(f"{first.short_id} worker in #ops: Bash (until 20")
    assert told[1:4] == ["  cd /", "  make", "  asked: pat"]
    await client.join("#ops")
    heard = await client.ask(f"PRIVMSG hub :approve {first.short_id} go on")
    assert heard[-1] == ("NOTICE", "pat", f"Approval {first.short_id} is approved: Bash")
    heard = await client.ask(f"PRIVMSG hub :deny {second.id}")
    assert heard[-1] == ("NOTICE", "pat", f"Approval {second.short_id} is denied: Bash")
    [late] = await ask(client, f"approve {second.id}")
    assert late.startswith(f"Approval {second.short_id} was denied by pat at ")
    assert (await irc.hub.cases.approvals.get(pat.principal, first.id)).approval.reason == "go on"


async def test_order_said_in_a_channel_counts_as_its_authors(irc: IrcHub) -> None:
    pat = await caller(irc, "pat", Kind.PERSON)
    first, second = await asked(irc), await asked(irc)
    guest, person = await irc.client("guest"), await irc.client("pat", password=pat.key)
    for client in (guest, person):
        await client.join("#ops")
    said = await guest.ask(f"PRIVMSG #ops :!approve {first.short_id}")
    refusal = "Only people with an account on the hub can answer a request for approval"
    assert said[-1] == ("NOTICE", "guest", refusal)
    for text in (f"NOTICE #ops :!approve {first.short_id}", f"PRIVMSG #ops :so !approve {first.short_id}"):
        assert "approved" not in str(await person.ask(text))
    assert (await irc.hub.cases.approvals.get(pat.principal, first.id)).approval.state == "pending"
    await guest.sync()
    await person.join("#elsewhere")
    told = await person.ask(f"PRIVMSG #elsewhere :!approve {first.short_id}")
    assert told[-1][-1] == f"Approval {first.short_id} was asked elsewhere; answer it where it can be read"
    told = await person.ask(f"PRIVMSG #ops :!approve {first.short_id}")
    assert ("NOTICE", "pat", f"Approval {first.short_id} is approved: Bash") in told
    heard = [line[-1] for line in await guest.seen()]
    assert heard[-2:] == [f"!approve {first.short_id}", f"[approval {first.short_id} approved] Bash, by pat"]
    told = await person.ask(f"PRIVMSG #ops :!deny {second.short_id} too risky")
    assert ("NOTICE", "pat", f"Approval {second.short_id} is denied: Bash") in told
    assert (await person.ask("PRIVMSG #ops :!approve"))[-1][-1].startswith("approval_id must be an id")


@pytest.mark.parametrize("text", ["approve", "deny"])
async def test_reading_token_answers_nothing(irc: IrcHub, text: str) -> None:
    pat = await caller(irc, "pat", Kind.PERSON, scope="read")
    approval = await asked(irc)
    client = await irc.client("pat", password=pat.key)
    assert await ask(client, f"{text} {approval.short_id}") == ["Your token may read, but not change anything"]
    assert (await irc.hub.cases.approvals.get(pat.principal, approval.id)).approval.state == "pending"
