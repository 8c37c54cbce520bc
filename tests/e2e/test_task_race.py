"""Fifty workers, a thousand tasks, a hub that is killed and workers that die: each task is completed once."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.callers import Answer, Caller, Line, cancelled, enrol
from tests.e2e.database import Database
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORKERS = 50
TASKS = 1000
LEASE_SECONDS = 10
DEATHS = 0.05
LAST_DEADLY_FENCE = 2
KILLS = 10
LOAD_SECONDS = (0.3, 1.2)
HAUNTING_SECONDS = 3.0


@dataclass(frozen=True)
class Claim:
    """What a worker was told when it got a task."""

    task_id: str
    fence: int
    until: datetime


@dataclass
class Race:
    """What all workers together have been told."""

    completed: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether all is done."""
        return len(self.completed) == TASKS


@dataclass
class Worker:
    """Takes open tasks and completes them. Now and then it dies holding one, and later acts as if it had not."""

    caller: Caller
    race: Race
    stale: list[Claim] = field(default_factory=list)

    async def work(self) -> None:
        """Work until everything is done."""
        async with asyncio.TaskGroup() as ghosts:
            while not self.race.over:
                claim = await self._claim()
                if claim is None:
                    await asyncio.sleep(random.uniform(0, 0.2))
                elif claim.fence <= LAST_DEADLY_FENCE and random.random() < DEATHS:
                    ghosts.create_task(self._haunt(claim))
                else:
                    await self._finish(claim)

    async def complete(self, claim: Claim) -> Answer:
        """Complete a task by a claim, whether that still holds or not."""
        body = {"action": "complete", "fence": claim.fence, "result": f"by {self.caller.name} at {claim.fence}"}
        return await self.caller.insist("POST", f"/api/v2/tasks/{claim.task_id}", body)

    async def _claim(self) -> Claim | None:
        free = await self._free()
        if not free:
            return None
        chosen = random.choice(free)
        answer = await self.caller.insist("POST", f"/api/v2/tasks/{chosen}", {"action": "claim"})
        if answer.status != 200:
            assert answer.status == 409, answer
            return None
        task = answer.data["task"]
        return Claim(chosen, task["fence"], datetime.fromisoformat(task["lease_expires_at"]))

    async def _free(self) -> list[str]:
        """Return open tasks or, when there are none, those whose lease has ended."""
        listed = await self.caller.insist("GET", "/api/v2/tasks?status=open&limit=40")
        if listed.data["tasks"]:
            return [task["id"] for task in listed.data["tasks"]]
        held = await self.caller.insist("GET", "/api/v2/tasks?status=claimed&limit=200")
        now = datetime.now(UTC)
        return [task["id"] for task in held.data["tasks"] if datetime.fromisoformat(task["lease_expires_at"]) < now]

    async def _finish(self, claim: Claim) -> None:
        await asyncio.sleep(random.uniform(0, 0.02))
        answer = await self.complete(claim)
        if answer.status == 409 and datetime.now(UTC) > claim.until:  # the hub was away for the whole lease
            assert_stale(answer)
            self.stale.append(claim)
            return
        assert answer.data["task"]["fence"] == claim.fence
        assert claim.task_id not in self.race.completed
        self.race.completed[claim.task_id] = self.caller.name, claim.fence

    async def _haunt(self, claim: Claim) -> None:
        await asyncio.sleep((claim.until - datetime.now(UTC)).total_seconds() + random.uniform(0, HAUNTING_SECONDS))
        assert_stale(await self.complete(claim))
        self.stale.append(claim)


def assert_stale(answer: Answer) -> None:
    assert (answer.status, answer.body["code"]) == (409, "stale_fence"), answer


async def test_race_for_tasks(database: Database, tmp_path: Path, session: aiohttp.ClientSession) -> None:
    race = Race()
    with HubProcess(tmp_path, UNLIMITED | database.settings) as hub:
        line = Line(session, hub.url)
        machine = await enrol(hub, line)
        workers = [Worker(caller, race) for caller in await machine.crew(line, "worker", WORKERS)]
        await post_tasks(await machine.register(line, "boss"))
        working = asyncio.gather(*(worker.work() for worker in workers))
        with cancelled(working):
            for _ in range(KILLS):
                await asyncio.sleep(random.uniform(*LOAD_SECONDS))
                await asyncio.to_thread(hub.kill)
                await asyncio.to_thread(hub.start)
            await working
        await asyncio.to_thread(hub.stop)
        await asyncio.to_thread(hub.start)
        claims = [(worker, claim) for worker in workers for claim in worker.stale]
        assert len(claims) > TASKS * DEATHS / 3
        for answer in await asyncio.gather(*(worker.complete(claim) for worker, claim in claims)):
            assert_stale(answer)
        assert await asyncio.to_thread(hub.stop) == 0

    database.check()
    check_tasks(database, race)
    assert "Traceback" not in hub.log


async def post_tasks(boss: Caller) -> None:
    """Post all tasks, forty at a time."""
    room = asyncio.Semaphore(40)

    async def post(number: int) -> None:
        body: dict[str, Any] = {"channel": "project-race", "title": f"Task {number}"}
        async with room:
            answer = await boss.ask(
                "POST", "/api/v2/tasks", body | {"lease_seconds": LEASE_SECONDS, "max_attempts": 100}
            )
        assert answer.status == 200, answer

    await asyncio.gather(*(post(number) for number in range(TASKS)))


def check_tasks(database: Database, race: Race) -> None:
    """Assert that every task was completed once, by who was told so, and that each claim but the last one lapsed."""
    query = "SELECT t.id, t.status, p.name, t.fence, t.result FROM tasks t JOIN principals p ON p.id = t.claimed_by"
    done = {task_id: (name, fence) for task_id, (name, fence) in race.completed.items()}
    assert sorted(database.rows(query)) == sorted(
        (task_id, "done", name, fence, f"by {name} at {fence}") for task_id, (name, fence) in done.items()
    )
    assert counted(database, "task.completed") == dict.fromkeys(done, 1)
    fences = {task_id: fence for task_id, (_, fence) in done.items()}
    assert counted(database, "task.claimed") == fences
    lapsed = counted(database, "task.lapsed")
    assert {task_id: lapsed.get(task_id, 0) + 1 for task_id in fences} == fences
    assert sum(lapsed.values()) > 0
    [(results,)] = database.rows("SELECT count(DISTINCT result_message_id) FROM tasks")
    assert (results, len(database.messages())) == (TASKS, 2 * TASKS)


def counted(database: Database, kind: str) -> dict[str, int]:
    query = f"SELECT subject_id, count(*) FROM events WHERE kind = '{kind}' GROUP BY subject_id"  # noqa: S608
    return dict(database.rows(query))
