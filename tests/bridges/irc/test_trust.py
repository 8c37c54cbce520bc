"""Nobody passes for somebody else, tells clients what only the server may, or does more than a token allows."""

import asyncio
from pathlib import Path

import pytest

from airchat.protocol.errors import Forbidden
from bridges.irc.accounts.registration import AIRCD_REALNAME
from tests.bridges.irc.accounts.test_login import caller, person
from tests.bridges.irc.server import Client, IrcHub, running_irc_server


@pytest.mark.parametrize("nick", ["aircd", "Server", "NickServ", "ChanServ", "hub"])
async def test_nobody_has_the_nick_of_the_server_or_a_service(irc: IrcHub, nick: str) -> None:
    client = await irc.connect()
    client.send(f"NICK {nick}", "USER somebody 0 * :somebody")
    assert (await client.expect("433")).params[1] == nick


async def test_a_message_that_says_it_is_about_a_task_is_shown(irc: IrcHub) -> None:
    ann, robot = await irc.client("ann"), (await caller(irc, "robot")).principal
    await ann.join("#work")
    await irc.hub.cases.channels.join(robot, "work")
    for event in ("created", "cancelled"):
        await irc.hub.cases.messages.post(robot, "work", f"seen {event}", metadata={"task_event": event})
    assert [line for line in await ann.seen() if line[1] == "PRIVMSG"] == [
        ("robot", "PRIVMSG", "#work", "seen created"),
        ("robot", "PRIVMSG", "#work", "seen cancelled"),
    ]


async def test_a_token_for_reading_sets_nothing_before_it_is_registered_either(irc: IrcHub) -> None:
    reader = await caller(irc, "reader", scope="read")
    client = await irc.connect()
    client.send(f"PASS :{reader.key}", "CAP LS 302", "CAP REQ :draft/metadata-3", "NICK reader", "USER r 0 * :r")
    client.send("METADATA * SET url :https://example.org", "CAP END")
    await client.expect("001")
    found = await client.sync()
    assert ("FAIL", "METADATA", "READ_ONLY") in [(line.command, *line.params[:2]) for line in found]
    assert await irc.hub.cases.metadata.get(reader.principal, reader.principal) == {}


async def test_a_token_for_reading_says_nothing_in_the_channel_called_like_the_service(irc: IrcHub) -> None:
    ann, reader = await irc.client("ann"), await caller(irc, "reader", scope="read")
    await ann.join("#hub")
    await irc.hub.cases.channels.join(reader.principal, "hub")
    await ann.sync()
    client = await irc.connect()
    client.send(f"PASS :{reader.key}", "NICK reader", f"USER reader 0 * :{AIRCD_REALNAME}")
    await client.expect("001")
    await client.ask("PRIVMSG hub :said without leave")
    assert await ann.seen() == []


async def test_a_guest_leaves_the_nick_to_the_account_that_gets_its_name(irc: IrcHub) -> None:
    guest, ann = await irc.client("deployer"), await irc.client("ann")
    await guest.join("#work")
    await ann.join("#work")
    await guest.sync()
    deployer = await caller(irc, "deployer")
    [renamed] = [line for line in await ann.seen() if line[1] == "NICK"]
    assert renamed[0] == "deployer"
    assert renamed[2] != "deployer"
    await ann.ask("PRIVMSG deployer :for the account alone")
    assert [line for line in await guest.seen() if line[1] == "PRIVMSG"] == []
    assert (await irc.client("deployer", password=deployer.key)).nick == "deployer"


async def test_a_ban_of_where_an_account_comes_from_holds_at_every_door(irc: IrcHub) -> None:
    ann, robot = await irc.client("ann"), (await caller(irc, "robot")).principal
    await ann.join("#work")
    await ann.ask("MODE #work -n+b *!*@robot.agent")
    with pytest.raises(Forbidden, match="banned"):
        await irc.hub.cases.messages.post(robot, "work", "here I am")
    with pytest.raises(Forbidden, match="banned"):
        await irc.hub.cases.channels.join(robot, "work")


async def test_the_host_of_a_guest_does_not_tell_its_address_to_who_guesses(tmp_path: Path) -> None:
    hosts = []
    for name in ("one", "other"):
        async with running_irc_server(tmp_path / name) as irc:
            answer = await (await irc.client("ann")).ask("WHOIS ann")
            hosts.append(next(line[4] for line in answer if line[0] == "311"))
            again = await (await irc.client("bob")).ask("WHOIS bob")
            assert next(line[4] for line in again if line[0] == "311") == hosts[-1]
    assert hosts[0] != hosts[1]


async def test_who_is_deactivated_while_registering_does_not_stay(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    await person(irc, "ann")
    of = irc.hub.cases.markers.of

    async def slow(actor: object) -> dict[str, int]:
        await irc.hub.cases.people.set_active(irc.hub.actor, "ann", active=False)
        return await of(actor)  # type: ignore[arg-type]

    monkeypatch.setattr(type(irc.hub.cases.markers), "of", lambda _, actor: slow(actor))
    client = await irc.connect()
    client.send("PASS :ann:correct horse", "NICK ann", "USER ann 0 * :Ann")
    assert (await client.expect("ERROR")).params[0] == "You are deactivated"


async def test_a_guest_banned_by_where_it_comes_from_posts_no_tasks(irc: IrcHub) -> None:
    ann, eve = await irc.client("ann"), await irc.client("eve")
    await ann.join("#work")
    await eve.join("#work")
    await ann.ask("MODE #work +b *!~eve@*")
    await eve.ask("TASK CREATE #work :all the same")
    assert [line for line in await ann.seen() if line[1] == "NOTICE"] == []


async def test_whoever_is_killed_says_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_irc_server(tmp_path, oper_name="root", oper_password="sesame") as irc:
        ann, eve = await irc.client("ann"), await irc.client("eve")
        await ann.join("#work")
        await eve.join("#work")
        guests = irc.hub.cases.guests
        retire = guests.retire

        async def slow(_: object, *args: object) -> object:
            eve.send("PRIVMSG #work :from beyond", "PRIVMSG #work,ann :and @ann again")
            await asyncio.sleep(0.1)
            return await retire(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(type(guests), "retire", slow)
        await ann.ask("OPER root sesame")
        assert [line[1] for line in await ann_hears(ann, "KILL eve :enough") if line[0] == "eve"] == ["QUIT"]
        assert "eve" not in (await ann.ask("NAMES #work"))[0][-1]


async def ann_hears(ann: Client, command: str) -> list[tuple[str, ...]]:
    ann.send(command)
    await asyncio.sleep(0.3)
    return await ann.seen()
