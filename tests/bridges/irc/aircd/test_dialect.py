import asyncio
from pathlib import Path

from bridges.irc.log.tasks import shown_id
from tests.bridges.irc.aircd.client import AircdClient, agent
from tests.bridges.irc.server import IrcHub, running_irc_server

TASK_TAGS = ["task-id", "task-action", "task-status", "task-actor", "task-title"]


async def test_a_client_says_who_it_is_without_waiting_and_hears_001_first(irc: IrcHub) -> None:
    client = await agent(irc, "agent-a")
    await client.sync()
    assert client.nick == "agent-a"
    assert client.heard == []
    assert client.others == [":aircd PONG aircd sync-1"]


async def test_a_client_that_sends_a_token_and_a_nick_alone_is_taken_for_one_of_the_dialect(irc: IrcHub) -> None:
    await irc.hub.cases.agents.add(irc.hub.actor, "agent-a")
    _, token = await irc.hub.cases.credentials.create_token(irc.hub.actor, "agent-a", "raw")
    client = await irc.connect()
    client.send("CAP LS 302", "CAP REQ :message-tags", f"PASS {token}", "NICK whoever")
    line = await client.expect("001")
    assert (line.source, line.params[0]) == ("aircd", "agent-a")
    assert (await client.sync())[0:] == []


async def test_whoever_sends_no_token_is_not_taken_for_it(irc: IrcHub) -> None:
    client = await irc.connect()
    client.send("PASS nonsense", "NICK whoever")
    await asyncio.sleep(1.2)
    assert await client.sync() == []


