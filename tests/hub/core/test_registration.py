import asyncio
import base64
from dataclasses import asdict, replace
from typing import Any

import pytest

from airchat.protocol.errors import Conflict, HubError, InvalidInput, RateLimited, Unauthenticated
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Card, Kind, Machine, Role
from airchat.protocol.signing import Registration as SignedFields
from airchat.protocol.timestamps import MINUTE, SECOND
from hub.core.credentials import Credentials
from hub.core.machines import Machines
from hub.core.registration import Registration, RegistrationLimits, RegistrationRequest
from store.ports.store import Store
from store.ports.unit import Unit
from tests.hub.core.fakes import START, FakeClock, add_agent, add_principal
from tests.hub.core.signers import Signer

VECTOR = SignedFields(
    "test-machine",
    "test-machine-myproject",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "2026-01-01T00:00:00Z",
    "0" * 32,
)
VECTOR_KEY = "9e4ae8a6f1ba95c48b0f9849551886eb3ffb01afb96c1f7ac845e3edd2d62016"
VECTOR_SIGNATURE = "6o9Ltmp5MDMUf+dfLWimuXx93HG5p3cDfphmPod2KHQSzonoS2hwtsTYYjPIkvyXx54TmvDJhk1jbpGzcrKTCw=="


@pytest.fixture
def registration(store: Store, clock: FakeClock) -> Registration:
    return Registration(store, clock, RegistrationLimits(per_machine=1000))


async def refusal(registration: Registration, request: RegistrationRequest) -> tuple[int, str]:
    with pytest.raises(HubError) as refused:
        await registration.register(request)
    return refused.value.status, str(refused.value)


async def test_frozen_vector_is_accepted(store: Store, registration: Registration) -> None:
    machine = Machine(new_id(START), "test-machine", VECTOR_KEY, START)

    async def save(unit: Unit) -> None:
        await unit.machines.save(machine)

    await store.write(save, "registration")
    agent = await registration.register(RegistrationRequest(VECTOR, VECTOR_SIGNATURE))
    assert (agent.principal.name, agent.principal.kind, agent.machine_name) == (
        "test-machine-myproject",
        Kind.AGENT,
        "test-machine",
    )


async def test_frozen_vector_without_its_machine_is_refused(registration: Registration) -> None:
    assert await refusal(registration, RegistrationRequest(VECTOR, VECTOR_SIGNATURE)) == (403, "Registration failed")


async def test_key_authenticates_and_is_replaced_by_the_next_one(
    store: Store, credentials: Credentials, registration: Registration
) -> None:
    mac = await Signer.enrolled(store)
    first = await registration.register(mac.request("mac-web", secret="one"))
    assert (await credentials.authenticate("one")).principal == first.principal
    second = await registration.register(mac.request("mac-web", secret="two"))
    assert second.principal.id == first.principal.id
    assert (await credentials.authenticate("two")).principal == first.principal
    with pytest.raises(Unauthenticated, match=r"^Invalid API key$"):
        await credentials.authenticate("one")


async def test_agent_counts_as_seen_when_it_registers(
    store: Store, clock: FakeClock, registration: Registration
) -> None:
    mac = await Signer.enrolled(store)
    for wait in (0, MINUTE, -SECOND):
        clock.forward(wait)
        agent = await registration.register(mac.request("mac-web", at=clock.now))
        async with store.read() as unit:
            found = await unit.agents.find(None, START + max(wait, 0), 10)
        assert [one.principal for one in found] == [agent.principal]
        assert agent.principal.last_seen_at == (START + MINUTE if wait else START)


async def test_presented_names_share_an_agent_and_keep_keys_apart(
    store: Store, credentials: Credentials, registration: Registration
) -> None:
    mac = await Signer.enrolled(store)
    agents = [
        await registration.register(mac.request(presented, secret=presented))
        for presented in ("mac-my-app", "mac-My_App", "mac-my.app", "mac-My App ")
    ]
    assert {(agent.principal.id, agent.principal.name) for agent in agents} == {(agents[0].principal.id, "mac-my-app")}
    for presented in ("mac-my-app", "mac-My_App", "mac-my.app", "mac-My App "):
        assert (await credentials.authenticate(presented)).credential.slot == presented


