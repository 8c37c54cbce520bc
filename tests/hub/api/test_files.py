import asyncio
import base64
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.hub.api.site import Caller, Site, running_site, settings_for

JSON = {"Content-Type": "application/json"}


async def share(caller: Caller, content: bytes = b"hello there\n", **fields: Any) -> str:
    body = {"filename": "a b.txt", "channel": "general", "encoding": "base64"} | fields
    answer = await caller.ask("PUT", "/api/files", json=body | {"content": base64.b64encode(content).decode()})
    assert answer.status == 200, answer
    return str(answer.body["file"]["path"])


async def test_text_is_shared_announced_and_fetched(ann: Caller, bob: Caller) -> None:
    body = {"filename": "a b.txt", "channel": "general", "content": "hello there\n", "content_type": None}
    answer = await ann.ask("PUT", "/api/files", json=body)
    file = answer.body["file"]
    assert (file["name"], file["size"], file["bucket"]) == ("a b.txt", 12, "agentchat-files")
    assert file["path"].startswith("general/")
    assert file["path"].endswith("-a_b.txt")
    [message] = (await bob.get("/api/v2/messages", channel="general")).data["messages"]
    assert message["content"] == "Shared a file: **a b.txt** (12 B)"
    assert message["metadata"]["files"][0]["path"] == file["path"]
    raw = await bob.get("/api/files", path=file["path"])
    assert (raw.status, raw.body) == (200, b"hello there\n")
    assert raw.headers["Content-Disposition"].startswith('attachment; filename="a b.txt"')
    listing = await bob.post("/api/files", {"folder": "general"})
    assert [entry["path"] for entry in listing.body["files"]] == [file["path"]]


async def test_body_itself_can_be_the_file(ann: Caller) -> None:
    content = bytes(range(256)) * 1000

    async def pieces() -> Any:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    query = {"filename": "data.bin", "channel": "general", "post_message": "false"}
    answer = await ann.ask("PUT", "/api/files", params=query, data=pieces())
    assert answer.body["file"]["size"] == len(content)
    assert (await ann.get("/api/files", path=answer.body["file"]["path"])).body == content
    assert (await ann.get("/api/v2/messages", channel="general")).data["messages"] == []


async def test_file_without_a_message_is_shared_once_and_taken_away(ann: Caller, bob: Caller) -> None:
    body = {"filename": "a.txt", "channel": "general", "content": "x", "post_message": False}
    paths = [
        (await ann.ask("PUT", "/api/files", json=one, headers={"Idempotency-Key": "k"})).body["file"]["path"]
        for one in (body, body, body | {"content": "y"})
    ]
    assert len(set(paths)) == 1
    refused = await bob.ask("DELETE", "/api/files", params={"path": paths[0]})
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    gone = await ann.ask("DELETE", "/api/files", params={"path": paths[0]})
    assert (gone.status, gone.body) == (200, {"path": paths[0], "message_id": None})
    for caller in (ann, bob):
        assert (await caller.get("/api/files", path=paths[0])).status == 404
        assert (await caller.ask("DELETE", "/api/files", params={"path": paths[0]})).status == 404
    assert (await bob.post("/api/files", {"folder": "general"})).body == {"files": []}
    again = await ann.ask("PUT", "/api/files", json=body, headers={"Idempotency-Key": "k"})
    assert (again.status, again.body["file"]["path"]) == (200, "")


