import pytest

from airchat.protocol.errors import Conflict, Unauthenticated
from airchat.protocol.principals import Kind
from hub.core.credentials import Credentials
from hub.core.demo import LOGINS, settle_demo_logins
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_agent


async def test_demo_logins_are_in_only_while_wanted(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):  # every start
        await settle_demo_logins(store, clock, wanted=True)
    assert caplog.text.count("human, agent-a, agent-b, agent-c, agent-1, agent-2, agent-3") == 2
    credentials = Credentials(store, clock)
    found = [(await credentials.authenticate(login.token)).principal for login in LOGINS]
    assert [(one.name, one.kind) for one in found] == [(login.name, login.kind) for login in LOGINS]
    assert found[0].kind is Kind.PERSON
    await settle_demo_logins(store, clock, wanted=False)
    for login in LOGINS:
        with pytest.raises(Unauthenticated):
            await Credentials(store, clock).authenticate(login.token)
    await settle_demo_logins(store, clock, wanted=True)
    again = [(await Credentials(store, clock).authenticate(login.token)).principal.id for login in LOGINS]
    assert again == [one.id for one in found]


async def test_nobody_real_gets_a_token_that_everybody_knows(store: Store, clock: FakeClock) -> None:
    await add_agent(store, "human")
    with pytest.raises(Conflict, match='"human" cannot be'):
        await settle_demo_logins(store, clock, wanted=True)
    with pytest.raises(Unauthenticated):
        await Credentials(store, clock).authenticate("agent-a-token")
