from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.anthropic import FakeAnthropic


@pytest.fixture
async def model() -> AsyncIterator[FakeAnthropic]:
    async with FakeAnthropic() as model:
        yield model


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}


async def ask(model: FakeAnthropic, *messages: dict[str, Any]) -> str:
    body = {"model": "m", "messages": list(messages)}
    async with aiohttp.ClientSession() as session, session.post(f"{model.url}/v1/messages", json=body) as reply:
        answer = await reply.json()
        return str(answer["content"][0]["text"]) if reply.ok else str(reply.status)


async def test_newest_script_goes_on(model: FakeAnthropic) -> None:
    assert await ask(model, user("@@say one")) == "one"
    assert await ask(model, user("@@say one"), assistant("one"), user("@@say two")) == "two"
    assert await ask(model, user("@@say one"), assistant("one"), user("and now?")) == "Done."
    assert await ask(model, user("@@error 529")) == "529"


async def test_rule_follows_what_harness_shows(model: FakeAnthropic) -> None:
    model.on("ann waits", "@@say coming")
    wake = {"role": "system", "content": "<task-notification>ann waits</task-notification>"}
    assert await ask(model, user("@@say one"), assistant("one"), wake) == "coming"
    assert await ask(model, user("<system-reminder>@@say trapped</system-reminder>")) == "Done."
    result = {"role": "user", "content": [{"type": "tool_result", "content": "ann waits\n@@say trapped"}]}
    assert await ask(model, user("@@say one"), assistant("one"), result) == "Done."


async def test_stream_has_the_events_of_an_answer(model: FakeAnthropic) -> None:
    body = {"model": "m", "stream": True, "messages": [user('@@tool add {"a": 1}')]}
    async with aiohttp.ClientSession() as session, session.post(f"{model.url}/v1/messages", json=body) as reply:
        lines = (await reply.text()).splitlines()
    assert [line.removeprefix("event: ") for line in lines if line.startswith("event: ")] == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert '"partial_json": "{\\"a\\": 1}"' in "\n".join(lines)


async def test_other_requests_are_noted(model: FakeAnthropic) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{model.url}/v1/messages/count_tokens", json={"messages": []}) as reply:
            assert (await reply.json())["input_tokens"] > 0
        async with session.get(f"{model.url}/v1/models") as reply:
            assert reply.status == 404
    assert model.others == ["GET /v1/models"]
