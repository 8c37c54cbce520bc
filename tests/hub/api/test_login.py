import re

import pytest

from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Caller, Site


async def admin(site: Site) -> Caller:
    return await site.caller("boss", Role.OWNER, Kind.PERSON)


async def test_link_becomes_a_token_once(site: Site) -> None:
    owner = await admin(site)
    link = (await owner.post("/api/v2/people/boss/login-link")).data["url"]
    path = link.removeprefix(site.hub.address)

    opened = await site.ask("GET", path)
    used = await site.ask("POST", path)
    again = await site.ask("POST", path)

    assert (opened.status, used.status, again.status) == (200, 200, 401)
    assert used.headers["Cache-Control"] == "no-store"
    [token] = set(re.findall(r"act_[0-9a-f]{64}", used.body.decode()))
    who = await site.ask("GET", "/api/v2/whoami", headers={"Authorization": f"Bearer {token}"})
    assert who.data["agent"]["name"] == "boss"
    assert token not in again.body.decode()


async def test_unknown_link_gets_a_page_that_says_what_to_do(site: Site) -> None:
    answer = await site.ask("POST", "/login/never-made")
    assert answer.status == 401
    assert b"airchat-hub people login" in answer.body


async def test_password_becomes_a_token(site: Site) -> None:
    owner = await admin(site)
    await owner.post("/api/v2/people", {"name": "ada", "password": "correct horse battery"})

    wrong = await site.ask("POST", "/api/v2/login", json={"name": "ada", "password": "correct horse"})
    unknown = await site.ask("POST", "/api/v2/login", json={"name": "eve", "password": "correct horse"})
    right = await site.ask("POST", "/api/v2/login", json={"name": "ada", "password": "correct horse battery"})

    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)
    assert wrong.status == 401
    assert (right.status, right.body["name"]) == (200, "ada")
    who = await site.ask("GET", "/api/v2/whoami", headers={"Authorization": f"Bearer {right.body['secret']}"})
    assert who.data["agent"]["name"] == "ada"


async def test_guest_logs_in_too(site: Site) -> None:
    owner = await admin(site)
    await owner.post("/api/v2/people", {"name": "gus", "role": "guest", "password": "correct horse battery"})
    link = (await owner.post("/api/v2/people/gus/login-link")).data["url"].removeprefix(site.hub.address)

    right = await site.ask("POST", "/api/v2/login", json={"name": "gus", "password": "correct horse battery"})
    used = await site.ask("POST", link)

    assert (right.status, used.status) == (200, 200)
    who = await site.ask("GET", "/api/v2/whoami", headers={"Authorization": f"Bearer {right.body['secret']}"})
    assert who.data["agent"]["role"] == "guest"


async def test_log_of_a_failure_does_not_hold_the_link(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the store is on fire")

    monkeypatch.setattr(type(site.hub.cases.people), "use_login_link", broken)
    assert (await site.ask("POST", "/login/verysecretlink")).status == 500
    assert "POST /login/{secret} failed" in caplog.text
    assert "verysecretlink" not in caplog.text


async def test_password_is_changed_by_its_owner_and_by_admins(site: Site) -> None:
    owner = await admin(site)
    old, new, newest = "correct horse battery", "battery staple", "staple correct"
    await owner.post("/api/v2/people", {"name": "ada", "password": old})
    secret = (await site.ask("POST", "/api/v2/login", json={"name": "ada", "password": old})).body["secret"]
    ada = {"Authorization": f"Bearer {secret}"}
    path = "/api/v2/people/ada/password"

    async def status(password: str) -> int:
        return (await site.ask("POST", "/api/v2/login", json={"name": "ada", "password": password})).status

    bare = await site.ask("PUT", path, json={"password": new}, headers=ada)
    wrong = await site.ask("PUT", path, json={"password": new, "old": "x"}, headers=ada)
    right = await site.ask("PUT", path, json={"password": new, "old": old}, headers=ada)
    other = await site.ask("PUT", "/api/v2/people/boss/password", json={"password": new}, headers=ada)
    assert (bare.status, wrong.status, right.status, other.status) == (400, 403, 200, 403)
    assert (await status(old), await status(new)) == (401, 200)

    assert (await owner.ask("PUT", path, json={"password": newest})).status == 200
    assert (await status(new), await status(newest)) == (401, 200)
    assert (await site.ask("GET", "/api/v2/whoami", headers=ada)).status == 200
