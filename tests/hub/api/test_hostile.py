"""Whatever is sent, the answer is a 4xx that names what is wrong, and never an internal error."""

import io
import re
from typing import Any

import pytest

from airchat.protocol.names import CHANNEL_RULE
from airchat.protocol.principals import Role
from hub.api.endpoint import Empty, Endpoint
from hub.api.endpoints import TABLE
from tests.hub.api.site import Caller, Site
from tests.hub.api.test_endpoints import place

WRONG: tuple[Any, ...] = (
    True,
    0,
    -1,
    1.5,
    10**30,
    [],
    {},
    [[]],
    [None],
    {"a": []},
    "",
    " ",
    "\x00",
    "a\x00b",
    "é" * 70_000,
    "../..",
    "' or 1=1 --",
)
TEXTS = (
    "",
    " ",
    "%00",
    "a%00b",
    "-1",
    "99999999999999999999999",
    "NaN",
    "../../etc/passwd",
    "'%20or%201=1",
    "%ff",
    "%F0%9F%98%80",
    "*",
    '"',
)
WITH_BODY = [it for it in TABLE if it.body is not None]
WITH_QUERY = [it for it in TABLE if it.query is not Empty and it.media != "text/event-stream"]
GOOD: dict[str, Any] = {
    "channel": "general",
    "content": "x",
    "title": "x",
    "target_agent": "bob",
    "filename": "a.txt",
    "folder": "general",
    "action": "claim",
    "label": "x",
    "name": "someone",
    "mention_ids": ["00000000-0000-4000-8000-000000000000"],
    "item_ids": [],
    "active": True,
    "code": "x",
    "machine_name": "box",
    "public_key": "0" * 64,
    "admin_secret": "x",
}


def expected(status: int) -> bool:
    return status == 200 or 400 <= status < 500 or status == 501


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=[it.name for it in WITH_BODY])
async def test_wrong_field_is_never_an_internal_error(site: Site, endpoint: Endpoint) -> None:
    owner = await site.caller("olga", Role.OWNER)
    assert endpoint.body
    answers = {}
    for name in endpoint.body.model_fields:
        for value in WRONG:
            body = {key: GOOD[key] for key in endpoint.body.model_fields if key in GOOD} | {name: value}
            answer = await owner.ask(endpoint.method, place(endpoint), json=body)
            answers[name, repr(value)[:30]] = answer.status
            if answer.status == 400:
                assert answer.body["error"]
                assert "String should match" not in answer.body["error"]
    assert {case: status for case, status in answers.items() if not expected(status)} == {}


@pytest.mark.parametrize(
    "body", [{"content": "a\0b"}, {"content": "\0"}, {"content": "x", "metadata": {"a": ["\0"]}}, {"content": "\0 "}]
)
async def test_nul_is_named(ann: Caller, body: dict[str, Any]) -> None:
    answer = await ann.ask("POST", "/api/v2/messages", json={"channel": "general", **body})
    assert (answer.status, answer.body["field"]) == (400, "metadata" if "metadata" in body else "content")
    assert answer.body["error"].endswith("must not contain NUL characters")


@pytest.mark.parametrize("endpoint", WITH_QUERY, ids=[it.name for it in WITH_QUERY])
async def test_wrong_query_is_never_an_internal_error(ann: Caller, endpoint: Endpoint) -> None:
    answers = {}
    for name in endpoint.query.model_fields:
        for text in TEXTS:
            good = "&".join(f"{key}={GOOD[key]}" for key in endpoint.query.model_fields if key in GOOD and key != name)
            answers[name, text] = (await ann.ask(endpoint.method, f"{place(endpoint)}?{name}={text}&{good}")).status
    assert {case: status for case, status in answers.items() if not expected(status)} == {}


@pytest.mark.parametrize(
    "endpoint", [it for it in TABLE if "{" in it.path], ids=[it.name for it in TABLE if "{" in it.path]
)
async def test_wrong_path_is_never_an_internal_error(ann: Caller, endpoint: Endpoint) -> None:
    answers = {}
    for text in ("%00", "a%00", "..", "%2e%2e", "%ff", "x" * 5_000, "A", "'", "%F0%9F%98%80", "%25", "%0a"):
        path = re.sub(r"{[^}]*}", text, endpoint.path)
        answers[text] = (await ann.ask(endpoint.method, path, json={})).status
    assert {case: status for case, status in answers.items() if not expected(status)} == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"channel": "general", "content": "\\ud800"}',
        b'{"channel": "general", "content": NaN}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
    ],
)
async def test_what_is_no_json_object_is_refused(ann: Caller, body: bytes) -> None:
    answer = await ann.ask("POST", "/api/v2/messages", data=body)
    assert (answer.status, answer.body["error"]) == (400, "Invalid JSON body")


async def test_body_beyond_its_limit_is_refused(ann: Caller) -> None:
    answer = await ann.ask("POST", "/api/v2/messages", data=io.BytesIO(b"x" * (1024 * 1024 + 1)))
    assert (answer.status, answer.body["code"]) == (413, "too_large")

    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await ann.ask("POST", "/api/v2/messages", data=pieces())
    assert (answer.status, answer.body["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "text", "field"),
    [
        ({"content": "x"}, CHANNEL_RULE, "channel"),
        ({"channel": "UPPER", "content": "x"}, CHANNEL_RULE, "channel"),
        ({"channel": "general", "content": None}, "Content is required", "content"),
        ({"channel": "general", "content": "  "}, "Content is required", "content"),
        (
            {"channel": "general", "content": "x", "parent_message_id": "1"},
            "Invalid parent_message_id (expected UUID)",
            "parent_message_id",
        ),
        (
            {"channel": "general", "content": "x", "metadata": []},
            "metadata: Input should be a valid dictionary",
            "metadata",
        ),
        (
            {"channel": "general", "content": "x", "metadata": {"a": 2**63}},
            "metadata: integers must fit into 64 bits",
            "metadata",
        ),
    ],
)
async def test_refusal_names_field_and_rule(ann: Caller, body: dict[str, Any], text: str, field: str) -> None:
    answer = await ann.post("/api/v2/messages", body)
    assert (answer.status, answer.body["error"], answer.body["field"]) == (400, text, field)


async def test_null_is_absent_and_unknown_fields_are_ignored(ann: Caller) -> None:
    body = {"channel": "general", "content": "x", "parent_message_id": None, "metadata": None, "extra": 1}
    assert (await ann.post("/api/v2/messages", body)).status == 200
    assert (await ann.get("/api/v2/messages", channel="general", extra="1")).status == 200


async def test_get_may_say_it_is_json_and_delete_may_have_a_body(ann: Caller) -> None:
    assert (await ann.ask("GET", "/api/v2/board", headers={"Content-Type": "application/json"})).status == 200
    assert (await ann.ask("DELETE", "/api/v2/channels/general/members/me", json={"a": 1})).status in {200, 404, 409}
