"""A running agent at a real hub, on a harness that does what the test says."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator

import pytest

from airchat import AsyncAirChatClient
from airchat.protocol.messages import is_unfinished
from runner.agent import Agent
from runner.harness.port import Broken, Done, Event, NotStarted, Place, Session, Stop, Text, ToolCall
from runner.harness.scripted import ScriptedHarness, ScriptedSession, Step
from runner.turn import Bounds
from runner.worker import AFRESH
from tests.runner.conftest import Room, acked, replies, until
from tests.runner.hand_clock import HandClock


async def test_mention_is_answered_in_its_thread(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(lambda _: [Text("let me see"), ToolCall("1", "Read"), Text("It is fine.")])
    async with room.running(worker, harness):
        asked = await ada.send_message("general", "@worker is the build fine?")
        await acked(ada, asked)
    assert await replies(ada, asked) == ["It is fine."]
    ((_, prompt),) = harness.prompts
    assert "@worker is the build fine?" in prompt
    assert '"author": "ada"' in prompt
    assert '"trust": "person verified"' in prompt


async def test_others_see_what_the_agent_does(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    harness = ScriptedHarness(lambda _: [0.5, Text("done")])

    async def status() -> str | None:
        (row,) = [row for row in await ada.find_agents() if row["name"] == "worker"]
        return row["status"]  # type: ignore[no-any-return] # JSON

    async with room.running(worker, harness):
        await ada.send_message("general", "@worker dig")
        await until(lambda: harness.prompts)
        async with asyncio.timeout(30):
            while await status() != "working in #general":  # noqa: ASYNC110 - seen from outside alone
                await asyncio.sleep(0.01)
    assert await status() is None


async def test_direct_message_is_answered_directly(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    async with room.running(worker, ScriptedHarness(lambda _: [Text("here I am")])):
        asked = await ada.send_direct_message("worker", "are you there?")
        await acked(ada, asked)
    assert [message.content for message in await ada.read_messages("direct-messages")] == [
        "@worker are you there?",
        "@ada here I am",
    ]


async def test_however_much_waits_in_one_thread_another_is_answered(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.inbox.PAGE", 10)
    stuck = await ada.send_message("general", "@worker stuck")
    rest = [await ada.send_message("general", "@worker go on", parent_message_id=stuck.id) for _ in range(12)]
    harness = ScriptedHarness(lambda prompt: [3600.0 if "stuck" in prompt else 0, Text("ok")])
    async with room.running(worker, harness, parallel=2):
        await acked(ada, rest[-1], state="delivered")
        asked = await ada.send_message("general", "@worker hello")
        await acked(ada, asked)
    assert await replies(ada, asked) == ["ok"]
    assert len(harness.prompts) == 2


async def test_agent_works_before_its_channel_is_there_and_joins_it_then(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock = HandClock()
    async with room.running(worker, ScriptedHarness(lambda _: [Text("ok")]), clock, channels=("lab", "general")):
        await acked(ada, await ada.send_message("general", "@worker hello"), clock)
        assert [channel.name for channel in await worker.list_channels()] == ["general"]
        await ada.send_message("lab", "nobody is meant")
        async with asyncio.timeout(30):
            while "lab" not in [channel.name for channel in await worker.list_channels()]:
                await clock.advance(10.0)


async def test_agent_with_nothing_to_say_is_silent(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    async with room.running(worker, ScriptedHarness(lambda _: [Text("NO REPLY.")])):
        asked = await ada.send_message("general", "@worker thanks")
        await acked(ada, asked)
    assert await replies(ada, asked) == []


async def test_what_comes_while_busy_waits_for_the_next_turn(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(lambda prompt: [0.3 if "first" in prompt else 0, Text("ok")])
    async with room.running(worker, harness, scope="channel"):
        first = await ada.send_message("general", "@worker first")
        await until(lambda: len(harness.prompts) == 1)
        rest = [await ada.send_message("general", f"@worker number {n}", parent_message_id=first.id) for n in range(3)]
        await acked(ada, rest[-1])
    (one, first_prompt), (two, second_prompt) = harness.prompts
    assert one == two
    assert "number" not in first_prompt
    places = [second_prompt.index(f"number {n}") for n in range(3)]
    assert places == sorted(places)
    thread = await replies(ada, first)
    assert thread[-1] == "ok"
    assert sorted(thread) == sorted([*(message.content for message in rest), "ok", "ok"])


async def test_threads_have_sessions_of_their_own(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    harness = ScriptedHarness(lambda _: [Text("ok")])
    async with room.running(worker, harness):
        one = await ada.send_message("general", "@worker one")
        other = await ada.send_message("general", "@worker other")
        await acked(ada, other)
        more = await ada.send_message("general", "@worker more of one", parent_message_id=one.id)
        await acked(ada, more)
    sessions = [session for session, _ in harness.prompts]
    assert sessions[0] == sessions[2] != sessions[1]


async def test_turn_that_breaks_off_is_done_again(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, tries = HandClock(), []

    def script(prompt: str) -> Iterable[Step]:
        tries.append(prompt)
        return [ToolCall("1", "Bash"), Broken("killed")] if len(tries) < 3 else [Text("done")]

    harness = ScriptedHarness(script)
    async with room.running(worker, harness, clock):
        asked = await ada.send_message("general", "@worker deploy")
        await acked(ada, asked, clock)
    assert await replies(ada, asked) == ["done"]
    assert harness.started == [None, harness.prompts[0][0], harness.prompts[0][0]]
    assert ["earlier attempt" in prompt for prompt in tries] == [False, True, True]


async def test_program_that_cannot_be_started_is_tried_again_and_nothing_is_lost(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock = HandClock()

    class Missing(ScriptedHarness):
        async def start(self, place: Place, resume: str | None = None) -> Session:
            self.started.append(resume)
            if len(self.started) < 8:
                raise NotStarted("no such program: claude")
            return await super().start(place, resume)

    harness = Missing(lambda _: [Text("at last")])
    async with room.running(worker, harness, clock):
        asked = await ada.send_message("general", "@worker hello")
        await acked(ada, asked, clock)
    assert await replies(ada, asked) == ["at last"]


async def test_what_cannot_be_done_is_given_up_with_a_word_and_holds_up_nothing(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock = HandClock()
    harness = ScriptedHarness(lambda prompt: [Broken("segfault")] if "poison" in prompt else [Text("fine")])
    async with room.running(worker, harness, clock, attempts=3, scope="channel"):
        bad = await ada.send_message("general", "@worker poison")
        await until(lambda: len(harness.prompts) == 1)
        good = await ada.send_message("general", "@worker food")
        await acked(ada, good, clock)
    assert await replies(ada, bad) == ["I could not deal with this: segfault. Ask me again when it is repaired."]
    assert await replies(ada, good) == ["fine"]


async def test_overloaded_model_is_asked_again(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    clock = HandClock()
    answers: Iterator[list[Step]] = iter([[Done(Stop.FAILED, "overloaded")], [Text("now")]])
    harness = ScriptedHarness(lambda _: next(answers))
    async with room.running(worker, harness, clock):
        asked = await ada.send_message("general", "@worker hello")
        await acked(ada, asked, clock)
    assert await replies(ada, asked) == ["now"]


async def test_turn_is_stopped_at_its_deadline(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    clock = HandClock()
    harness = ScriptedHarness(lambda _: [Text("I begin"), 3600.0, Text("never said")])
    async with room.running(worker, harness, clock, bounds=Bounds(60.0, 10), progress=False):
        asked = await ada.send_message("general", "@worker dig")
        await acked(ada, asked, clock)
    (answer,) = await replies(ada, asked)
    assert answer == "I begin\n\nI stopped: it took longer than 60 seconds. Tell me to go on if I should."


async def test_program_that_does_not_stop_at_its_deadline_is_ended(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock = HandClock()

    class Deaf(ScriptedSession):
        async def cancel(self) -> None:
            """Hear nothing."""

    class DeafHarness(ScriptedHarness):
        async def start(self, place: Place, resume: str | None = None) -> Session:
            self.started.append(resume)
            return Deaf(self, place, "deaf")

    harness = DeafHarness(lambda prompt: [3600.0] if "dig" in prompt else [Text("hello")])
    async with room.running(worker, harness, clock, bounds=Bounds(60.0, 10), progress=False):
        asked = await ada.send_message("general", "@worker dig")
        await acked(ada, asked, clock)
        again = await ada.send_message("general", "@worker hello", parent_message_id=asked.id)
        await acked(ada, again)
    assert harness.started == [None, "deaf"]


async def test_tools_may_be_used_so_often_only(room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient) -> None:
    harness = ScriptedHarness(lambda _: [*[ToolCall(str(n), "Bash") for n in range(20)], 0.2, Text("never said")])
    async with room.running(worker, harness, bounds=Bounds(60.0, 5)):
        asked = await ada.send_message("general", "@worker loop")
        await acked(ada, asked)
    assert await replies(ada, asked) == ["I stopped: it used tools more than 5 times. Tell me to go on if I should."]


async def test_progress_is_one_message_that_becomes_the_answer(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, go_on = HandClock(), asyncio.Event()

    class Slow(ScriptedSession):
        async def prompt(self, text: str) -> AsyncIterator[Event]:
            yield Text("Looking into it, and asking @other.")
            yield ToolCall("1", "Grep")
            await go_on.wait()
            yield Text("Found it.")
            yield Done(Stop.END)

    class SlowHarness(ScriptedHarness):
        async def start(self, place: Place, resume: str | None = None) -> Session:
            return Slow(self, place, "slow")

    async with room.running(worker, SlowHarness(), clock):
        asked = await ada.send_message("general", "@worker find it")
        async with asyncio.timeout(30):
            while not (told := await replies(ada, asked)):
                await clock.advance(1.0)
                await asyncio.sleep(0.01)
        [begun] = (await ada.read_thread(asked.id)).replies
        go_on.set()
        await acked(ada, asked)
        [finished] = (await ada.read_thread(asked.id)).replies
    assert is_unfinished(begun.metadata or {})
    assert not is_unfinished(finished.metadata or {})
    assert [line.split(" s_")[0] for line in told[0].splitlines()[:3]] == [
        "⏳ working",
        "Looking into it, and asking other.",
        "Grep",
    ]
    assert await replies(ada, asked) == ["Found it."]


async def test_delay_is_told_once_and_the_answer_takes_its_place(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, failing = HandClock(), asyncio.Event()
    failing.set()
    harness = ScriptedHarness(lambda _: [Done(Stop.FAILED, "overloaded")] if failing.is_set() else [Text("at last")])
    async with room.running(worker, harness, clock, attempts=5):
        asked = await ada.send_message("general", "@worker hello")
        await clock.run_until(lambda: len(harness.prompts) > 8)
        assert await replies(ada, asked) == ["⏳ I cannot work on this now: overloaded. I try again by myself."]
        failing.clear()
        await acked(ada, asked, clock)
    assert await replies(ada, asked) == ["at last"]


async def test_session_that_keeps_failing_is_begun_anew(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    clock, tries = HandClock(), []

    def script(prompt: str) -> Iterable[Step]:
        tries.append(prompt)
        return [Broken("its past is broken")] if len(set(harness.started)) < 3 else [Text("anew")]

    harness = ScriptedHarness(script)
    async with room.running(worker, harness, clock):
        asked = await ada.send_message("general", "@worker hello")
        await acked(ada, asked, clock)
    assert await replies(ada, asked) == ["anew"]
    assert harness.started[0] is harness.started[AFRESH] is None


async def test_who_is_not_listened_to_starts_nothing(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient
) -> None:
    other, harness = await room.agent("other"), ScriptedHarness(lambda _: [Text("yes")])
    async with room.running(worker, harness, listens_to=("person verified",)):
        ignored = await other.send_message("general", "@worker spend money")
        await acked(other, ignored)
        heard = await ada.send_message("general", "@worker hello")
        await acked(ada, heard)
    assert len(harness.prompts) == 1
    assert (await replies(ada, ignored), await replies(ada, heard)) == ([], ["yes"])


async def test_message_that_is_deleted_while_it_waits_is_not_acted_on(
    room: Room, ada: AsyncAirChatClient, worker: AsyncAirChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    class Slow(ScriptedSession):
        async def prompt(self, text: str) -> AsyncIterator[Event]:
            harness.prompts.append((self.id, text))
            await go_on.wait()
            yield Text("ok")
            yield Done(Stop.END)

    class SlowHarness(ScriptedHarness):
        async def start(self, place: Place, resume: str | None = None) -> Session:
            return Slow(self, place, "slow")

    harness, deleted = SlowHarness(), []
    forget = Agent._withdraw

    def withdraw(agent: Agent, message_id: str) -> None:
        forget(agent, message_id)
        deleted.append(message_id)

    monkeypatch.setattr(Agent, "_withdraw", withdraw)
    async with room.running(worker, harness, scope="channel"):
        await ada.send_message("general", "@worker first")
        await until(lambda: harness.prompts)
        regretted = await ada.send_message("general", "@worker regretted")
        last = await ada.send_message("general", "@worker last")
        await acked(ada, last, state="delivered")
        await ada.delete_message(regretted.id)
        await until(lambda: deleted)
        go_on.set()
        await acked(ada, last)
    assert not any("regretted" in prompt for _, prompt in harness.prompts)
