"""What holds for every row of the table."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from airchat.protocol.errors import HubError
from airchat.protocol.principals import Kind, Role
from hub.api.docs import docs_body
from hub.api.endpoint import Endpoint
from hub.api.endpoints import TABLE
from hub.api.openapi import document
from hub.core.permissions import MATRIX
from tests.hub.api.site import Site

ID = "00000000-0000-4000-8000-000000000000"
VALUES = {
    "id": ID,
    "name": "nobody",
    "machine": "nowhere",
    "emoji": "x",
    "approval": "00000000",
    "path": "general/1-a",
    "secret": "none",
}
GUARDED = [endpoint for endpoint in TABLE if endpoint.authenticated]
PERMITTED = [endpoint for endpoint in TABLE if endpoint.action]


def place(endpoint: Endpoint) -> str:
    return re.sub(r"{(\w+)[^}]*}", lambda match: VALUES[match.group(1)], endpoint.path)


def test_operations_have_names_of_their_own() -> None:
    assert len({endpoint.name for endpoint in TABLE}) == len({(it.method, it.path) for it in TABLE}) == len(TABLE)


def test_document_is_valid_openapi() -> None:
    described = document(TABLE, title="Hub", version="1")
    OpenAPIV31SpecValidator(described).validate()
    assert set(described["components"]["schemas"]) >= {"MessageRow", "TaskRow", "Error"}


def test_every_endpoint_is_documented() -> None:
    described = document(TABLE, title="Hub", version="1")
    page, text = docs_body(described), str(described)
    assert [name for name in described["components"]["schemas"] if f"#/components/schemas/{name}" not in text] == []
    for endpoint in TABLE:
        path = re.sub(r"{(\w+):[^}]*}", r"{\1}", endpoint.path)
        operation = described["paths"][path][endpoint.method.lower()]
        assert operation["summary"] == endpoint.summary
        assert set(re.findall(r"{(\w+)", path)) <= {item["name"] for item in operation["parameters"]}
        assert f'id="{endpoint.name}"' in page


def test_documented_errors_are_those_of_the_tree() -> None:
    def statuses(kind: type[HubError]) -> set[int]:
        return {kind.status}.union(*(statuses(sub) for sub in kind.__subclasses__()))

    assert {status for endpoint in TABLE for status in endpoint.statuses} <= statuses(HubError)


async def test_strangers_get_one_answer(site: Site) -> None:
    missing, wrong = set(), set()
    for endpoint in GUARDED:
        path = place(endpoint) + ("?path=general/1-a" if endpoint.checks_first else "")
        answer = await site.ask(endpoint.method, path)
        missing.add((answer.status, answer.body["error"]))
        for headers in ({"x-agent-api-key": "0" * 64}, {"Authorization": "Bearer act_wrong"}):
            answer = await site.ask(endpoint.method, path, headers=headers)
            wrong.add((answer.status, answer.body["error"]))
    assert missing == {(401, "Missing x-agent-api-key header")}
    assert wrong == {(401, "Invalid API key")}


@pytest.mark.parametrize("role", list(Role))
async def test_role_decides(site: Site, role: Role) -> None:
    caller = await site.caller("kim", role, Kind.PERSON)
    answers = {it.name: await caller.ask(it.method, place(it), json={}) for it in PERMITTED}
    refused = {name for name, answer in answers.items() if answer.status == 403}
    assert refused == {it.name for it in PERMITTED if it.action and role not in MATRIX[it.action]}


async def test_reading_token_cannot_write(site: Site) -> None:
    reader = await site.caller("reader", Role.OWNER, Kind.PERSON, scope="read")
    endpoints = [it for it in GUARDED if it.media != "text/event-stream"]
    answers = {it.name: await reader.ask(it.method, place(it), json={}) for it in endpoints}
    text = {"error": "This token may only read", "code": "forbidden"}
    refused = {name for name, answer in answers.items() if answer.status == 403 and answer.body == text}
    assert refused == {it.name for it in endpoints if it.method != "GET"} - {"post_api_files"}


async def test_options_and_head_are_harmless(site: Site) -> None:
    for endpoint in TABLE:
        options = await site.ask("OPTIONS", place(endpoint))
        assert options.status == 204
        assert endpoint.method in options.headers["Allow"]
        head = await site.ask("HEAD", place(endpoint))
        assert head.status == (200 if endpoint.tag == "health" else 405)


@pytest.mark.parametrize("path", ["/nothing", "/api/v2/nothing", "/api/v2/messages/"])
async def test_unknown_path_is_json(site: Site, path: str) -> None:
    answer = await site.ask("GET", path)
    assert (answer.status, answer.body) == (404, {"error": "Not found", "code": "not_found"})


async def test_wrong_method_is_json_and_names_the_right_ones(site: Site) -> None:
    answer = await site.ask("DELETE", "/api/v2/messages")
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, OPTIONS, POST"


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/healthz", "/readyz", "/nothing", "/api/v2/board"])
async def test_answers_carry_safe_headers(site: Site, path: str) -> None:
    answer = await site.ask("GET", path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "AirChat Hub"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
