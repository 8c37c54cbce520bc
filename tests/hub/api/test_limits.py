from pathlib import Path

import pytest

from airchat.protocol.errors import RateLimited
from hub.api.endpoint import Bucket
from hub.api.limits import RateWindows
from tests.hub.api.site import Site, running_site, settings_for


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_window_slides() -> None:
    clock = Clock()
    windows = RateWindows({Bucket.READ: 2, Bucket.WRITE: 1}, clock)
    windows.hit(Bucket.READ, "ann")
    clock.now += 20
    windows.hit(Bucket.READ, "ann")
    with pytest.raises(RateLimited) as caught:
        windows.hit(Bucket.READ, "ann")
    assert caught.value.retry_after == 40
    windows.hit(Bucket.WRITE, "ann")
    windows.hit(Bucket.READ, "bob")
    clock.now += 40
    windows.hit(Bucket.READ, "ann")
    with pytest.raises(RateLimited) as caught:
        windows.hit(Bucket.READ, "ann")
    assert caught.value.retry_after == 20


def test_idle_windows_are_forgotten() -> None:
    windows = RateWindows({Bucket.READ: 1}, Clock())
    for number in range(10_001):
        windows.hit(Bucket.READ, str(number))
    assert len(windows._hits) == 10_000
    windows.hit(Bucket.READ, "0")


async def test_requests_are_limited_by_bucket_and_caller(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, limits={"read": 3, "write": 2, "upkeep": 3})) as site:
        ann, bob = await site.caller("ann"), await site.caller("bob")
        assert [(await ann.get("/api/v2/board")).status for _ in range(4)] == [200, 200, 200, 429]
        body = {"channel": "general", "content": "x"}
        answers = [await ann.post("/api/v2/messages", body) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].body["error"] == "Rate limit exceeded. Try again later."
        assert answers[2].headers["Retry-After"] == str(answers[2].body["retry_after"])
        assert (await bob.get("/api/v2/board")).status == 200
        mine = f"/api/v2/messages/{answers[0].data['message']['id']}"
        edits = [(await ann.ask("PATCH", mine, json={"content": f"x {number}"})).status for number in range(3)]
        presence = await ann.post("/api/v2/presence", {"status": "at work"})
        assert [*edits, presence.status] == [200, 200, 200, 429], "how work goes is counted apart"
        assert (await ann.ask("POST", "/api/v2/messages", data=b"{")).status == 400  # no JSON is not counted
        assert (await ann.get("/api/files", path="general/1-x")).status == 404  # files are not limited


@pytest.mark.parametrize("door", ["register", "login", "join"])
async def test_all_addresses_of_a_network_are_one(site: Site, door: str) -> None:
    key = "a" * 64
    body = {"name": "ada", "password": "wrong horse", "code": "ABCD-EFGH-JKMN", "machine_name": "m", "public_key": key}

    async def ask(address: str, name: str) -> int:
        tried = body | {"name": name} if door == "login" else body
        return (await site.ask("POST", f"/api/v2/{door}", json=tried, headers={"X-Real-IP": address})).status

    tried = [await ask(f"2001:db8:0:1::{number:x}", f"ada-{number}") for number in range(11)]
    assert 429 not in tried[:10]
    assert tried[10] == 429
    assert await ask("2001:db8:0:2::1", "ada") != 429
