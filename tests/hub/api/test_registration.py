import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from airchat.protocol.principals import Kind, Role
from airchat.protocol.signing import Registration
from tests.hub.api.site import Answer, Caller, Site, running_site, settings_for

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
COUNT = iter(range(1_000_000))


def request_of(agent: str, derived: str, machine: str = "box", **changes: Any) -> dict[str, Any]:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    key_hash = hashlib.sha256(derived.encode()).hexdigest()
    signed = Registration(machine, agent, key_hash, changes.pop("timestamp", stamp), f"{next(COUNT):032x}")
    fields = {name: getattr(signed, name) for name in signed.__slots__}
    signature = base64.b64encode(KEY.sign(signed.signed_bytes()[0])).decode()
    return fields | {"signature": signature} | changes


async def register(site: Site, agent: str, derived: str, **changes: Any) -> Answer:
    headers = changes.pop("headers", {})
    return await site.ask("POST", "/api/v2/register", json=request_of(agent, derived, **changes), headers=headers)


@pytest.fixture
async def owner(site: Site) -> Caller:
    owner = await site.caller("olga", Role.OWNER, Kind.PERSON)
    await site.hub.cases.machines.add(owner.principal, "box", PUBLIC)
    return owner


async def test_registered_agent_can_call(site: Site, owner: Caller) -> None:
    answer = await register(site, "Box_My.Project", "1" * 64)
    assert answer.status == 200
    assert set(answer.body) == {"agent_id", "agent_name"}
    assert answer.body["agent_name"] == "box-my-project"
    me = await site.ask("GET", "/api/v2/whoami", headers={"x-agent-api-key": "1" * 64})
    assert (me.data["agent"]["name"], me.data["agent"]["machine"], me.data["scope"]) == (
        "box-my-project",
        "box",
        "write",
    )
    again = await register(site, "Box_My.Project", "2" * 64)
    assert again.body == answer.body
    assert (await site.ask("GET", "/api/v2/whoami", headers={"x-agent-api-key": "1" * 64})).status == 401
    assert (await site.ask("GET", "/api/v2/whoami", headers={"Authorization": f"Bearer {'2' * 64}"})).status == 200


async def test_refusals_are_identical(site: Site, owner: Caller) -> None:
    refused = [
        await register(site, "box-a", "1" * 64, signature="AAAA"),
        await register(site, "box-a", "1" * 64, machine="other"),
        await register(site, "box-a", "1" * 64, timestamp="2020-01-01T00:00:00Z"),
    ]
    assert {(it.status, it.body["error"]) for it in refused} == {(403, "Registration failed")}


async def test_addresses_are_counted_before_the_body_is_read(site: Site, owner: Caller) -> None:
    answers = [await site.ask("POST", "/api/v2/register", data=b"{") for _ in range(11)]
    assert [answer.status for answer in answers] == [400] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) in range(1, 61)
    other = await register(site, "box-a", "1" * 64, headers={"X-Forwarded-For": "10.0.0.9, 203.0.113.5"})
    assert other.status == 200


async def test_lines_that_the_client_wrote_before_the_proxys_are_not_believed(site: Site) -> None:
    answers = [
        await site.ask(
            "POST",
            "/api/v2/register",
            data=b"{",
            headers=[("X-Forwarded-For", f"10.0.0.{number}"), ("X-Forwarded-For", "203.0.113.5")],
        )
        for number in range(11)
    ]
    assert answers[-1].status == 429


async def test_address_told_by_a_stranger_is_not_believed(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, http={"port": 0, "trusted_proxies": ()})) as site:
        answers = [
            await site.ask("POST", "/api/v2/register", data=b"{", headers={"X-Real-IP": f"10.0.0.{number}"})
            for number in range(11)
        ]
        assert answers[-1].status == 429


async def test_machine_joins_with_a_code_once(site: Site, owner: Caller) -> None:
    invitation = (await owner.post("/api/v2/machines/invites", {"machine_name": None})).data
    assert invitation["expires_in"] == 3600
    assert invitation["code"] in invitation["command"]
    body = {"code": invitation["code"], "machine_name": "laptop", "public_key": "a" * 64}
    joined = await site.ask("POST", "/api/v2/join", json=body)
    assert (joined.status, joined.body) == (200, {"machine_name": "laptop", "registered": True})
    other = body | {"public_key": "b" * 64}
    assert (await site.ask("POST", "/api/v2/join", json=other)).status == 403
    names = [machine["name"] for machine in (await owner.get("/api/v2/machines")).data["machines"]]
    assert names == ["box", "laptop"]


async def test_revoked_machine_takes_its_agents_keys_along(site: Site, owner: Caller) -> None:
    await register(site, "box-a", "1" * 64)
    key = {"x-agent-api-key": "1" * 64}
    assert (await site.ask("GET", "/api/v2/whoami", headers=key)).status == 200
    assert (await owner.ask("DELETE", "/api/v2/machines/box")).data["machine"]["active"] is False
    assert (await site.ask("GET", "/api/v2/whoami", headers=key)).status == 401


async def test_enrolment_by_secret_is_off_without_one(site: Site) -> None:
    body = {"machine_name": "box", "public_key": PUBLIC, "admin_secret": "x"}
    answer = await site.ask("POST", "/api/v2/admin/register-machine", json=body)
    assert (answer.status, answer.body["error"]) == (501, "Machine registration is not enabled on this server")


async def test_enrolment_by_secret(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, auth={"admin_secret": "sesame"})) as site:
        body = {"machine_name": "box", "public_key": PUBLIC, "admin_secret": "wrong"}
        answer = await site.ask("POST", "/api/v2/admin/register-machine", json=body)
        assert (answer.status, answer.body["error"]) == (403, "Invalid admin secret")
        answer = await site.ask("POST", "/api/v2/admin/register-machine", json=body | {"admin_secret": "sesame"})
        assert (answer.status, answer.body) == (200, {"machine_name": "box", "registered": True})
        assert (await register(site, "box-a", "1" * 64)).status == 200
