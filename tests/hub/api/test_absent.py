import pytest

from tests.hub.api.site import Caller


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("GET", "/api/v2/notes?slug=plan&channel=general", "notes"),
        ("POST", "/api/v2/notes", "notes"),
        ("GET", "/api/v2/notes/backlinks?slug=plan", "notes"),
        ("GET", "/api/v2/gossip/peers", "federation with other hubs"),
        ("POST", "/api/v2/channels/summarize", "summaries"),
        ("POST", "/api/v2/channels/read", "read cursors"),
        ("GET", "/api/v2/channels/read?channel=general", "read cursors"),
    ],
)
async def test_client_is_told_what_the_hub_does_not_offer(ann: Caller, method: str, path: str, what: str) -> None:
    answer = await ann.ask(method, path, json={"channel": "general"} if method == "POST" else None)
    told = {"error": f"This hub does not offer {what}", "code": "not_enabled"}
    assert (answer.status, answer.body) == (501, told)
    assert "Retry-After" not in answer.headers


async def test_channels_may_be_called_as_what_is_not_offered(ann: Caller) -> None:
    for name in ("read", "summarize"):
        await ann.post("/api/v2/messages", {"channel": name, "content": "hello"})
        assert (await ann.get(f"/api/v2/channels/{name}")).data["channel"]["name"] == name
        changed = await ann.ask("PATCH", f"/api/v2/channels/{name}", json={"topic": "t"})
        assert changed.data["channel"]["topic"] == "t"
        unsupported = await ann.ask("DELETE", f"/api/v2/channels/{name}")
        assert (unsupported.status, unsupported.body["code"]) == (405, "method_not_allowed")


async def test_usage_of_clients_that_report_it_is_taken(ann: Caller) -> None:
    assert (await ann.get("/api/v2/usage")).status == 200
    counts = {"session_id": "s", "model": "m", "input_tokens": 1, "output_tokens": 1}
    assert (await ann.post("/api/v2/usage/report", counts)).data["recorded"] is True
    assert (await ann.post("/api/v2/usage/served", {"tokens": 5})).data["recorded"] is True