async def test_files_between_two_are_listed_to_them_alone(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve")
    wanted = {"folder": "direct-messages", "target_agent": "bob"}
    assert (await ann.post("/api/files", wanted)).body == {"files": []}
    path = await share(ann, channel="direct-messages", target_agent="bob", post_message=False)
    for caller, other, found in ((ann, "bob", [path]), (bob, "ann", [path]), (eve, "bob", [])):
        listing = await caller.post("/api/files", wanted | {"target_agent": other})
        assert [entry["path"] for entry in listing.body["files"]] == found
    for body, told in (
        (wanted | {"folder": "general"}, (400, "target_agent says for whom it is in direct-messages, and only there")),
        (wanted | {"target_agent": "nobody"}, (404, 'No agent named "nobody"')),
    ):
        refused = await ann.post("/api/files", body)
        assert (refused.status, refused.body["error"]) == told


async def test_file_that_is_too_large_is_told_in_bytes_of_files(site: Site, ann: Caller) -> None:
    limit = site.hub.cases.files.max_bytes = 1_000
    body = {"filename": "big", "channel": "general", "content": "x" * 100_000}
    answer = await ann.ask("PUT", "/api/files", json=body)
    assert (answer.status, answer.body["error"]) == (413, f"A file may have at most {limit} bytes")


@pytest.mark.parametrize("path", [None, "", "../x", "/etc/passwd", "a\0b"])
async def test_no_file_can_be_taken_away_at_a_bad_path(ann: Caller, path: str | None) -> None:
    answer = await ann.ask("DELETE", "/api/files", params={} if path is None else {"path": path})
    assert (answer.status, answer.body["field"]) == (400, "path")


async def test_client_that_asks_in_json_gets_json(ann: Caller) -> None:
    text, binary = await share(ann), await share(ann, b"\xff\xfe")
    answer = await ann.ask("GET", "/api/files", params={"path": text}, headers=JSON)
    assert (answer.body["content"], answer.body["size"], answer.body["path"]) == ("hello there\n", 12, text)
    answer = await ann.ask("GET", "/api/files", params={"path": binary}, headers=JSON)
    assert base64.b64decode(answer.body["content_base64"]) == b"\xff\xfe"


async def test_link_opens_the_file_without_a_key_until_it_is_changed(site: Site, ann: Caller) -> None:
    path = await share(ann)
    link = await ann.get("/api/files", path=path, url="true")
    assert link.body["expires_in"] == 3600
    url = link.body["signed_url"].removeprefix(site.hub.address)
    assert url.startswith("/signed/files/general/")
    assert (await site.ask("GET", url)).body == b"hello there\n"
    assert (await site.ask("GET", url[:-1] + ("0" if url[-1] != "0" else "1"))).status == 403


async def test_what_a_browser_would_run_is_served_as_octets(ann: Caller) -> None:
    for kind in ("text/html", "image/svg+xml", "application/javascript", "text/xml"):
        path = await share(ann, b"<script>alert(1)</script>", content_type=kind)
        answer = await ann.get("/api/files", path=path)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_files_of_a_conversation_are_private(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve")
    await ann.post("/api/v2/dm", {"target_agent": "bob", "content": "hi"})
    [channel] = [it for it in site.hub.cases.directory.channels() if it.direct]
    path = await share(eve, channel="general")
    assert (await bob.get("/api/files", path=path)).status == 200
    for asked in (path.replace("general", channel.name), "general/1-nothing"):
        answer = await eve.get("/api/files", path=asked)
        assert (answer.status, answer.body["error"]) == (404, "File not found")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", 'Missing "path" query parameter'),
        ("?path=", 'Missing "path" query parameter'),
        ("?path=../x", "Invalid file path"),
        ("?path=/etc/passwd", "Invalid file path"),
        ("?path=a%00b", "Invalid file path"),
    ],
)
async def test_bad_path_is_refused_before_the_key_is_looked_at(site: Site, query: str, text: str) -> None:
    answer = await site.ask("GET", f"/api/files{query}")
    assert (answer.status, answer.body["error"]) == (400, text)


@pytest.mark.parametrize("missing", ["filename", "channel", "content"])
async def test_upload_needs_its_three_fields(ann: Caller, missing: str) -> None:
    body = {"filename": "a", "channel": "general", "content": "x"} | {missing: ""}
    answer = await ann.ask("PUT", "/api/files", json=body)
    assert (answer.status, answer.body["error"]) == (400, "filename, content, and channel are required")


async def test_form_is_refused_with_what_to_send_instead(ann: Caller) -> None:
    with aiohttp.MultipartWriter("form-data") as form:
        form.append(b"x")
    answer = await ann.ask("POST", "/api/upload", data=form)
    assert (answer.status, answer.body["field"]) == (400, "body")
    assert "filename and channel in the query" in answer.body["error"]