async def test_card_is_replaced_only_when_sent(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    first = await registration.register(mac.request("mac-web", card={"capabilities": ["Rust", "rust"]}))
    again = await registration.register(mac.request("mac-web"))
    changed = await registration.register(mac.request("mac-web", card={"model": "m"}))
    assert [agent.card for agent in (first, again, changed)] == [
        Card(capabilities=("rust",)),
        Card(capabilities=("rust",)),
        Card(model="m"),
    ]


async def test_both_escapings_of_the_signed_array_are_accepted(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    fields = mac.request("mac-caf\u00e9").registration
    assert len(fields.signed_bytes()) == 2
    for form, nonce in ((0, "a"), (1, "b")):
        signed = replace(fields, nonce=nonce)
        signature = base64.b64encode(mac.key.sign(signed.signed_bytes()[form])).decode()
        request = RegistrationRequest(signed, signature)
        assert (await registration.register(request)).principal.name == "mac-caf"


async def test_limit_per_ip_counts_over_a_minute_and_a_restart(store: Store, clock: FakeClock) -> None:
    for _ in range(10):
        await Registration(store, clock).check_ip("10.0.0.1")
    clock.forward(20 * SECOND)
    with pytest.raises(RateLimited) as refused:
        await Registration(store, clock).check_ip("10.0.0.1")
    assert (str(refused.value), refused.value.retry_after) == ("Rate limit exceeded. Try again later.", 40)
    await Registration(store, clock).check_ip("10.0.0.2")
    clock.forward(41 * SECOND)
    await Registration(store, clock).check_ip("10.0.0.1")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"card": []}, "Invalid card: it must be an object"),
        ({"card": {"capabilities": "rust"}}, "Invalid card: capabilities must be a list of at most 20 tags"),
        ({"card": None}, "Missing required fields: "),
        ({"machine_name": 1}, "Missing required fields: "),
        ([], "Missing required fields: "),
    ],
)
def test_bodies_are_refused_card_first_then_fields(body: Any, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        RegistrationRequest.parse(body, "10.0.0.1")
    assert str(refused.value).startswith(text)
    names = ("machine_name", "agent_name", "derived_key_hash", "timestamp", "nonce", "signature")
    assert text.startswith("Invalid card") or all(name in str(refused.value) for name in names)


async def test_body_becomes_a_request(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    request = mac.request("mac-web", card={"model": "m"})
    body = asdict(request.registration) | {"signature": request.signature, "card": {"model": "m"}}
    assert RegistrationRequest.parse(body, "10.0.0.1") == request


async def test_limit_per_machine_comes_before_time_and_signature(store: Store, clock: FakeClock) -> None:
    registration = Registration(store, clock)
    mac = await Signer.enrolled(store)
    stale = mac.request("mac-web", at=START - 2 * MINUTE)
    for _ in range(5):
        assert await refusal(registration, stale) == (403, "Registration failed")
    assert await refusal(registration, stale) == (429, "Rate limit exceeded. Try again later.")
    assert (await refusal(Registration(store, clock), mac.request("mac-web")))[0] == 429


@pytest.mark.parametrize(
    "timestamp", ["", "now", "2026-01-01T00:01:01Z", "2025-12-31T23:58:59Z", "2026-13-01T00:00:00"]
)
async def test_time_outside_the_window_is_refused_and_leaves_the_nonce(
    store: Store, registration: Registration, timestamp: str
) -> None:
    mac = await Signer.enrolled(store)
    request = mac.request("mac-web", timestamp=timestamp, nonce="n")
    assert await refusal(registration, request) == (403, "Registration failed")
    await registration.register(mac.request("mac-web", nonce="n"))


@pytest.mark.parametrize("timestamp", ["2026-01-01T00:00:59Z", "2025-12-31T23:59:01.001Z", "2026-01-01T01:00:00+01:00"])
async def test_time_within_the_window_is_accepted_in_any_spelling(
    store: Store, registration: Registration, timestamp: str
) -> None:
    mac = await Signer.enrolled(store)
    assert (await registration.register(mac.request("mac-web", timestamp=timestamp))).principal.name == "mac-web"


async def test_replay_is_refused_also_after_a_restart(store: Store, clock: FakeClock) -> None:
    mac = await Signer.enrolled(store)
    request = mac.request("mac-web", at=START + 60 * SECOND)
    await Registration(store, clock).register(request)
    assert await refusal(Registration(store, clock), request) == (409, "Duplicate nonce")
    clock.forward(120 * SECOND)  # the last moment at which its timestamp is accepted
    assert await refusal(Registration(store, clock), request) == (409, "Duplicate nonce")
    clock.forward(SECOND)
    assert await refusal(Registration(store, clock), request) == (403, "Registration failed")


async def test_nonce_is_used_up_by_a_bad_signature(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    bad = replace(mac.request("mac-web", nonce="n"), signature=VECTOR_SIGNATURE)
    assert await refusal(registration, bad) == (403, "Registration failed")
    assert await refusal(registration, mac.request("mac-web", nonce="n")) == (409, "Duplicate nonce")


async def test_unknown_and_inactive_machines_and_bad_signatures_look_alike(
    store: Store, registration: Registration
) -> None:
    mac, other = await Signer.enrolled(store), await Signer.enrolled(store, "other")
    gone = await Signer.enrolled(store, "gone", active=False)
    unknown = Signer(replace(mac.machine, name="unknown"), mac.key)
    forged = replace(mac.request("mac-web"), signature=other.request("mac-web").signature)
    changed = replace(
        mac.request("mac-web"), registration=replace(mac.request("mac-web").registration, agent_name="mac-x")
    )
    malformed = [
        replace(mac.request("mac-web"), signature=text)
        for text in ("", "x", "\u00e9", "AAAA", VECTOR_SIGNATURE[:-4] + "AA==", "\ud800")
    ]
    requests = [unknown.request("unknown-web"), gone.request("gone-web"), forged, changed, *malformed]
    requests += [mac.request("mac-web", derived_key_hash=text) for text in ("", "A" * 64, "e3b0", "\0")]
    requests += [mac.request("mac-web", machine_name=name) for name in ("\0", "\ud800", "x" * 10_000)]
    assert {await refusal(registration, request) for request in requests} == {(403, "Registration failed")}
    async with store.read() as unit:
        assert await unit.principals.by_name("mac-web") is None


async def test_agent_limit_spares_agents_the_machine_has(store: Store, clock: FakeClock) -> None:
    registration = Registration(store, clock, RegistrationLimits(per_machine=1000, agents_per_machine=2))
    mac = await Signer.enrolled(store)
    for name in ("mac-a", "mac-b"):
        await registration.register(mac.request(name))
    assert await refusal(registration, mac.request("mac-c")) == (429, "Agent limit exceeded for this machine")
    await registration.register(mac.request("mac-a"))
    other = await Signer.enrolled(store, "other")
    await registration.register(other.request("mac-c"))


async def test_name_of_another_machine_or_principal_is_refused(store: Store, registration: Registration) -> None:
    mac, thief = await Signer.enrolled(store), await Signer.enrolled(store, "thief")
    await registration.register(mac.request("mac-web"))
    await add_principal(store, "alice")
    for name in ("mac-web", "MAC_web", "alice"):
        answer = await refusal(registration, thief.request(name))
        assert answer == (409, "Agent name is owned by a different machine")


async def test_agent_without_a_machine_is_claimed_once(store: Store, registration: Registration) -> None:
    mac, late = await Signer.enrolled(store), await Signer.enrolled(store, "late")
    loose = await add_agent(store, "loose")
    assert (await registration.register(mac.request("loose"))).principal.id == loose.id
    assert (await refusal(registration, late.request("loose")))[0] == 409


async def test_deactivated_agent_is_told_so(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    agent = await registration.register(mac.request("mac-web"))

    async def deactivate(unit: Unit) -> None:
        await unit.principals.save(replace(agent.principal, active=False))

    await store.write(deactivate)
    status, text = await refusal(registration, mac.request("mac-web"))
    assert (status, "deactivated" in text) == (403, True)


@pytest.mark.parametrize(
    "name", ["system", "janitor", "everyone", "here", "x-claude-ai", "other-slack-bridge", "mac-irc-bridge"]
)
async def test_reserved_names_are_refused(store: Store, registration: Registration, name: str) -> None:
    mac = await Signer.enrolled(store)
    assert await refusal(registration, mac.request(name)) == (403, f'The agent name "{name}" is reserved')


async def test_slack_bridge_of_the_machine_is_registrable(store: Store, registration: Registration) -> None:
    mac = await Signer.enrolled(store)
    assert (await registration.register(mac.request("mac-slack-bridge"))).principal.name == "mac-slack-bridge"


@pytest.mark.parametrize("name", ["x", "---", "\u65e5\u672c", "mac\0web", "mac\ud800", "a" * 201])
async def test_names_that_cannot_be_canonical_are_refused(store: Store, registration: Registration, name: str) -> None:
    mac = await Signer.enrolled(store)
    with pytest.raises(InvalidInput) as refused:
        await registration.register(mac.request(name))
    assert refused.value.field == "agent_name"


async def test_revoked_machine_loses_its_agents_keys(
    store: Store, clock: FakeClock, credentials: Credentials, registration: Registration
) -> None:
    mac = await Signer.enrolled(store)
    await registration.register(mac.request("mac-web", secret="one"))
    await credentials.authenticate("one")
    admin = await add_principal(store, "root", Role.ADMIN)
    await Machines(store, clock).revoke(admin, "mac")
    with pytest.raises(Unauthenticated):
        await credentials.authenticate("one")
    assert await refusal(registration, mac.request("mac-web")) == (403, "Registration failed")


async def test_names_raced_for_by_two_machines_have_one_winner(store: Store, registration: Registration) -> None:
    machines = [await Signer.enrolled(store, f"m{number}") for number in range(10)]
    results = await asyncio.gather(
        *(registration.register(machine.request("wanted")) for machine in machines), return_exceptions=True
    )
    assert [type(result) for result in results if isinstance(result, Exception)] == [Conflict] * 9
