import json
import os
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound, TooLarge, Unavailable
from airchat.protocol.events import EventKind
from airchat.protocol.files import File
from airchat.protocol.principals import Principal, Role
from airchat.protocol.timestamps import HOUR
from hub.core import announcements
from hub.core.blobs import Blobs
from hub.core.channels import Channels
from hub.core.directory import Directory
from hub.core.files import Files
from hub.core.messages import Messages
from hub.core.signatures import Signatures
from store.ports.store import Store
from tests.hub.core.fakes import START, FakeClock, add_agent, add_principal


@pytest.fixture
def files(store: Store, clock: FakeClock, directory: Directory, channels: Channels, tmp_path: Path) -> Files:
    return Files(store, clock, directory, channels, Blobs(tmp_path / "blobs"), Signatures(b"secret"))


@pytest.fixture
def messages(store: Store, clock: FakeClock, directory: Directory, channels: Channels) -> Messages:
    return Messages(store, clock, directory, channels)


@pytest.fixture
async def ann(store: Store) -> Principal:
    return await add_agent(store, "ann")


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def content(files: Files, file: File) -> bytes:
    return b"".join([piece async for piece in files.read(file)])


def make_old(folder: Path) -> None:
    """Make what is unsettled as old as can be."""
    for mark in (folder / "blobs" / "unsettled").iterdir():
        os.utime(mark, (0, 0))


async def refused(work: Awaitable[object]) -> type[HubError]:
    with pytest.raises(HubError) as error:
        await work
    return type(error.value)


async def test_shared_file_is_announced_and_found(store: Store, files: Files, ann: Principal) -> None:
    shared = await files.put(ann, "general", "my r\u00e9sum\u00e9.txt", once(b"Hello World!"), "Text/Plain")
    file, message = shared.file, shared.message
    assert (file.path, file.size) == (f"general/{START // 1000}-my_r_sum_.txt", 12)
    assert (file.name, file.content_type) == ("my r\u00e9sum\u00e9.txt", "text/plain")
    assert message is not None
    assert message.content == "Shared a file: **my r\u00e9sum\u00e9.txt** (12 B)"
    entry = {"name": file.name, "size": 12, "type": "text/plain", "path": file.path, "bucket": "agentchat-files"}
    assert message.metadata == {"source": "agent-upload", "agent": "ann", "files": [entry]}
    found = await files.find(await add_agent(store, "bob"), file.path)
    assert (found, found.message_id, await content(files, found)) == (file, message.id, b"Hello World!")


async def test_sharing_is_logged_and_audited(store: Store, files: Files, ann: Principal) -> None:
    file = (await files.put(ann, "general", "a.txt", once(b"x"))).file
    async with store.read() as unit:
        event = (await unit.events.after(0, 100))[-1]
        [entry] = await unit.audit.page(None, 1)
    assert (event.kind, event.channel_id, json.loads(event.data)["path"]) == (
        EventKind.FILE_SHARED,
        file.channel_id,
        file.path,
    )
    assert (entry.action, entry.subject, entry.actor_id) == ("file.uploaded", file.id, ann.id)
    assert entry.detail == {"size": 1, "path": file.path, "sha256": file.sha256}


async def test_audit_does_not_tell_what_two_shared_with_each_other(
    store: Store, files: Files, channels: Channels, ann: Principal
) -> None:
    private = await channels.direct_between(ann, await add_agent(store, "bob"))
    await files.put(ann, private.name, "secret-plan.txt", once(b"x"))
    async with store.read() as unit:
        [entry] = await unit.audit.page(None, 1)
    assert (entry.action, entry.detail) == ("file.uploaded", {"size": 1})


async def test_file_without_a_message_is_only_listed(store: Store, files: Files, ann: Principal) -> None:
    shared = await files.put(ann, "general", "a.txt", once(b"x"), post_message=False)
    file, message = shared.file, shared.message
    assert message is None
    assert await files.list(ann, "general") == [file]
    async with store.read() as unit:
        assert await unit.messages.page(file.channel_id, 10) == []


async def test_file_without_a_message_is_shared_once_and_its_secrets_are_told(files: Files, ann: Principal) -> None:
    secret = b"AKIA" + b"ABCDEFGHIJKLMNOP"
    first = await files.put(ann, "general", "a.txt", once(secret), post_message=False, idempotency_key="k")
    assert (first.message, first.redacted) == (None, ("AWS key",))
    assert await files.put(ann, "general", "a.txt", once(secret), post_message=False, idempotency_key="k") == first
    assert await files.put(ann, "general", "a.txt", once(b"x"), idempotency_key="k") == replace(first, redacted=())
    assert await files.list(ann, "general") == [first.file]