async def test_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path, files={"max_bytes": 1000})) as site:
        ann = await site.caller("ann")
        await share(ann, b"x" * 1000)
        content = base64.b64encode(b"x" * 1001).decode()
        body = {"filename": "a", "channel": "general", "content": content, "encoding": "base64"}
        assert (await ann.ask("PUT", "/api/files", json=body)).status == 413
        query = {"filename": "a", "channel": "general"}
        assert (await ann.ask("PUT", "/api/files", params=query, data=b"x" * 1001)).status == 413


async def test_repeated_upload_returns_the_first_file(ann: Caller) -> None:
    first, second = [await share(ann, client_key="once") for _ in range(2)]
    assert first == second


async def test_lost_file_is_not_found(tmp_path: Path, ann: Caller) -> None:
    path = await share(ann)
    for blob in (tmp_path / "state" / "files").rglob("*"):
        if blob.is_file():
            blob.unlink()
    assert (await ann.get("/api/files", path=path)).status == 404


async def test_text_within_json_has_the_type_of_its_name(ann: Caller) -> None:
    for name, encoding, kind in (
        ("a.json", "utf-8", "application/json"),
        ("a.unheard-of", "utf-8", "text/plain"),
        ("a.unheard-of", "base64", "application/octet-stream"),
    ):
        body = {"filename": name, "content": "1234", "channel": "general", "encoding": encoding}
        path = (await ann.ask("PUT", "/api/files", json=body)).body["file"]["path"]
        assert (await ann.get("/api/files", path=path)).headers["Content-Type"].partition(";")[0] == kind


async def test_file_for_one_agent_is_for_nobody_else(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve")
    body = {"filename": "a.txt", "content": "secret", "channel": "direct-messages", "target_agent": "bob"}
    path = (await ann.ask("PUT", "/api/files", json=body)).body["file"]["path"]

    assert (await bob.get("/api/files", path=path)).body == b"secret"
    assert (await eve.get("/api/files", path=path)).status == 404
    [mention] = (await bob.get("/api/v2/mentions")).data["mentions"]
    assert (mention["channel"], mention["content"]) == ("direct-messages", "Shared a file: **a.txt** (6 B)")
    for wrong in (body | {"target_agent": None}, body | {"channel": "general"}):
        refused = await ann.ask("PUT", "/api/files", json=wrong)
        assert (refused.status, refused.body["field"]) == (400, "target_agent")


async def test_deleting_the_message_takes_the_file_away_everywhere(site: Site, ann: Caller, bob: Caller) -> None:
    body = {"filename": "plan.txt", "channel": "general", "content": "the plan"}
    file = (await ann.ask("PUT", "/api/files", json=body)).body["file"]
    path = file["path"]
    link = (await bob.get("/api/files", path=path, url="true")).body["signed_url"].removeprefix(site.hub.address)
    assert (await site.ask("GET", link)).body == b"the plan"
    answer = await ann.ask("DELETE", f"/api/v2/messages/{file['message_id']}")
    assert answer.status == 200, answer

    for caller in (ann, bob):
        for query in ({"path": path}, {"id": path, "download": "true"}, {"path": path, "url": "true"}):
            assert (await caller.get("/api/files", **query)).status == 404
        assert (await caller.ask("GET", "/api/files", params={"path": path}, headers=JSON)).status == 404
        assert (await caller.post("/api/files", {"folder": "general"})).body == {"files": []}
        assert (await caller.get("/api/v2/search", q="plan")).data["results"] == []
    assert (await site.ask("GET", link)).status == 404


async def test_client_that_breaks_off_an_upload_is_no_fault_of_the_hub(
    site: Site, ann: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, over = asyncio.Event(), asyncio.Event()
    put = site.hub.cases.files.put

    async def watched(*args: Any, **options: Any) -> Any:
        begun.set()
        try:
            return await put(*args, **options)
        finally:
            over.set()

    async def pieces() -> Any:
        yield b"x" * 100_000
        await asyncio.Event().wait()

    monkeypatch.setattr(site.hub.cases.files, "put", watched)
    query = {"filename": "data.bin", "channel": "general"}
    upload = asyncio.create_task(ann.ask("PUT", "/api/files", params=query, data=pieces()))
    await begun.wait()
    upload.cancel()
    await asyncio.wait([upload])
    await over.wait()
    await share(ann)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
