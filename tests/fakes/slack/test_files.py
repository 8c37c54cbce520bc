"""Uploads and downloads."""

import io
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import BOT_TOKEN, FakeSlack

from .conftest import Bot

GENERAL = "#general"


async def fetch(url: str, token: str = BOT_TOKEN) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        return response.status, response.content_type, await response.read()


async def test_upload_by_the_sdk(slack: FakeSlack, bot: Bot, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    root = await slack.person("alice").say(GENERAL, "logs?")
    answer = await web.files_upload_v2(
        channel=channel,
        filename="log.txt",
        content="line\n",
        title="The log",
        initial_comment="here",
        thread_ts=root.ts,
        username="claude",
    )
    await slack.settled()

    assert set(answer["files"][0]) == {"id", "title"}
    assert slack.transcript(GENERAL)[1] == ("claude", "here", "logs?")
    file = (await web.files_info(file=answer["files"][0]["id"]))["file"]
    (share,) = file["shares"]["public"][channel]
    assert (share["ts"], share["thread_ts"]) == (slack.messages(GENERAL)[1].ts, root.ts)
    assert await fetch(file["url_private"]) == (200, "text/plain", b"line\n")
    assert await fetch(file["url_private_download"]) == (200, "text/plain", b"line\n")
    assert bot.events()[1]["subtype"] == "file_share"
    assert bot.events("file_shared")[0]["file_id"] == file["id"]


async def test_file_of_a_person(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("alice").upload(GENERAL, "cat.png", b"\x89PNG", text="look")
    await slack.settled()

    (event,) = bot.events()
    (file,) = event["files"]
    assert (event["subtype"], event["text"], file["name"], file["size"]) == ("file_share", "look", "cat.png", 4)
    assert await fetch(file["url_private"]) == (200, "image/png", b"\x89PNG")


@pytest.mark.parametrize("reason", ["token", "scope"])
async def test_stranger_gets_the_login_page_with_status_200(slack: FakeSlack, bot: Bot, reason: str) -> None:
    if reason == "scope":
        slack.app.scopes.discard("files:read")
    await slack.person("alice").upload(GENERAL, "cat.png", b"\x89PNG")
    await slack.settled()
    url = bot.events()[0]["files"][0]["url_private"]
    status, kind, body = await fetch(url, "xoxb-wrong" if reason == "token" else BOT_TOKEN)

    assert (status, kind) == (200, "text/html")
    assert b"Sign in" in body


async def test_several_files_make_one_message(slack: FakeSlack, web: AsyncWebClient) -> None:
    uploads: list[dict[str, Any]] = [{"filename": f"{n}.txt", "content": str(n)} for n in range(2)]
    await web.files_upload_v2(channel=slack.channel(GENERAL).id, file_uploads=uploads)

    (message,) = slack.messages(GENERAL)
    assert [(file.name, file.content) for file in message.files] == [("0.txt", b"0"), ("1.txt", b"1")]


async def test_completing_needs_the_bytes(slack: FakeSlack, web: AsyncWebClient) -> None:
    got = await web.files_getUploadURLExternal(filename="x.txt", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await web.files_completeUploadExternal(
            files=[{"id": got["file_id"], "title": "x"}], channel_id=slack.channel(GENERAL).id
        )
    form = aiohttp.FormData({"file": io.BytesIO(b"abc")})
    async with aiohttp.ClientSession() as session, session.post(got["upload_url"], data=form) as response:
        assert await response.text() == "OK - 3"


async def test_deleted_file_is_gone(slack: FakeSlack, web: AsyncWebClient) -> None:
    answer = await web.files_upload_v2(channel=slack.channel(GENERAL).id, filename="x.txt", content="x")
    file_id = answer["files"][0]["id"]
    url = (await web.files_info(file=file_id))["file"]["url_private"]
    await web.files_delete(file=file_id)

    assert (await fetch(url))[0] == 404
    with pytest.raises(SlackApiError, match="file_deleted"):
        await web.files_info(file=file_id)


async def test_avatars_are_pictures(slack: FakeSlack, web: AsyncWebClient) -> None:
    user = (await web.users_info(user=slack.person("alice").id))["user"]

    assert (await fetch(user["profile"]["image_72"]))[1] == "image/png"
