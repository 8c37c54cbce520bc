"""Who is in many large channels gets in all the same, on a line that takes its time."""

import socket

import pytest

from airchat.protocol.channels import Channel
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from bridges.irc.transport import kernel
from hub.core.memberships import join_member
from store.ports.unit import Unit
from tests.bridges.irc.accounts.test_login import PASSWORD, person
from tests.bridges.irc.server import IrcHub

CHANNELS = 40
MEMBERS = 500


async def crowd(irc: IrcHub) -> None:
    """Put ann and hundreds of people into each of many channels."""
    cases, now = irc.hub.cases, irc.hub.clock()
    ann = cases.directory.principal_by_name("ann")
    assert ann is not None
    people = [
        Principal(new_id(now), Kind.PERSON, f"somebody-with-a-long-name-{number}", Role.MEMBER, now)
        for number in range(MEMBERS)
    ]

    async def arrive(unit: Unit) -> None:
        for one in people:
            await unit.principals.save(one)
            row = principal_row(one)
            await unit.events.append(
                [EventDraft(EventKind.PRINCIPAL_CHANGED, now, one.id, subject_id=one.id, data=row)]
            )

    async def join(unit: Unit, channel: Channel) -> None:
        for one in people:
            await join_member(unit, now, one, channel, frozenset())

    await irc.hub.store.write(arrive)
    for number in range(CHANNELS):
        channel = await cases.channels.open(ann, f"large-{number}")
        await irc.hub.store.write(lambda unit, channel=channel: join(unit, channel))  # type: ignore[misc]


@pytest.mark.slow
async def test_the_lists_of_many_members_do_not_cut_their_reader_off(
    irc: IrcHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = kernel.prepare

    def narrow(sock: socket.socket) -> None:
        prepare(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)

    monkeypatch.setattr(kernel, "prepare", narrow)
    await person(irc, "ann")
    await crowd(irc)
    client = await irc.client("ann", "userhost-in-names", password=f"ann:{PASSWORD}")
    found = await client.ask("NAMES")
    assert len({line[3] for line in found if line[0] == "353"}) == CHANNELS
    assert len([line for line in await client.ask("WHO #large-1") if line[0] == "352"]) == MEMBERS + 1
