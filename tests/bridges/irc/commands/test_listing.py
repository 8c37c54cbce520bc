import pytest

from tests.bridges.irc.server import Client, IrcHub


async def listed(client: Client, *words: str) -> list[str]:
    return [line[2] for line in await client.ask(" ".join(["LIST", *words])) if line[0] == "322"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["#one", "#three", "#two"]),
        ("#one,#TWO,#nowhere", ["#one", "#two"]),
        ("*o*", ["#one", "#two"]),
        ("!*o*", ["#three"]),
        (">1", ["#two"]),
        ("<2,#t*", ["#three"]),
        ("C<1", ["#one", "#three", "#two"]),
        ("C>1", []),
        ("T<1", ["#one"]),
        ("t>0", ["#one"]),
        ("T>1", []),
    ],
)
async def test_conditions_narrow_the_list(irc: IrcHub, asked: str, names: list[str]) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await ann.join("#one", "#two", "#three", "#secret")
    await bob.join("#two")
    await ann.ask("TOPIC #one :first")
    await ann.ask("MODE #secret +s")
    assert await listed(bob, asked) == names
    assert ("#secret" in await listed(ann, "*secret")) is True


async def test_archived_channels_are_listed_by_name_alone(irc: IrcHub) -> None:
    cases, actor = irc.hub.cases, irc.hub.actor
    for name in ("open", "closed"):
        await cases.channels.open(actor, name)
    await cases.channels.update(actor, "closed", archived=True)
    ann = await irc.client("ann")
    assert await listed(ann) == ["#open"]
    assert await listed(ann, "#closed") == ["#closed"]
