"""Channels by the names people use."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bridges.slack import files
from bridges.slack.bridge import web_client
from bridges.slack.channels import Channels
from bridges.slack.files import Uploads
from bridges.slack.users import Users
from hub.relay.contract.errors import ConfigError
from hub.relay.contract.outbound import File
from tests import virtual_time
from tests.fakes.slack import BOT_TOKEN, FakeSlack, Settings
from tests.fakes.slack.limits import Limits


async def test_many_links_by_name_ask_for_the_list_once(slack: FakeSlack) -> None:
    names = [f"#room-{number}" for number in range(30)]
    for name in names:
        slack.create_channel(name, with_app=False)
    channels = Channels(web_client(BOT_TOKEN, slack.api_url))
    found = [await channels.resolve(name) for name in names]
    assert [channel.name for channel in found] == names
    assert len(slack.calls("conversations.list")) == 1
    assert len(slack.calls("conversations.join")) == 30
    assert slack.limits.broken == []


async def test_many_names_that_nobody_has_ask_for_the_list_once(slack: FakeSlack) -> None:
    channels = Channels(web_client(BOT_TOKEN, slack.api_url))
    for number in range(30):
        with pytest.raises(ConfigError, match="no channel"):
            await channels.resolve(f"#room-{number}")
    assert len(slack.calls("conversations.list")) == 1


def test_many_links_by_id_and_many_people_keep_to_slacks_limits() -> None:
    """Each of four starts within two minutes asks for a hundred channels and people."""

    class Client:
        def __init__(self, limits: Limits) -> None:
            self._limits = limits
            self._joined: set[str] = set()

        async def conversations_info(self, channel: str) -> dict[str, Any]:
            self._limits.check("A1", "conversations.info", channel, 50)
            return {"channel": {"id": channel, "is_member": channel in self._joined}}

        async def conversations_join(self, channel: str) -> None:
            self._limits.check("A1", "conversations.join", channel, 50)
            self._joined.add(channel)

        async def users_info(self, user: str) -> dict[str, Any]:
            self._limits.check("A1", "users.info", "", 100)
            return {"user": {}}

        async def usergroups_list(self, **_: object) -> dict[str, Any]:
            return {"usergroups": []}

    async def start(client: Any) -> None:
        channels, users = Channels(client), Users(client)
        for number in range(100):
            await channels.resolve(f"C{number:06d}")
            await users.get(f"U{number}")

    async def story() -> list[str]:
        limits = Limits(Settings(clock=virtual_time.now))
        client = Client(limits)
        for _ in range(4):
            with suppress(TimeoutError):
                async with asyncio.timeout(25.0):
                    await start(client)
        return limits.broken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", virtual_time.now)
        assert virtual_time.run(story()) == []


def test_many_files_and_groups_that_change_keep_to_slacks_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of ten files each, one after the other, and user groups of which one changes before each look."""

    class Client:
        def __init__(self, limits: Limits) -> None:
            self._limits = limits

        async def files_getUploadURLExternal(self, **_: object) -> dict[str, Any]:  # noqa: N802 - Slack's name
            self._limits.check("A1", "files.getUploadURLExternal", "", 100)
            return {"upload_url": "https://files.example", "file_id": "F1"}

        async def users_info(self, **_: object) -> dict[str, Any]:
            return {"user": {}}

        async def usergroups_list(self, **_: object) -> dict[str, Any]:
            self._limits.check("A1", "usergroups.list", "", 20)
            return {"usergroups": []}

    async def sent(*_: object) -> None:
        pass

    async def story() -> list[str]:
        limits = Limits(Settings(clock=virtual_time.now))
        client: Any = Client(limits)
        uploads, users = Uploads(client), Users(client)
        for number in range(300):
            users.forget_groups()
            await users.get("U1")
            await uploads.upload(File(f"{number}.png", "image/png", 1, None, never))
        return limits.broken

    def never() -> AsyncIterator[bytes]:
        raise NotImplementedError

    monkeypatch.setattr(files, "_send", sent)
    monkeypatch.setattr(time, "monotonic", virtual_time.now)
    assert virtual_time.run(story()) == []


async def test_channel_that_is_made_later_is_found_soon(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridges.slack.channels._UNKNOWN_SECONDS", 0.0)
    channels = Channels(web_client(BOT_TOKEN, slack.api_url))
    with pytest.raises(ConfigError, match="no channel #later"):
        await channels.resolve("#later")
    later = slack.create_channel("#later")
    assert (await channels.resolve("later")).id == later.id
    assert later.id in {channel.id for channel in await channels.list()}