async def test_other_bytes_under_the_same_key_are_removed_after_a_day(
    files: Files, ann: Principal, tmp_path: Path
) -> None:
    first = await files.put(ann, "general", "a.txt", once(b"one"), idempotency_key="k")
    assert await files.put(ann, "general", "a.txt", once(b"two"), idempotency_key="k") == first
    make_old(tmp_path)
    assert await files.tidy() == 1
    assert await content(files, first.file) == b"one"


async def test_bytes_of_an_upload_that_failed_are_removed_after_a_day(
    store: Store, files: Files, ann: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = (await files.put(ann, "general", "a.txt", once(b"kept"))).file

    async def refuse(*_: object) -> None:
        raise Unavailable("The disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "write", refuse)
        assert await refused(files.put(ann, "general", "b.txt", once(b"lost"))) is Unavailable
        assert await refused(files.put(ann, "general", "b.txt", once(b"kept"))) is Unavailable
    assert await files.tidy() == 0
    make_old(tmp_path)
    assert await files.tidy() == 1
    assert await content(files, kept) == b"kept"
    assert not list((tmp_path / "blobs" / "unsettled").iterdir())
    assert sum(path.is_file() for path in (tmp_path / "blobs").rglob("*")) == 1


async def test_file_goes_with_its_message_at_every_door_and_the_audit_stays(
    store: Store, files: Files, messages: Messages, ann: Principal, tmp_path: Path
) -> None:
    shared = await files.put(ann, "general", "plan.txt", once(b"secret plan"), idempotency_key="k")
    twin = await files.put(ann, "general", "twin.txt", once(b"secret plan"))
    assert shared.message is not None
    assert twin.message is not None
    address = {key: values[0] for key, values in parse_qs(files.sign(shared.file)).items()}
    await messages.delete(ann, shared.message.id)

    assert await refused(files.find(ann, shared.file.path)) is NotFound
    signed = files.find_signed(shared.file.path, int(address["expires"]), address["signature"])
    assert await refused(signed) is NotFound
    assert await files.list(ann, "general") == [twin.file]
    again = await files.put(ann, "general", "plan.txt", once(b"secret plan"), idempotency_key="k")
    assert (again.file.id, again.file.path) == (shared.file.id, "")
    make_old(tmp_path)
    assert await files.tidy() == 0
    assert await content(files, twin.file) == b"secret plan"

    await messages.delete(ann, twin.message.id)
    assert await files.tidy() == 0
    make_old(tmp_path)
    assert await files.tidy() == 1
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    async with store.read() as unit:
        actions = [entry.action for entry in await unit.audit.page(None, 10)]
    assert actions.count("file.uploaded") == actions.count("file.deleted") == 2


async def test_file_without_a_message_is_taken_away_at_every_door(
    store: Store, files: Files, ann: Principal, tmp_path: Path
) -> None:
    file = (await files.put(ann, "general", "a.txt", once(b"x"), post_message=False, idempotency_key="k")).file
    twin = (await files.put(ann, "general", "b.txt", once(b"x"), post_message=False)).file
    address = {key: values[0] for key, values in parse_qs(files.sign(file)).items()}
    assert await files.delete(ann, file.path) == file
    for opening in (
        files.find(ann, file.path),
        files.find_signed(file.path, int(address["expires"]), address["signature"]),
        files.delete(ann, file.path),
    ):
        assert await refused(opening) is NotFound
    assert await files.list(ann, "general") == [twin]
    again = await files.put(ann, "general", "a.txt", once(b"x"), post_message=False, idempotency_key="k")
    assert (again.file.id, again.file.path) == (file.id, "")
    async with store.read() as unit:
        logged = [event for event in await unit.events.after(0, 100) if event.subject_id == file.id]
        [entry] = await unit.audit.page(None, 1)
    assert [event.kind for event in logged] == [EventKind.FILE_SHARED, EventKind.FILE_DELETED]
    assert "a.txt" not in "".join(event.data for event in logged)
    assert (entry.action, entry.subject, entry.actor_id) == ("file.deleted", file.id, ann.id)
    make_old(tmp_path)
    assert await files.tidy() == 0
    await files.delete(ann, twin.path)
    await files.tidy()
    make_old(tmp_path)
    assert await files.tidy() == 1


async def test_announcement_goes_with_its_file_but_no_message_that_says_more(
    store: Store, files: Files, messages: Messages, ann: Principal
) -> None:
    announced = await files.put(ann, "general", "a.txt", once(b"x"))
    explained = await files.put(ann, "general", "b.txt", once(b"y"))
    assert announced.message is not None
    assert explained.message is not None
    await messages.edit(ann, explained.message.id, "This is the plan that we spoke about")
    assert await files.delete(ann, announced.file.path) == announced.file
    with pytest.raises(Conflict, match=r"^Message 2 of general shares it: delete that instead$"):
        await files.delete(ann, explained.file.path)
    assert await files.list(ann, "general") == [explained.file]
    async with store.read() as unit:
        assert [one.number for one in await unit.messages.page(announced.file.channel_id, 10)] == [2]
        logged = [event.kind for event in await unit.events.after(0, 100) if event.actor_id == ann.id]
    assert logged[-2:] == [EventKind.MESSAGE_DELETED, EventKind.FILE_DELETED]


async def test_who_may_take_away_what_others_shared(
    store: Store, files: Files, channels: Channels, ann: Principal
) -> None:
    bob, eve = await add_agent(store, "bob"), await add_agent(store, "eve")
    admin = await add_principal(store, "ada", Role.ADMIN)
    await channels.open(bob, "general")  # who makes it, moderates it
    public = [
        (await files.put(ann, "general", f"{n}.txt", once(b"x"), post_message=bool(n))).file.path for n in range(3)
    ]
    direct = await channels.direct_between(ann, bob)
    private = (await files.put(ann, direct.name, "s.txt", once(b"x"), post_message=False)).file.path
    assert await refused(files.delete(eve, public[0])) is Forbidden
    for who, path in zip((ann, bob, admin), public, strict=True):
        await files.delete(who, path)
    assert await files.list(ann, "general") == []
    assert [await refused(files.delete(who, private)) for who in (bob, eve, admin)] == [Forbidden, NotFound, NotFound]
    assert [file.path for file in await files.list(bob, direct.name)] == [private]


async def test_bytes_that_come_again_for_a_deleted_file_are_removed_after_a_day(
    files: Files, messages: Messages, ann: Principal, tmp_path: Path
) -> None:
    shared = await files.put(ann, "general", "plan.txt", once(b"secret plan"), idempotency_key="k")
    assert shared.message is not None
    await messages.delete(ann, shared.message.id)
    assert await files.tidy() == 0
    make_old(tmp_path)
    assert await files.tidy() == 1
    await files.put(ann, "general", "plan.txt", once(b"secret plan"), idempotency_key="k")
    make_old(tmp_path)
    assert await files.tidy() == 1


async def test_same_name_in_the_same_moment_gets_another_path(files: Files, ann: Principal) -> None:
    first = (await files.put(ann, "general", "a.txt", once(b"one"))).file
    second = (await files.put(ann, "general", "a.txt", once(b"two"))).file
    assert second.path == f"general/{START // 1000 + 1}-a.txt"
    assert (await content(files, first), await content(files, second)) == (b"one", b"two")


async def test_repeated_upload_is_the_first_file(files: Files, ann: Principal) -> None:
    first = await files.put(ann, "general", "a.txt", once(b"x"), idempotency_key="k")
    assert await files.put(ann, "general", "a.txt", once(b"x"), idempotency_key="k") == first
    assert len(await files.list(ann, "general")) == 1


@pytest.mark.parametrize("files_of", [5, [], [5], [{}], [{"path": 5}], [{"path": {}}], "x", None, {"a": 1}])
async def test_key_of_a_message_is_no_key_of_a_file(
    store: Store, files: Files, messages: Messages, ann: Principal, files_of: object
) -> None:
    await messages.post(ann, "general", "hi", metadata={"files": files_of}, idempotency_key="k")
    assert await refused(files.put(ann, "general", "a.txt", once(b"x"), idempotency_key="k")) is Conflict


@pytest.mark.parametrize("name", ["", " ", "a\0b", "a\nb", "\ud800", "x" * 256])
async def test_bad_names_are_refused(files: Files, ann: Principal, name: str) -> None:
    with pytest.raises(InvalidInput) as error:
        await files.put(ann, "general", name, once(b"x"))
    assert error.value.field == "filename"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a/../b", "..\\x"])
async def test_names_that_look_like_paths_are_harmless(files: Files, ann: Principal, name: str) -> None:
    file = (await files.put(ann, "general", name, once(b"x"))).file
    assert file.path.count("/") == 1
    assert await content(files, await files.find(ann, file.path)) == b"x"


@pytest.mark.parametrize("content_type", [None, "", "nonsense", "a/b\r\nX: y", "text/html;" + "x" * 99])
async def test_improper_types_become_octets(files: Files, ann: Principal, content_type: str | None) -> None:
    file = (await files.put(ann, "general", "a", once(b"x"), content_type)).file
    assert file.content_type == "application/octet-stream"


async def test_empty_and_oversized_files_are_refused(
    store: Store, clock: FakeClock, *, directory: Directory, channels: Channels, ann: Principal, tmp_path: Path
) -> None:
    files = Files(store, clock, directory, channels, Blobs(tmp_path), Signatures(b"secret"), max_bytes=3)
    assert await refused(files.put(ann, "general", "a", once(b""))) is InvalidInput
    assert await refused(files.put(ann, "general", "a", once(b"1234"))) is TooLarge
    file = (await files.put(ann, "general", "a", once(b"1234"), limit=4)).file
    assert await files.list(ann, "general") == [file]


@pytest.mark.parametrize("path", ["", "/general/a", "general/../a", "..", "general\\..\\a", "a\0", "\ud800"])
async def test_impossible_paths_are_refused(files: Files, ann: Principal, path: str) -> None:
    with pytest.raises(InvalidInput, match="Invalid file path"):
        await files.find(ann, path)
    with pytest.raises(InvalidInput, match="Invalid file path"):
        await files.find_signed(path, 0, "")


async def test_files_of_direct_channels_are_for_their_two_parties(
    store: Store, files: Files, channels: Channels, ann: Principal
) -> None:
    bob, eve = await add_agent(store, "bob"), await add_agent(store, "eve")
    direct = await channels.direct_between(ann, bob)
    file = (await files.put(ann, direct.name, "secret.txt", once(b"x"))).file
    async with store.read() as unit:
        assert [item.message_id for item in await unit.inbox.pending(bob.id, 10)] == [file.message_id]
    assert await files.find(bob, file.path) == file
    assert await refused(files.find(eve, file.path)) is NotFound
    assert await refused(files.list(eve, direct.name)) is NotFound
    assert await refused(files.put(eve, direct.name, "a", once(b"x"))) is InvalidInput


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes.TXT", "text/plain"),
        ("data.json", "application/json"),
        ("photo.png", "image/png"),
        ("page.html.gz", "application/octet-stream"),
        ("http://host/a.unheard-of", "application/octet-stream"),
    ],
)
async def test_missing_type_is_that_of_the_name(
    files: Files, ann: Principal, content_type: str | None, name: str, expected: str
) -> None:
    file = (await files.put(ann, "general", name, once(b"x"), content_type)).file
    assert file.content_type == expected


