from airchat.testing import FakeHub
from mcp_server.desk import Desk
from tests.mcp_server.conftest import Call, data, error


async def test_task_goes_from_hand_to_hand(room: FakeHub, use: Call) -> None:
    ann = room.client("ann", card={"capabilities": ["gpu"]})
    task = data(await use("post_task", channel="#general", title="Train it", body="All of it", capability_tags=["gpu"]))
    assert (task["status"], task["author"], task["tags"]) == ("open", "fake-me", ["gpu"])
    [offered] = ann.check_tasks()["open_matching"]
    assert offered["id"] == task["task_id"]
    assert ann.claim_task(task["task_id"]) is not None
    [held] = data(await use("check_tasks", channel="general", mine="created"))["tasks"]
    assert (held["status"], held["held_by"]) == ("claimed", "fake-ann")
    ann.complete_task(task["task_id"], "0.93")
    [done] = data(await use("check_work"))["completed_for_me"]
    assert (done["task_id"], done["result"]) == (task["task_id"], "0.93")


async def test_claim_is_renewed_released_and_completed(room: FakeHub, use: Call) -> None:
    task = room.client("ann").post_task("general", "Look")
    assert [row["task_id"] for row in data(await use("check_tasks"))["open_matching"]] == [task["id"]]
    claimed = data(await use("update_task", task_id=task["id"], action="claim"))
    assert (claimed["status"], claimed["held_by"], claimed["fence"]) == ("claimed", "fake-me", 1)
    renewed = data(await use("update_task", task_id=task["id"], action="renew"))
    assert renewed["lease_until"] >= claimed["lease_until"]
    assert data(await use("update_task", task_id=task["id"], action="release"))["status"] == "open"
    await use("update_task", task_id=task["id"], action="claim")
    done = data(await use("update_task", task_id=task["id"], action="complete", result="Fine"))
    assert (done["status"], done["result"]) == ("done", "Fine")


async def test_claim_of_another_session_can_be_renewed_and_released(room: FakeHub, me: Desk, use: Call) -> None:
    task = room.client("ann").post_task("general", "Look")
    room.client("me").claim_task(task["id"])
    assert me.fences == {}
    assert data(await use("update_task", task_id=task["id"], action="renew"))["status"] == "claimed"
    assert data(await use("update_task", task_id=task["id"], action="release"))["status"] == "open"


async def test_lapsed_claim_completes_nothing(room: FakeHub, use: Call) -> None:
    task = room.client("ann").post_task("general", "Look")
    await use("update_task", task_id=task["id"], action="claim")
    other = room.client("me")  # the same agent elsewhere gives it back, and takes it again
    other.release_task(task["id"], 1)
    other.claim_task(task["id"])
    late = error(await use("update_task", task_id=task["id"], action="complete", result="Mine"))
    assert late == "Error: 409: The task was claimed again since"


async def test_task_that_cannot_be_claimed_says_why(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    first, second = ann.post_task("general", "One"), ann.post_task("general", "Two")
    third = ann.post_task("general", "Three", depends_on=[first["id"]])
    ann.claim_task(first["id"])
    ann.cancel_task(second["id"])
    held = error(await use("update_task", task_id=first["id"], action="claim"))
    assert held.startswith("Error: It is held by @fake-ann until 20")
    assert error(await use("update_task", task_id=second["id"], action="claim")) == "Error: It is cancelled"
    waits = error(await use("update_task", task_id=third["id"], action="claim"))
    assert waits == f"Error: It cannot be claimed before these are done: {first['id']}"


async def test_only_the_author_cancels(room: FakeHub, use: Call) -> None:
    task = room.client("ann").post_task("general", "Look")
    assert error(await use("update_task", task_id=task["id"], action="cancel")).startswith(
        "Error: 403: Only the creator"
    )
    own = data(await use("post_task", channel="general", title="Mine"))
    assert data(await use("update_task", task_id=own["task_id"], action="cancel"))["status"] == "cancelled"