async def test_every_line_of_the_log_begins_with_seq_id_and_time(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await other.join("work")
    await one.say("#work", "hello; you")
    await other.sync()
    [own], [heard] = one.heard, other.heard
    assert own == heard
    assert list(heard.tags) == ["seq", "msg-id", "time"]
    assert heard.raw.startswith("@seq=")
    assert heard.raw.endswith(" PRIVMSG #work :hello; you")
    assert (heard.channel, heard.sender, heard.content, heard.is_replay) == ("#work", "agent-a", "hello; you", False)
    assert heard.tags["time"].isdecimal()


async def test_standard_clients_are_in_the_same_channel(irc: IrcHub) -> None:
    one, ann = await agent(irc, "agent-a"), await irc.client("ann")
    await one.join("#work")
    await ann.join("#work")
    await one.say("#work", "hello")
    assert await ann.seen() == [("agent-a", "PRIVMSG", "#work", "hello")]
    await ann.ask("PRIVMSG #work :hi")
    await one.sync()
    assert [(heard.sender, heard.content) for heard in one.heard] == [("agent-a", "hello"), ("ann", "hi")]


async def test_only_members_talk_and_leaving_is_silent(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await other.say("#work", "may I?")
    assert ":aircd 442 agent-b #work :You're not on that channel" in other.others
    await one.sync()
    assert one.heard == []
    before = len(one.others)
    assert await one.ask("PART #work :bye") == []
    assert await one.ask("PART #work") == []
    assert len(one.others) == before + 2  # the PONGs


async def test_joining_shows_no_backlog_but_history_does(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    for number in range(3):
        await one.say("#work", f"line {number}")
    await other.join("#work")
    assert other.heard == []
    found = await other.ask("CHATHISTORY AFTER #work 0 2")
    assert [(heard.content, heard.is_replay) for heard in found] == [("line 0", True), ("line 1", True)]
    for text in (
        f"CHATHISTORY #work {found[1].seq} 100",
        f"HISTORY #work {found[1].seq}",
        f"CHATHISTORY AFTER {found[1].seq} 9",
    ):
        assert [heard.content for heard in await other.ask(text)] == ["line 2"], text
    [nothing] = await other.ask(f"CHATHISTORY AFTER #work {one.heard[-1].seq} 50")
    assert (nothing.channel, nothing.sender, nothing.is_replay) == ("#work", "aircd", True)


async def test_whoever_is_no_member_reads_history_too(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await one.say("#work", "hello")
    assert [heard.content for heard in await other.ask("CHATHISTORY AFTER #work 0 50")] == ["hello"]


async def test_what_is_private_is_as_if_it_were_empty(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await one.say("#work", "a secret")
    task = await created_task(one)
    one.send("MODE #work +isk key")
    await one.sync()
    [nothing] = await other.ask("CHATHISTORY AFTER #work 0 50")
    assert nothing.content == "No messages in #work after seq 0."
    assert [heard.content for heard in await other.ask("TASK LIST #work")] == ["No open tasks in #work"]
    [refused] = await other.ask(f"TASK CLAIM {task}")
    assert refused.content == f"TASK CLAIM {task} failed: task is already claimed or done"


async def test_what_was_missed_comes_without_joining_with_its_task_tags(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    for client in (one, other):
        await client.join("#work")
    await other.close()
    await one.say("#work", "hello")
    [created] = await one.ask("TASK CREATE #work :fix it")
    await one.ask(f"TASK CLAIM {created.tags['task-id']}")
    other.channels.clear()
    await other.connect()
    await other.sync()
    assert [(heard.content, heard.is_replay) for heard in other.heard] == [
        ("hello", True),
        (created.content, True),
        (created.content.replace("created", "claimed"), True),
    ]
    assert list(other.heard[1].tags) == ["seq", "msg-id", "time", "replay", *TASK_TAGS]
    assert other.heard[2].tags["task-action"] == "claim"


# TASK


async def created_task(client: AircdClient, title: str = "fix it") -> str:
    [heard] = await client.ask(f"TASK CREATE #work :{title}")
    return heard.tags["task-id"]


async def test_a_task_lives_in_the_words_of_aircd(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await other.join("#work")
    task = await created_task(one)
    assert task.startswith("task_")
    assert len(task) == 37
    await other.ask(f"TASK CLAIM {task}")
    [listed] = await one.ask("TASK LIST #work")
    expiry = listed.content.partition("lease_expires_at=")[2].partition(" ")[0]
    assert listed.raw == (
        f":aircd NOTICE agent-a :TASK {task} channel=#work status=claimed claimed_by=agent-b "
        f"lease_expires_at={int(expiry)} title=:fix it"
    )
    await other.ask(f"TASK RELEASE {task}")
    await other.ask(f"TASK CLAIM {task}")
    await other.ask(f"TASK DONE {task}")
    await one.sync()
    told = [heard for heard in one.heard if heard is not listed]
    assert told == other.heard
    assert [(heard.channel, heard.sender, heard.content) for heard in told] == [
        ("#work", "aircd", f"TASK {task} {verb}: fix it")
        for verb in (
            "created by agent-a",
            "claimed by agent-b",
            "released by agent-b",
            "claimed by agent-b",
            "completed by agent-b",
        )
    ]
    assert [heard.tags["task-action"] for heard in told] == ["create", "claim", "release", "claim", "done"]
    assert [heard.tags.get("task-fence") for heard in told] == [None, "1", "1", "2", "2"]
    for heard in told:
        assert list(heard.tags)[:8] == ["seq", "msg-id", "time", *TASK_TAGS]
        assert heard.tags["task-status"] == "success"
    assert [(heard.raw) for heard in await one.ask("TASK LIST #work")] == [
        ":aircd NOTICE agent-a :No open tasks in #work"
    ]


async def test_what_fails_is_told_to_the_caller_alone(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    await other.join("#work")
    task = await created_task(one)
    await one.ask(f"TASK CLAIM {task}")
    await other.sync()
    seen = len(other.heard)
    failed = "task is already claimed or done"
    for who in (one, other):
        for given in (task, "task_unknown", ""):
            [told] = await who.ask(f"TASK CLAIM {given}".rstrip())
            action = "task-action=claim;task-status=failed"
            assert told.raw == (
                f"@task-id={given};{action};task-actor={who.nick} "
                f":aircd NOTICE {who.nick} :TASK CLAIM {given} failed: {failed}"
            ).replace("@task-id=;", "@task-id;")
    for word in ("DONE", "RELEASE"):
        [told] = await other.ask(f"TASK {word} {task}")
        assert told.content == f"TASK {word} {task} failed: task is not claimed by this principal"
        assert list(told.tags) == TASK_TAGS[:4]
    [told] = await other.ask("TASK CREATE #work :")
    assert told.raw == ":aircd NOTICE agent-b :TASK CREATE failed: title is required"
    assert len(other.heard) == seen + 6
    await one.ask("TASK")
    await one.ask("TASK FOO")
    assert one.others[-4:-3] + one.others[-2:-1] == [
        ":aircd 421 * TASK :Unknown command",
        ":aircd 421 * TASK FOO :Unknown command",
    ]


async def test_whoever_is_no_member_works_on_tasks_and_hears_of_it(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await one.join("#work")
    task = await created_task(one)
    assert [heard.content for heard in await other.ask("TASK LIST work")] == [
        f"TASK {task} channel=#work status=open claimed_by=- lease_expires_at=- title=:fix it"
    ]
    [claimed] = await other.ask(f"TASK CLAIM {task}")
    assert (claimed.channel, claimed.content) == ("#work", f"TASK {task} claimed by agent-b: fix it")
    [done] = await other.ask(f"TASK DONE {task}")
    assert done.tags["task-action"] == "done"


async def test_results_renewals_and_fences(irc: IrcHub) -> None:
    one = await agent(irc, "agent-a")
    await one.join("#work")
    task = await created_task(one)
    await one.ask(f"TASK CLAIM {task}")
    [renewed] = await one.ask(f"TASK RENEW {task}")
    assert renewed.content == f"TASK {task} renewed by agent-a: fix it"
    assert (renewed.channel, renewed.tags["task-fence"]) == ("agent-a", "1")
    assert int(renewed.tags["task-lease-expires-at"]) > 0
    [stale] = await one.ask(f"@task-fence=7 TASK RENEW {task}")
    assert stale.tags["task-status"] == "failed"
    assert [heard.content for heard in await one.ask(f"TASK RESULT {task}")] == [f"TASK {task} has no result"]
    told = await one.ask(f"@task-fence=1 TASK RESULT {task} :it was the cache")
    assert [heard.content for heard in told] == [
        f"[task {task[5:13]} done] fix it",
        "it was the cache",
        f"TASK {task} completed by agent-a: fix it",
    ]
    assert [heard.content for heard in await one.ask(f"TASK RESULT {task}")] == [
        f"TASK {task} result: it was the cache"
    ]
    shown = [heard.content for heard in await one.ask(f"TASK SHOW {task}")]
    assert shown[0].startswith(f"TASK {task} channel=#work status=done claimed_by=agent-a ")
    assert "fence=1 attempts=1/100" in shown[1]
    assert shown[2:] == [f"TASK {task} result: it was the cache"]
    second = await created_task(one, "another")
    [cancelled] = await one.ask(f"TASK CANCEL {second}")
    assert (cancelled.content, cancelled.tags["task-action"]) == (
        f"TASK {second} cancelled by agent-a: another",
        "cancel",
    )


async def test_people_with_standard_clients_use_tasks_too(irc: IrcHub) -> None:
    one, ann, tagged = await agent(irc, "agent-a"), await irc.client("ann"), await irc.client("bob", "message-tags")
    await one.join("#work")
    for client in (ann, tagged):
        await client.join("#work")
    await ann.sync()
    [notice] = await ann.ask("TASK CREATE #work :fix it")
    await one.sync()
    [heard] = one.heard
    task = heard.tags["task-id"]
    assert notice == ("NOTICE", "#work", f"TASK {task} created by ann: fix it")
    [seen] = await tagged.sync()
    assert seen.tags["task-id"] == task
    await one.ask(f"TASK CLAIM {task}")
    assert await ann.ask("TASK LIST") != []
    assert await ann.ask(f"TASK DONE {task}") == [
        ("NOTICE", "ann", f"TASK DONE {task} failed: task is not claimed by this principal")
    ]


async def test_tasks_changed_elsewhere_are_shown(irc: IrcHub) -> None:
    one = await agent(irc, "agent-a")
    await one.join("#work")
    posted = await irc.hub.cases.tasks.create(irc.hub.actor, "work", "from elsewhere")
    await irc.hub.cases.tasks.cancel(irc.hub.actor, posted.task.id)
    await one.sync()
    name = shown_id(posted.task.id)
    assert [heard.content for heard in one.heard] == [
        f"TASK {name} created: from elsewhere",
        f"TASK {name} cancelled: from elsewhere",
    ]


async def test_a_lease_ends_without_a_word_to_agents_and_the_task_is_free_again(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, task_lease_seconds=1) as irc:
        one, other, ann = await agent(irc, "agent-a"), await agent(irc, "agent-b"), await irc.client("ann")
        await one.join("#work")
        await ann.join("#work")
        task = await created_task(one)
        await one.ask(f"TASK CLAIM {task}")
        await asyncio.sleep(1.1)
        [late] = await one.ask(f"TASK DONE {task}")
        assert late.content == f"TASK DONE {task} failed: task is not claimed by this principal"
        await other.ask(f"TASK CLAIM {task}")
        await one.sync()
        claimed = f"TASK {task} claimed by agent-b: fix it"
        assert [heard.content for heard in one.heard if heard.channel == "#work"][2:] == [claimed]
        assert [text for *_, text in await ann.seen()][-2:] == [f"TASK {task} lapsed: fix it", claimed]
        one.send("CHATHISTORY AFTER #work 0")
        await one.sync()
        assert claimed in [heard.content for heard in one.heard if heard.is_replay]
        assert f"TASK {task} lapsed: fix it" not in {heard.content for heard in one.heard}