async def test_guests_upload_nothing(store: Store, files: Files) -> None:
    guest = await add_principal(store, "gus", Role.GUEST)
    assert await refused(files.put(guest, "general", "a", once(b"x"))) is Forbidden


async def test_key_of_something_else_is_a_conflict(store: Store, files: Files, ann: Principal) -> None:
    message = (await files.put(ann, "general", "a", once(b"x"), idempotency_key="k")).message
    assert message is not None

    async with store.read() as unit:
        channel = await unit.channels.get(message.channel_id)
    assert channel is not None
    draft = announcements.draft(ann, channel, START, "text", metadata={}, idempotency_key="other")
    await store.append(draft)
    assert await refused(files.put(ann, "general", "a", once(b"x"), idempotency_key="other")) is Conflict


async def test_signed_address_opens_the_file_for_an_hour(files: Files, ann: Principal, clock: FakeClock) -> None:
    file = (await files.put(ann, "general", "a", once(b"x"))).file
    query = parse_qs(files.sign(file))
    expires, signature = int(query["expires"][0]), query["signature"][0]
    assert await files.find_signed(file.path, expires, signature) == file
    assert await refused(files.find_signed("general/other", expires, signature)) is Forbidden
    clock.forward(HOUR)
    assert await refused(files.find_signed(file.path, expires, signature)) is Forbidden
