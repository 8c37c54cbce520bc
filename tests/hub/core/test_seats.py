import asyncio
from contextlib import AsyncExitStack

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Principal
from hub.core.seats import Seats
from tests.hub.core.hub import Hub

ONE, OTHER = "session-1", "session-2"


async def test_one_session_sits_and_others_wait_for_its_end(hub: Hub) -> None:
    seats = Seats(hub.store, grace=0.05)
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    async with seats.taken(alice, ONE), seats.taken(alice, ONE), seats.taken(bob, OTHER):
        with pytest.raises(Conflict, match="works as mac-a"):
            await sit(seats, alice, OTHER)
    with pytest.raises(Conflict):
        await sit(seats, alice, OTHER)  # it may come back
    async with seats.taken(alice, ONE):
        await asyncio.sleep(0.1)  # past the grace of its earlier connections
        with pytest.raises(Conflict):
            await sit(seats, alice, OTHER)
    async with asyncio.timeout(10):
        while True:
            try:
                await sit(seats, alice, OTHER)
            except Conflict:
                await asyncio.sleep(0.01)
            else:
                break
    await seats.close()


async def test_hubs_of_one_store_share_their_seats(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.core.seats.TRY_SECONDS", 0.1)
    here, there = Seats(hub.store), Seats(hub.store)
    alice = await hub.agent("mac-a")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(here.taken(alice, ONE))
        with pytest.raises(Conflict, match="by another hub"):
            await sit(there, alice, ONE)
        await here.close()
        await sit(there, alice, ONE)
    await there.close()


async def sit(seats: Seats, principal: Principal, session: str) -> None:
    async with seats.taken(principal, session):
        pass
