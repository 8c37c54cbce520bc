"""Secrets do not reach the store, whichever way they come."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.errors import Forbidden
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Credential, CredentialKind, Kind, Principal, Role
from airchat.protocol.signing import hash_secret
from hub.core.agents import Agents
from hub.core.approvals import Approvals
from hub.core.approvers import Approvers
from hub.core.blobs import Blobs
from hub.core.files import Files
from hub.core.messages import Messages
from hub.core.metadata import Metadata
from hub.core.reservations import Reservations
from hub.core.secrets import Secrets
from hub.core.signatures import Signatures
from hub.core.tasks import Tasks
from tests.hub.core.hub import Hub, data

TOKEN = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
GONE = "[redacted: GitHub token]"


@pytest.fixture
async def ann(hub: Hub) -> Principal:
    return await hub.agent("ann", kind=Kind.PERSON, role=Role.ADMIN)


@pytest.fixture
async def bot(hub: Hub) -> Principal:
    return await hub.agent("bot")


async def nowhere(hub: Hub) -> bool:
    """Whether the token is nowhere in the log, and so in no message, edit, task or file row."""
    return all(TOKEN not in event.data for event in await hub.log())


async def test_message_is_stored_and_found_without_its_secrets(hub: Hub, bot: Principal, ann: Principal) -> None:
    posted = await hub.messages.post(bot, "lab", f"@ann use {TOKEN}", metadata={"env": [TOKEN], "n": 1})
    assert (posted.message.content, posted.redacted) == (f"@ann use {GONE}", ("GitHub token",))
    assert posted.message.metadata == {"env": [GONE], "n": 1}
    assert await hub.mentioned(ann) == [f"@ann use {GONE}"]
    direct = await hub.messages.direct(bot, "ann", TOKEN)
    assert (direct.message.content, direct.redacted) == (f"@ann {GONE}", ("GitHub token",))
    edited = await hub.messages.edit(bot, posted.message.id, f"use {TOKEN} then")
    assert (edited.message.content, edited.redacted) == (f"use {GONE} then", ("GitHub token",))
    assert (await hub.messages.post(bot, "lab", "hello")).redacted == ()
    assert await nowhere(hub)
    assert "mentions" in data((await hub.log())[-1])


async def test_repeated_send_is_still_told_what_was_taken_out(hub: Hub, bot: Principal) -> None:
    for repeated in (False, True):
        posted = await hub.messages.post(bot, "lab", TOKEN, idempotency_key="once")
        assert (posted.repeated, posted.redacted, posted.message.content) == (repeated, ("GitHub token",), GONE)


async def test_keys_of_the_hubs_own_agents_are_known_by_their_hash(hub: Hub, bot: Principal) -> None:
    key, digest = "0123456789abcdef" * 4, "f" * 64
    credential = Credential(new_id(0), bot.id, CredentialKind.AGENT_KEY, "bot", "write", 0)
    await hub.store.write(lambda unit: unit.credentials.add(credential, hash_secret(key)), "registration")
    posted = await hub.messages.post(bot, "lab", f"key {key}, commit {digest}")
    assert posted.message.content == f"key [redacted: AirChat key], commit {digest}"
    assert posted.redacted == ("AirChat key",)


async def test_text_that_grew_is_cut_to_what_a_message_holds(hub: Hub, bot: Principal) -> None:
    text = " ".join(["x://a:bcd@e"] * 2_600)
    posted = await hub.messages.post(bot, "lab", text)
    assert len(posted.message.content) == 32_000
    assert "bcd" not in posted.message.content


async def test_tasks_and_questions_are_without_secrets(hub: Hub, bot: Principal, ann: Principal) -> None:
    tasks = Tasks(hub.store, hub.clock, hub.directory, hub.channels)
    task = (await tasks.create(bot, "lab", f"Rotate {TOKEN}", body=f"It is {TOKEN}.")).task
    assert (task.title, task.body) == (f"Rotate {GONE}", f"It is {GONE}.")
    claimed = await tasks.claim(bot, task.id)
    for _ in range(2):
        assert (await tasks.complete(bot, task.id, f"was {TOKEN}", claimed.fence)).result == f"was {GONE}"
    approvers = Approvers(hub.directory)
    approvals = Approvals(hub.store, hub.clock, hub.directory, hub.channels, hub.messages, approvers)
    asked = (await approvals.request(bot, "lab", "Bash", f"curl -H 'x: {TOKEN}' example.org")).approval
    assert asked.request == f"curl -H 'x: {GONE}' example.org"
    assert asked.approvers == (ann.id,)
    assert await nowhere(hub)
    async with hub.store.read() as unit:
        assert TOKEN not in str(await unit.audit.page(None, 50))


async def test_files_of_text_are_without_secrets_and_others_as_they_were(
    hub: Hub, bot: Principal, tmp_path: Path
) -> None:
    files = Files(
        hub.store, hub.clock, hub.directory, hub.channels, Blobs(tmp_path), Signatures(b"secret"), max_bytes=2_000_000
    )

    async def kept(*pieces: bytes, name: str = "env.txt") -> tuple[str, bytes, list[str]]:
        async def source() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        shared = await files.put(bot, "lab", name, source())
        file, message = shared.file, shared.message
        content = b"".join([piece async for piece in files.read(file)])
        assert len(content) == file.size
        assert message is not None
        assert message.metadata.get("redacted", []) == [*shared.redacted]
        return file.name, content, [*shared.redacted]

    half = len(TOKEN) // 2
    pieces = (b"GH=", TOKEN[:half].encode(), TOKEN[half:].encode(), b"\n")
    assert await kept(*pieces) == ("env.txt", b"GH=" + GONE.encode() + b"\n", ["GitHub token"])
    assert await kept(b"x", name=f"{TOKEN}.txt") == (f"{GONE}.txt", b"x", ["GitHub token"])
    binary, large = b"\0" + TOKEN.encode(), b" " * 700_000
    assert await kept(binary) == ("env.txt", binary, [])
    assert await kept(large, TOKEN.encode(), large) == ("env.txt", large + TOKEN.encode() + large, [])


async def test_people_spare_a_channel_they_look_after(hub: Hub, bot: Principal, ann: Principal) -> None:
    await hub.channels.open(bot, "lab")
    other = await hub.agent("other", kind=Kind.PERSON)
    for actor in (bot, other):
        with pytest.raises(Forbidden, match="Only people who look after"):
            await hub.channels.update(actor, "lab", redact=False)
    channel = await hub.channels.update(ann, "lab", redact=False)
    assert channel.metadata == {"redact": False}
    assert (await hub.messages.post(bot, "lab", TOKEN)).message.content == TOKEN
    assert (await hub.messages.post(bot, "elsewhere", TOKEN)).message.content == GONE
    await hub.channels.update(ann, "lab", topic="keys welcome")
    assert (await hub.messages.post(bot, "lab", TOKEN)).message.content == TOKEN
    assert (await hub.channels.update(ann, "lab", redact=True)).metadata == {}
    assert (await hub.messages.post(bot, "lab", TOKEN)).message.content == GONE
    async with hub.store.read() as unit:
        entries = [entry.detail for entry in await unit.audit.page(None, 10) if entry.action == "channel.redaction"]
    assert entries == [{"name": "lab", "redact": True}, {"name": "lab", "redact": False}]


async def test_hub_can_leave_everything_as_it_is(hub: Hub, bot: Principal) -> None:
    secrets = Secrets(hub.store, hub.clock, enabled=False)
    messages = Messages(hub.store, hub.clock, hub.directory, hub.channels, secrets=secrets)
    posted = await messages.post(bot, "lab", TOKEN, metadata={"x": TOKEN})
    assert (posted.message.content, posted.message.metadata, posted.redacted) == (TOKEN, {"x": TOKEN}, ())


async def test_what_is_no_message_is_without_secrets_too(hub: Hub, bot: Principal, ann: Principal) -> None:
    said = f"see {TOKEN}"
    channel = await hub.channels.open(ann, "lab")
    for member in (bot, ann):
        await hub.channels.join(member, "lab")
    updated = await hub.channels.update(ann, "lab", topic=said, description=f"{TOKEN}\nhere")
    assert (updated.topic, updated.description) == (f"see {GONE}", f"{GONE}\nhere")
    await hub.presence.heartbeat(bot, said)
    async with hub.store.read() as unit:
        kept = await unit.principals.get(bot.id)
    assert kept is not None
    assert kept.status == f"see {GONE}"
    card = await Agents(hub.store, hub.clock).set_card(bot, {"model": said, "harness": TOKEN, "plan": "api"})
    assert (card.model, card.harness) == (f"see {GONE}", GONE)
    reserved = await Reservations(hub.store, hub.clock).reserve(bot, "hub", "src/*", purpose=said)
    assert reserved.purpose == f"see {GONE}"
    await Metadata(hub.store, hub.clock, hub.directory).set(bot, bot, "note", said)
    await hub.moderation.kick(ann, channel, bot, said)
    await hub.channels.leave(ann, "lab", said)
    posted = await hub.messages.post(ann, "lab", "x")
    await hub.messages.delete(ann, posted.message.id, said)
    assert await nowhere(hub)
    assert sum(GONE in event.data for event in await hub.log()) >= 7


async def test_reason_of_an_answer_is_without_secrets(hub: Hub, bot: Principal, ann: Principal) -> None:
    approvers = Approvers(hub.directory)
    approvals = Approvals(hub.store, hub.clock, hub.directory, hub.channels, hub.messages, approvers)
    asked = (await approvals.request(bot, "lab", f"Bash {TOKEN}", "ls")).approval
    assert asked.tool == f"Bash {GONE}"
    assert (await approvals.answer(ann, asked.id, "deny", f"not {TOKEN}")).approval.reason == f"not {GONE}"
    assert await nowhere(hub)


async def test_where_secrets_stay_topics_keep_them(hub: Hub, ann: Principal) -> None:
    await hub.channels.open(ann, "lab")
    await hub.channels.update(ann, "lab", redact=False)
    await hub.channels.join(ann, "lab")
    assert (await hub.channels.update(ann, "lab", topic=TOKEN)).topic == TOKEN
    assert (await hub.channels.update(ann, "lab", redact=True)).topic == TOKEN
