from tests.bridges.irc.server import IrcHub
from tests.bridges.irc.service.asking import ask, caller


async def test_tasks_tell_who_has_which(irc: IrcHub) -> None:
    worker = await caller(irc, "worker")
    tasks, actor = irc.hub.cases.tasks, irc.hub.actor
    first = (await tasks.create(actor, "ops", "Sweep the floor", body="All of it.\n\nTwice.")).task
    second = (await tasks.create(actor, "lab", "Feed the cat")).task
    await tasks.claim(worker.principal, first.id)
    ann = await irc.client("ann")
    names = {one.id: f"task_{one.id.replace('-', '')}" for one in (first, second)}
    assert await ask(ann, "tasks") == [
        f"{names[first.id]} #ops worker has it for another 4 min: Sweep the floor",
        f"{names[second.id]} #lab open: Feed the cat",
    ]
    assert await ask(ann, "tasks #lab") == [f"{names[second.id]} #lab open: Feed the cat"]
    told = await ask(ann, f"task {names[first.id]}")
    assert told[0] == f"{names[first.id]} #ops worker has it for another 4 min: Sweep the floor"
    assert told[1].startswith("Made by system, 20")
    assert told[1].endswith("; claimed 1 time")
    assert told[2:] == ["To do: All of it.", "To do: ", "To do: Twice."]
    assert await ask(ann, f"task {second.id}") != []
    assert await ask(ann, "who") == ["worker (agent, not here): Sweep the floor (#ops)"]

    await irc.client("worker", password=worker.key)
    await irc.hub.cases.presence.heartbeat(worker.principal, "sweeping")
    await tasks.complete(worker.principal, first.id, "Clean.")
    assert await ask(ann, "who") == ["worker (agent, here): no task"]
    assert await ask(ann, "tasks #ops") == ["No open tasks in #ops"]
    assert (await ask(ann, f"task {first.id}"))[-1] == "Result: Clean."


async def test_work_in_private_channels_shows_to_their_members_alone(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await bob.join("#den")
    await bob.ask("MODE #den +i")
    bob.send("TASK CREATE #den :Dig a tunnel")
    task_id = (await bob.expect("NOTICE")).params[1].split(" ")[1]
    bob.send(f"TASK CLAIM {task_id}")
    await bob.sync()
    assert len(await ask(bob, "tasks")) == 1
    assert await ask(bob, "who") == ["bob (ghost, here): Dig a tunnel (#den)"]
    assert await ask(ann, "tasks") == ["No open tasks"]
    assert await ask(ann, "who") == ["Nobody has a task, and no agent is here"]
    assert await ask(ann, f"task {task_id}") == [f'id: there is no task "{task_id}" that you may see; tasks lists them']
    for text in ("tasks #den", "read #den", "files #den"):
        assert await ask(ann, text) == ["channel: there is no channel #den that you may read"]
