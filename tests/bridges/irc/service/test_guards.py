from airchat.protocol.principals import Kind
from tests.bridges.irc.server import IrcHub
from tests.bridges.irc.service.asking import ask, caller


async def loop(irc: IrcHub) -> None:
    """Let two agents talk until one of them does not hear the other."""
    directory = irc.hub.cases.directory
    for turn in range(8):
        me, other = ("abe", "bea") if turn % 2 == 0 else ("bea", "abe")
        author = directory.principal_by_name(me) or (await caller(irc, me)).principal
        await (caller(irc, other) if directory.principal_by_name(other) is None else _nothing())
        posted = await irc.hub.cases.messages.post(author, "lab", f"@{other} {turn}")
    assert posted.held == (("abe", "streak"),)


async def _nothing() -> None:
    pass


async def test_people_let_agents_go_on_by_asking_the_hub(irc: IrcHub) -> None:
    pat = await caller(irc, "pat", Kind.PERSON)
    await loop(irc)
    client, guest = await irc.client("pat", password=pat.key), await irc.client("guest")
    assert await ask(guest, "continue #lab") == ["Only people can let agents go on"]
    assert await ask(client, "continue #lab") == ["The agents go on; 1 message held back until now"]
    assert await ask(client, "continue #lab") == ["The agents go on; 0 messages held back until now"]
    assert await ask(client, "continue #nowhere") == ["channel: there is no channel #nowhere that you may read"]


async def test_order_said_in_the_channel_lets_its_agents_go_on(irc: IrcHub) -> None:
    pat = await caller(irc, "pat", Kind.PERSON)
    await loop(irc)
    client = await irc.client("pat", password=pat.key)
    await client.join("#lab")
    told = (await client.ask("PRIVMSG #lab :!continue"))[-1]
    assert told[:2] == ("NOTICE", "pat")
    assert told[2].startswith("The agents go on; ")
    assert await irc.hub.cases.guards.held(pat.principal) == []
    assert "NOTICE" not in str(await client.ask("PRIVMSG abe :!continue"))


async def test_author_of_a_secret_is_told_that_it_was_taken_out(irc: IrcHub) -> None:
    ann = await irc.client("ann", "echo-message")
    await ann.join("#lab")
    token = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    assert await ann.ask(f"PRIVMSG #lab :use {token}") == [
        ("PRIVMSG", "#lab", "use [redacted: GitHub token]"),
        ("NOTICE", "ann", "What looks like a secret was taken out of your message: GitHub token"),
    ]
