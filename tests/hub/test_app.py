import asyncio
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs

import aiohttp
import pytest

from airchat.protocol.errors import RateLimited, Unavailable
from airchat.protocol.principals import CredentialKind
from airchat.protocol.timestamps import DAY
from hub.administration import administration
from hub.app import running_hub
from hub.core.codes import code_hash
from hub.core.credentials import KEPT
from hub.jobs import every, stop
from hub.settings import SettingsError
from tests.hub.api.site import Caller, Site, running_site, settings_for
from tests.hub.core.fakes import FakeClock
from tests.waiting import eventually


async def test_first_start_makes_the_default_channels_once(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, store={"url": None}, hub={"default_channels": ("general", "lobby")})
    async with running_hub(settings) as hub:
        assert {channel.name for channel in hub.cases.directory.channels()} == {"general", "lobby"}
    async with running_hub(settings_for(tmp_path, store={"url": None})) as hub:
        assert {channel.name for channel in hub.cases.directory.channels()} == {"general", "lobby"}


async def test_state_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    async with administration(settings_for(tmp_path / "state")):
        pass
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / "links.secret").stat().st_mode) == 0o600


async def test_what_was_answered_survives_a_stop(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, store={"url": None})
    async with running_site(settings) as site:
        ann = await site.caller("ann")
        sent = await ann.post("/api/v2/messages", {"channel": "general", "content": "kept"})
    async with running_site(settings) as site:
        read = await Caller(site, ann.principal, ann.key).get("/api/v2/messages", channel="general")
        [kept] = read.data["messages"]
        assert sent.data["message"].items() <= kept.items()


async def test_hubs_with_one_state_directory_open_each_others_links(tmp_path: Path) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"x"

    settings = settings_for(tmp_path, store={"url": None})
    async with administration(settings) as one, administration(settings) as other:
        file = (await one.cases.files.put(one.actor, "general", "a.txt", content())).file
        signed = parse_qs(one.cases.files.sign(file))
        expires, signature = int(signed["expires"][0]), signed["signature"][0]
        found = await other.cases.files.find_signed(file.path, expires, signature)
        assert [piece async for piece in other.cases.files.read(found)] == [b"x"]


async def test_stop_waits_for_requests_in_flight(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, store={"url": None})
    answers: list[asyncio.Task[int]] = []

    async def post(caller: Caller, number: int) -> int:
        try:
            answer = await caller.post("/api/v2/messages", {"channel": "general", "content": str(number)})
        except aiohttp.ClientError:
            return 0
        return answer.status

    async with aiohttp.ClientSession() as session:
        async with running_hub(settings) as hub:
            ann = await Site(hub, session).caller("ann")
            answers = [asyncio.create_task(post(ann, number)) for number in range(50)]
            await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        statuses = await asyncio.gather(*answers)
    async with administration(settings) as closed:
        page = await closed.cases.messages.read(ann.principal, "general", 200)
    assert len(page.messages) == statuses.count(200) > 0


async def test_address_is_the_public_one_when_there_is_one(tmp_path: Path) -> None:
    async with running_hub(settings_for(tmp_path, hub={"public_url": "https://chat.example/"})) as hub:
        assert hub.address == "https://chat.example"


async def test_what_is_over_for_long_is_forgotten_soon_after_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.app._CLEAN_FIRST_SECONDS", 0.01)
    settings, clock = settings_for(tmp_path, store={"url": None}, irc={"enabled": False}), FakeClock()
    async with administration(settings, clock) as hub:
        await hub.cases.people.create(hub.actor, "ada")
        await hub.cases.people.login_link(hub.actor, "ada")
        code = code_hash(await hub.cases.machines.invite(hub.actor))
    clock.forward(KEPT + DAY)
    async with running_hub(settings, clock=clock) as hub:

        async def gone() -> bool:
            async with hub.store.read("registration") as unit:
                invite = await unit.machines.invite(code)
            return invite is None and await hub.cases.credentials.list(hub.actor, "ada") == []

        await eventually(gone)


async def test_periodic_job_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    enough = asyncio.Event()

    async def work() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            raise RuntimeError("not today")
        enough.set()

    task = asyncio.create_task(every(0.001, work)())
    await asyncio.wait_for(enough.wait(), 5)
    await stop(task)
    assert task.cancelled()
    assert "not today" in caplog.text


async def test_periodic_job_says_once_that_the_hub_stores_nothing_now(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    enough = asyncio.Event()

    async def work() -> None:
        runs.append(len(runs))
        if len(runs) == 7:
            enough.set()
        if len(runs) != 4:
            raise Unavailable("not today")

    task = asyncio.create_task(every(0.001, work)())
    await asyncio.wait_for(enough.wait(), 5)
    await stop(task)
    assert [record.message.endswith("not today") for record in caplog.records] == [True, True]


async def test_logins_are_limited_as_the_settings_say(tmp_path: Path) -> None:
    for sections, hashes in (
        ({"limits": {"read": 0, "write": 0, "login_per_name": 1}}, "$argon2id$v=19$m=65536,"),
        ({"irc": {"port": 0, "limits": "none"}}, "$argon2id$v=19$m=8,"),
    ):
        async with administration(settings_for(tmp_path, **sections)) as hub:
            ada = await hub.cases.accounts.register("ada", "correct horse", "10.0.0.1")
            async with hub.store.read("registration") as unit:
                kept = await unit.credentials.secret_hash(ada.id, CredentialKind.PASSWORD)
            assert kept is not None
            assert kept.startswith(hashes)
            tries = [hub.cases.accounts.by_password("ada", "correct horse", f"10.0.0.{number}") for number in range(3)]
            limited = [isinstance(each, RateLimited) for each in await asyncio.gather(*tries, return_exceptions=True)]
            assert limited.count(True) == (2 if "limits" in sections else 0)


@pytest.mark.parametrize("section", ["http", "irc"])
async def test_taken_port_is_told_with_its_setting_before_anything_is_migrated(tmp_path: Path, section: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = settings_for(tmp_path / "state", store={"url": None}, **{section: {"port": port}})
        with pytest.raises(SettingsError, match=rf"^127\.0\.0\.1:{port} is taken; .* set another {section}\.port$"):
            async with running_hub(settings):
                pass
    assert not settings.hub.state_dir.exists()


async def test_hub_may_serve_irc_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = settings_for(tmp_path, http={"enabled": False, "port": port})
        async with running_hub(settings) as hub:
            reader, writer = await asyncio.open_connection(*hub.irc[0].removeprefix("irc://").rsplit(":", 1))
            writer.write(b"CAP LS 302\r\n")
            assert b"CAP" in await reader.readline()
            writer.close()
            await writer.wait_closed()


def test_irc_alone_starts_without_what_only_others_need(tmp_path: Path) -> None:
    """Every import that is slow delays each start; this one is the quickest there is."""
    program = """
import asyncio, sys
from pathlib import Path
from hub.app import running_hub
from hub.settings import Settings

async def run():
    state = {"state_dir": Path(sys.argv[1])}
    settings = Settings.model_validate({"hub": state, "http": {"enabled": False}, "irc": {"port": 0}})
    async with running_hub(settings):
        print(*sorted({"aiohttp", "psycopg", "slack_bolt", "structlog", "rich", "mcp"} & set(sys.modules)))

asyncio.run(run())
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
