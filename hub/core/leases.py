"""The life of a task as pure rules: who may change it when, and what it is afterwards.

A claim holds for the task's lease; its fence tells it from every other claim. A holder whose lease has ended may write
nothing any more, whether or not the janitor has noticed.
"""

from dataclasses import replace

from airchat.protocol.errors import Conflict, Forbidden, StaleFence
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import SECOND


def lapsed(task: Task, now: int) -> bool:
    """Tell whether the task is held under a lease that has ended."""
    return task.status is TaskStatus.CLAIMED and task.lease_expires_at is not None and task.lease_expires_at <= now


def claimed(task: Task, holder_id: str, now: int) -> Task:
    """Return the task as claimed; one whose lease has ended can be claimed at once.

    Raises:
        Conflict: it is not open, or was claimed too often.
    """
    if task.status is not TaskStatus.OPEN and not lapsed(task, now):
        raise Conflict(f"Task is {task.status}, not open")
    if task.attempts >= task.max_attempts:
        raise Conflict(f"Task was given up after {task.attempts} attempts")
    return replace(
        task,
        status=TaskStatus.CLAIMED,
        fence=task.fence + 1,
        attempts=task.attempts + 1,
        claimed_by=holder_id,
        claimed_at=now,
        lease_expires_at=now + task.lease_seconds * SECOND,
    )


def check_holder(task: Task, actor_id: str, fence: int | None, now: int, verb: str) -> None:
    """Do nothing when the actor holds the task; old clients know no fence and give None. `verb` says what it wants.

    Raises:
        StaleFence: the claim with that fence has ended.
        Conflict: nobody holds the task.
        Forbidden: somebody else does.
    """
    if fence is not None and (fence != task.fence or task.status is TaskStatus.OPEN):
        raise StaleFence("Your claim on the task has ended; the task was released or claimed again")
    if task.status is not TaskStatus.CLAIMED:
        raise Conflict(f"Task is {task.status}, not claimed")
    if task.claimed_by != actor_id:
        raise Forbidden(f"Only the claimant can {verb} a task")
    if lapsed(task, now):
        raise StaleFence("The lease on the task has ended; claim it again")


def renewed(task: Task, now: int) -> Task:
    """Return the held task with its full lease ahead."""
    return replace(task, lease_expires_at=now + task.lease_seconds * SECOND)


def given_back(task: Task) -> Task:
    """Return the held task as open again, or as cancelled when its attempts are used up."""
    status = TaskStatus.OPEN if task.attempts < task.max_attempts else TaskStatus.CANCELLED
    return replace(task, status=status, claimed_by=None, claimed_at=None, lease_expires_at=None)


def completed(task: Task, result: str, message_id: str | None, now: int) -> Task:
    """Return the held task as done; it keeps its holder and fence."""
    return replace(
        task,
        status=TaskStatus.DONE,
        result=result,
        result_message_id=message_id,
        completed_at=now,
        lease_expires_at=None,
    )


def cancelled(task: Task) -> Task:
    """Return the task as cancelled.

    Raises:
        Conflict: it is final already.
    """
    if task.status not in {TaskStatus.OPEN, TaskStatus.CLAIMED}:
        raise Conflict(f"Task is {task.status}, not open or claimed")
    return replace(task, status=TaskStatus.CANCELLED, lease_expires_at=None)
