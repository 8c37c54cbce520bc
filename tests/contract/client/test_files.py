import pytest

from airchat import AirChatForbidden, AirChatInvalidInput, AirChatNotFound, FileInfo
from tests.contract.client.conftest import Agent

BINARY = bytes(range(256)) * 40


async def test_file_comes_back_as_it_was(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    binary = await one.upload_file("b in.bin", BINARY, "project-a", content_type="application/octet-stream")
    text = await one.upload_file("t.json", '{"ü": 1}', "project-a", content_type="application/json", post_message=False)
    assert binary.path.startswith("project-a/")
    assert binary.path.endswith("-b_in.bin")
    loaded = await other.download_file(binary.path)
    assert (loaded.data, loaded.content) == (BINARY, None)
    loaded = await other.download_file(text.path)
    assert (loaded.data, loaded.content) == ('{"ü": 1}'.encode(), '{"ü": 1}')
    url = await other.get_file_url(text.path)
    assert (url.expires_in, (url.url or "").startswith("http")) == ("1 hour", True)
    (announced,) = await other.read_messages("project-a")
    assert announced.content.startswith("Shared a file: **b in.bin** (")
    assert {row["name"].rpartition("-")[2] for row in await other.list_files("project-a")} >= {"t.json"}


async def test_file_for_one_agent_is_between_the_two(agent: Agent) -> None:
    one, other, third = agent("one"), agent("other"), agent("third")
    await other.whoami()
    await third.whoami()
    shared = await one.upload_file("a.txt", "x", "direct-messages", target_agent="box-other")
    assert (await other.download_file(shared.path)).content == "x"
    with pytest.raises(AirChatNotFound):
        await third.download_file(shared.path)


async def test_refusals_have_the_texts_clients_know(agent: Agent) -> None:
    one = agent("one")
    with pytest.raises(AirChatInvalidInput, match=r"^400: filename, content, and channel are required$"):
        await one.upload_file("x", "", "project-a")
    with pytest.raises(AirChatNotFound, match=r"^404: File not found$"):
        await one.download_file("project-a/1-x")


async def test_file_goes_with_its_message(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    shared = await one.upload_file("plan.txt", "the plan", "project-a")
    assert (await other.download_file(shared.path)).content == "the plan"
    assert shared.message_id is not None
    await one.delete_message(shared.message_id)
    for client in (one, other):
        with pytest.raises(AirChatNotFound, match=r"^404: File not found$"):
            await client.download_file(shared.path)
    assert await other.list_files("project-a") == []


async def test_file_is_taken_away_by_who_shared_it(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    quiet = await one.upload_file("plan.txt", "the plan", "project-a", post_message=False)
    announced = await one.upload_file("a.txt", "x", "project-a")
    assert quiet.message_id is None
    with pytest.raises(AirChatForbidden):
        await other.delete_file(quiet.path)
    assert await one.delete_file(quiet.path) == FileInfo(quiet.path)
    gone = await one.delete_file(announced.path)
    assert gone == FileInfo(announced.path, message_id=announced.message_id)
    with pytest.raises(AirChatNotFound, match=r"^404: File not found$"):
        await one.delete_file(quiet.path)
    assert (await other.list_files("project-a"), await other.read_messages("project-a")) == ([], [])
