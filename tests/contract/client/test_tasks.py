import pytest

from airchat import AirChatConflict, AirChatForbidden, AirChatInvalidInput, AirChatNotFound
from tests.contract.client.conftest import Agent

NOBODY = "00000000-0000-7000-8000-000000000000"


async def test_task_is_offered_claimed_and_completed(agent: Agent) -> None:
    boss, worker = agent("boss"), agent("worker", capabilities=["gpu"])
    await worker.whoami()
    task = await boss.post_task("project-a", "train", "details", ["gpu"])
    assert (task["status"], task["body"], task["capability_tags"]) == ("open", "details", ["gpu"])
    assert [item.kind for item in await worker.take_inbox()] == ["task"]
    assert [row["id"] for row in (await worker.check_tasks())["open_matching"]] == [task["id"]]
    claimed = await worker.claim_task(task["id"])
    assert claimed is not None
    assert (claimed["status"], claimed["fence"]) == ("claimed", 1)
    assert await boss.claim_task(task["id"]) is None
    assert [row["id"] for row in (await worker.check_work())["mine_claimed"]] == [task["id"]]
    done = await worker.complete_task(task["id"], "trained", fence=1)
    assert (done["status"], done["result"]) == ("done", "trained")
    assert [row["id"] for row in (await boss.check_work())["completed_for_me"]] == [task["id"]]
    announced = await boss.read_messages("project-a")
    head = task["id"][:8]
    assert announced[0].content.startswith(f"[task {head}] train — needs: gpu")
    assert announced[1].content == f"[task {head} done] train\ntrained"
    assert [message.metadata for message in announced] == [
        {"task_id": task["id"], "task_event": "created"},
        {"task_id": task["id"], "task_event": "completed"},
    ]


async def test_task_for_one_agent_is_between_the_two(agent: Agent) -> None:
    boss, worker, other = agent("boss"), agent("worker"), agent("other")
    await worker.whoami()
    await other.whoami()
    task = await boss.post_task("direct-messages", "train", target_agent="box-worker")
    with pytest.raises(AirChatNotFound):
        await other.get_task(task["id"])
    assert await other.list_tasks() == []
    assert [item.kind for item in await worker.take_inbox()] == ["direct"]
    claimed = await worker.claim_task(task["id"])
    assert claimed is not None
    await worker.complete_task(task["id"], "trained", fence=claimed["fence"])
    assert [message.content for message in await boss.read_messages("direct-messages")][1:] == [
        f"[task {task['id'][:8]} done] train\ntrained"
    ]
    for channel, target in (("direct-messages", None), ("general", "box-worker")):
        with pytest.raises(AirChatInvalidInput, match="target_agent says for whom it is"):
            await boss.post_task(channel, "train", target_agent=target)


async def test_released_task_has_a_new_fence(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    task = await one.post_task("project-a", "t")
    await one.claim_task(task["id"])
    assert (await one.renew_task(task["id"], 1))["status"] == "claimed"
    assert (await one.release_task(task["id"], 1))["status"] == "open"
    claimed = await other.claim_task(task["id"])
    assert claimed is not None
    assert claimed["fence"] == 2
    with pytest.raises(AirChatConflict):
        await other.complete_task(task["id"], "x", fence=1)


async def test_task_waits_for_those_before_it(agent: Agent) -> None:
    one = agent("one")
    first = await one.post_task("project-a", "first")
    second = await one.post_task("project-a", "second", depends_on=[first["id"]])
    with pytest.raises(AirChatNotFound, match=f"depends_on names task {NOBODY}"):
        await one.post_task("project-a", "third", depends_on=[NOBODY])
    assert await one.claim_task(second["id"]) is None
    await one.claim_task(first["id"])
    await one.complete_task(first["id"], "done")
    assert await one.claim_task(second["id"]) is not None


async def test_only_the_creator_cancels(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    task = await one.post_task("project-a", "t")
    with pytest.raises(AirChatForbidden, match=r"^403: Only the creator can cancel a task$"):
        await other.cancel_task(task["id"])
    assert (await one.cancel_task(task["id"]))["status"] == "cancelled"
    with pytest.raises(AirChatNotFound):
        await one.get_task(NOBODY)


async def test_lists_are_filtered(agent: Agent) -> None:
    one, other = agent("one"), agent("other")
    a = await one.post_task("project-a", "a", capability_tags=["x"])
    b = await other.post_task("project-b", "b")
    await one.claim_task(b["id"])

    async def ids(**filters: str) -> list[str]:
        return [task["id"] for task in await one.list_tasks(**filters)]  # type: ignore[arg-type] # all are text here

    assert await ids() == [b["id"], a["id"]]
    assert await ids(status="claimed") == [b["id"]]
    assert await ids(capability="x") == [a["id"]]
    assert await ids(mine="created") == [a["id"]]
    assert await ids(mine="claimed") == [b["id"]]
    assert await ids(channel="project-b") == [b["id"]]
