"""What agents may make each other do; people always may."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from airchat.protocol.errors import Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxState
from airchat.protocol.principals import Card, Kind, Principal, Role
from airchat.protocol.timestamps import DAY, HOUR, MINUTE, SECOND
from airchat.protocol.usage import Tokens, UsageSource, Used
from hub.core import guards
from hub.core.budgets import Budget, Rules
from hub.core.gate import Gate
from hub.core.guards import Guards
from hub.core.messages import Messages
from hub.core.posting import Posted
from hub.core.system import SYSTEM, system_principal
from hub.core.tasks import Tasks
from store.ports.wakes import Scope
from tests.hub.core.hub import Hub, data
from tests.waiting import SECONDS

FREE = Rules(streak=0, hops=0, pair_per_minute=0, pair_per_hour=0, budgets={})


@dataclass
class Room:
    """A hub with a gate, two agents and a person."""

    hub: Hub
    gate: Gate
    guards: Guards
    messages: Messages
    a: Principal
    b: Principal
    ann: Principal

    async def say(self, author: Principal, content: str, channel: str = "lab", **how: str) -> Posted:
        """Post, and let a second pass."""
        posted = await self.messages.post(author, channel, content, **how)  # type: ignore[arg-type]
        self.hub.clock.forward(SECOND)
        return posted

    async def hears(self, agent: Principal) -> list[str]:
        """Take and acknowledge what waits for somebody."""
        taken = await self.hub.inbox.take(agent)
        await self.hub.inbox.ack(agent, [each.item.id for each in taken])
        return [each.message.content for each in taken if each.message]

    async def talk(self, start: str, pause: int = SECOND, most: int = 300, channel: str = "lab") -> int:
        """Let the two always answer each other, beginning with what ann says; return how often they did."""
        await self.say(self.ann, f"@abe {start}", channel)
        await self.guards.tick()
        for turn in range(most):
            me, other = (self.a, self.b) if turn % 2 == 0 else (self.b, self.a)
            if not await self.hears(me):
                return turn
            self.hub.clock.forward(pause)
            await self.say(me, f"@{other.name} over to you, {turn}", channel)
            await self.guards.tick()
        return most

    async def notices(self, channel: str = "lab") -> list[str]:
        page = await self.messages.read(self.ann, channel, 200)
        assert all("@" not in message.content for message in page.messages if message.author_name == SYSTEM)
        return [message.content for message in page.messages if message.metadata.get("guard")]


async def bot_of(hub: Hub) -> Principal:
    """Let a bot in that only a platform knows."""
    bot = Principal(new_id(hub.clock()), Kind.GHOST, "ci-slack", Role.MEMBER, hub.clock(), bot=True)
    await hub.store.write(lambda unit: unit.principals.save(bot))
    await hub.directory.load()
    return bot


async def room_of(hub: Hub, rules: Rules) -> Room:
    await system_principal(hub.store, hub.clock, SYSTEM)
    gate = Gate(hub.directory, rules)
    messages = Messages(hub.store, hub.clock, hub.directory, hub.channels, gate)
    guards = Guards(hub.store, hub.clock, hub.directory, hub.channels, hub.bus, gate)
    a, b = await hub.agent("abe"), await hub.agent("bea")
    return Room(hub, gate, guards, messages, a, b, await hub.agent("ann", kind=Kind.PERSON))


@pytest.fixture
async def room(hub: Hub) -> Room:
    """With the default rules."""
    return await room_of(hub, Rules())


async def test_two_agents_that_always_answer_stop_after_eight_turns(room: Room) -> None:
    assert await room.talk("go") == 8
    [notice] = await room.notices()
    assert notice == (
        "[guard] agents have written to agents 8 times in a row, without a person's word: "
        "abe will not hear of what bea wrote. A person who writes here lets them go on; "
        "so do !continue and: airchat guards continue lab"
    )
    [held] = await room.guards.held(room.ann)
    assert (held.sender.name, held.agent.name, held.item.held) == ("bea", "abe", "streak")
    for _ in range(3):
        await room.say(room.b, "@abe are you there?")
    assert await room.hears(room.a) == []
    assert len(await room.notices()) == 1
    assert len(await room.guards.held(room.ann)) == 4


async def test_person_who_speaks_lets_them_go_on_once(room: Room) -> None:
    assert await room.talk("go") == 8
    await room.say(room.b, "@abe still there?")
    assert await room.hub.log(EventKind.INBOX_QUEUED) == []
    await room.say(room.ann, "carry on")
    assert await room.guards.tick() == 2
    assert await room.guards.tick() == 0
    assert await room.guards.sweep() == 0
    events = await room.hub.log(EventKind.INBOX_QUEUED)
    assert [(event.recipient_id, event.actor_id, data(event)["kind"]) for event in events] == [
        (room.a.id, room.b.id, "mention")
    ] * 2
    assert await room.hears(room.a) == ["@abe over to you, 7", "@abe still there?"]
    assert await room.hears(room.a) == []
    assert await room.talk("again") == 8
    assert len(await room.notices()) == 2


async def test_guards_that_wait_for_news_notice_at_once_that_a_person_speaks(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "SWEEP_TIME", DAY)
    assert await room.talk("go") == 8
    await room.say(room.b, "@abe still there?")
    await room.guards.follow()
    waiting = asyncio.create_task(room.guards.follow())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert await room.hears(room.a) == []
    await room.say(room.ann, "carry on")
    async with asyncio.timeout(SECONDS):
        await waiting
    assert await room.hears(room.a) == ["@abe over to you, 7", "@abe still there?"]


async def test_held_message_is_there_for_its_sender_to_see(room: Room) -> None:
    await room.talk("go")
    posted = await room.say(room.b, "@abe hello?")
    assert posted.held == (("abe", "streak"),)
    [(who, item)] = await room.hub.inbox.receipts(room.b, posted.message.id)
    assert (who.name, item.state, item.held) == ("abe", InboxState.HELD, "streak")
    event = (await room.hub.log(EventKind.MESSAGE_CREATED))[-1]
    assert (data(event)["mentions"], data(event)["held"]) == ([], [room.a.id])
    assert await room.hub.inbox.pending(room.a) == []
    assert "@abe hello?" not in await room.hub.mentioned(room.a)
    assert "@abe hello?" in await room.hub.mentioned(room.a, unread_only=False)


async def test_slow_pair_stops_within_its_budget(hub: Hub) -> None:
    """Every thirty seconds one message, with a person who says something now and then."""
    room = await room_of(hub, replace(Rules(), pair_per_hour=40))
    said = 0
    for _ in range(20):
        said += await room.talk("go on", pause=29 * SECOND)
        if any("pair" in (held.item.held or "") for held in await room.guards.held(room.ann)):
            break
    assert 40 <= said <= 42
    assert "abe and bea have written to each other 40 times this hour: " in (await room.notices())[-1]
    left = HOUR - hub.clock() % HOUR
    hub.clock.forward(left - 10 * SECOND)
    assert await room.guards.tick() == 0
    hub.clock.forward(10 * SECOND)
    assert await room.guards.tick() == 1


async def test_quick_pair_is_stopped_within_the_minute_wherever_they_talk(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, pair_per_minute=5))
    for turn in range(8):
        posted = await room.messages.post(room.a, f"lab-{turn}", "@bea look")
        assert bool(posted.held) == (turn >= 5)
    hub.clock.forward(MINUTE)
    assert await room.guards.tick() == 3


async def test_third_agent_goes_on_serving_people(room: Room) -> None:
    third = await room.hub.agent("third")
    await room.talk("go")
    for turn in range(20):
        posted = await room.say(room.ann, f"@third question {turn}", "help")
        assert posted.held == ()
        assert await room.hears(third) == [f"@third question {turn}"]
        await room.say(third, f"@ann answer {turn}", "help")
    posted = await room.say(room.ann, "@abe @bea @third what is it?", "lab")
    assert posted.held == ()
    for agent in (room.a, room.b, third):
        assert "@abe @bea @third what is it?" in await room.hears(agent)


async def test_agents_may_post_what_is_for_nobody(room: Room) -> None:
    for turn in range(30):
        await room.say(room.a, f"progress {turn}")
    assert (await room.say(room.a, "@bea your turn")).held == ()


async def test_what_one_agent_writes_in_a_row_is_one_turn(room: Room) -> None:
    others = [await room.hub.agent(f"worker-{number}") for number in range(12)]
    for other in others:
        assert (await room.say(room.a, f"@{other.name} here is yours")).held == ()
    held = [bool((await room.say(other, "@abe done")).held) for other in others]
    assert held == [False] * 6 + [True] * 6
    await room.say(room.ann, "thank you all")
    assert await room.guards.tick() == 6


async def test_hops_grow_with_each_answer_across_channels(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, hops=4))
    told = await room.say(room.ann, "@abe go", "lab-0")
    hops = []
    for turn in range(1, 6):
        me, other = (room.a, room.b) if turn % 2 else (room.b, room.a)
        posted = await room.say(me, f"@{other.name} next", f"lab-{turn}")
        hops.append((posted.message.hops, bool(posted.held)))
    assert hops == [(1, False), (2, False), (3, False), (4, False), (5, True)]
    assert "5 answers away from a person's word" in (await room.notices("lab-5"))[0]
    lower = await room.say(room.a, "@bea is this closer?", "lab-5", in_reply_to=told.message.id)
    assert lower.message.hops == 5
    assert (await room.say(room.ann, "@abe @bea go on", "lab-5")).message.hops == 0
    assert await room.guards.tick() == 2
    fresh = await room.say(room.a, "@bea yes", "lab-5", in_reply_to=told.message.id)
    assert (fresh.message.hops, fresh.held) == (1, ())


@pytest.mark.parametrize("how", ["a word", "the command"])
async def test_answers_are_counted_anew_below_what_lets_agents_go_on(hub: Hub, how: str) -> None:
    room = await room_of(hub, replace(FREE, hops=2))
    await room.say(room.ann, "@abe go")
    await room.say(room.a, "@bea one")
    await room.say(room.b, "@abe two")
    cause = await room.say(room.a, "@bea three")
    assert (cause.message.hops, bool(cause.held)) == (3, True)
    if how == "a word":
        await room.say(room.ann, "fine, both of you")
        assert await room.guards.tick() == 1
    else:
        assert await room.guards.go_on(room.ann, "lab") == 1
        hub.clock.forward(SECOND)
    found = []
    for turn in range(3):
        me, other = (room.b, room.a) if turn % 2 == 0 else (room.a, room.b)
        cause = await room.say(me, f"@{other.name} next", in_reply_to=cause.message.id)
        found.append((cause.message.hops, bool(cause.held)))
    assert found == [(1, False), (2, False), (3, True)]


async def test_named_cause_counts_also_long_after_and_as_an_inbox_item(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, hops=16))
    first = await room.say(room.a, "@bea one")
    [taken] = await room.hub.inbox.take(room.b)
    hub.clock.forward(HOUR)
    assert (await room.say(room.b, "@abe two")).message.hops == 1
    hub.clock.forward(HOUR)
    for cause in (first.message.id, taken.item.id):
        assert (await room.say(room.b, "@abe two", in_reply_to=cause)).message.hops == 2
        hub.clock.forward(HOUR)
    assert (await room.say(room.b, "@abe two", parent_id=first.message.id)).message.hops == 2
    with pytest.raises(InvalidInput, match="in_reply_to"):
        await room.say(room.b, "@abe two", in_reply_to="yes")


@pytest.mark.parametrize(
    ("scope", "limit", "told"),
    [
        (Scope.AGENT, "wakes_per_hour", "agents have woken bea 3 times this hour"),
        (Scope.CHANNEL, "wakes_per_day", "agents have woken agents here 3 times today"),
        (Scope.SENDER, "wakes_per_hour", "abe has woken agents 3 times this hour"),
    ],
)
async def test_wakes_are_budgeted(hub: Hub, scope: Scope, limit: str, told: str) -> None:
    room = await room_of(hub, replace(FREE, budgets={(scope, None): Budget({limit: 3})}))
    held = [bool((await room.say(room.a, "@bea look")).held) for _ in range(5)]
    assert held == [False, False, False, True, True]
    [notice] = await room.notices()
    assert notice.startswith(f"[guard] {told}: bea will not hear of what abe wrote until ")
    hub.clock.forward(HOUR)
    assert await room.guards.tick() == (2 if limit.endswith("hour") else 0)
    hub.clock.forward(DAY)
    assert await room.guards.tick() == (0 if limit.endswith("hour") else 2)
    assert len(await room.hears(room.b)) == 5


async def test_renewed_window_lets_through_what_its_budget_allows(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, budgets={(Scope.AGENT, None): Budget({"wakes_per_hour": 2})}))
    for number in range(5):
        await room.say(room.a, f"@bea {number}")
    heard = [await room.hears(room.b)]
    for _ in range(3):
        hub.clock.forward(HOUR)
        await room.guards.tick()
        heard.append(await room.hears(room.b))
    assert heard == [["@bea 0", "@bea 1"], ["@bea 2", "@bea 3"], ["@bea 4"], []]


@pytest.mark.parametrize(
    ("scope", "limits", "told"),
    [
        (Scope.AGENT, {"tokens_per_hour": 2_000}, "bea has used 2,000 tokens this hour"),
        (Scope.AGENT, {"turns_per_day": 2}, "bea has used 2 turns today"),
        (Scope.CHANNEL, {"usd_per_day": 0.5}, "what was said here has cost agents $0.5 today"),
        (Scope.SENDER, {"usd_per_hour": 0.5}, "what abe said has cost agents $0.5 this hour"),
    ],
)
async def test_turns_tokens_and_money_are_budgeted(hub: Hub, scope: Scope, limits: dict[str, float], told: str) -> None:
    room = await room_of(hub, replace(FREE, budgets={(scope, None): Budget(limits)}))
    channel = (await room.say(room.a, "@bea look")).channel

    async def spend() -> None:
        tokens = Tokens(500, 400, 1_000_000, 100)
        used = Used(
            new_id(hub.clock()),
            room.b.id,
            hub.clock(),
            UsageSource.TURN,
            "m",
            tokens,
            1,
            250_000,
            channel.id,
            room.a.id,
        )
        assert await hub.store.write(lambda unit: unit.usage.add(used))

    await spend()
    assert (await room.say(room.a, "@bea look")).held == ()
    await spend()
    assert (await room.say(room.a, "@bea look")).held == (("bea", f"{scope}-{next(iter(limits)).split('_')[0]}"),)
    assert told in (await room.notices())[0]
    assert (await room.say(room.ann, "@bea look")).held == ()


async def test_budget_by_name_goes_before_that_for_all(hub: Hub) -> None:
    budgets = {
        (Scope.AGENT, None): Budget({"wakes_per_hour": 1}),
        (Scope.AGENT, "bea"): Budget({"wakes_per_hour": 3}),
    }
    room = await room_of(hub, replace(FREE, budgets=budgets, streak=3, streaks={"free": 0}))
    other = await hub.agent("other")
    assert [bool((await room.say(room.a, "@bea look", "free")).held) for _ in range(4)] == [False] * 3 + [True]
    assert [bool((await room.say(room.a, "@other look", "free")).held) for _ in range(2)] == [False, True]
    assert [bool((await room.say(other, "@abe look", "lab")).held) for _ in range(1)] == [False]


async def test_direct_talk_of_agents_stops_without_a_third_voice(room: Room) -> None:
    held = []
    for turn in range(9):
        me, other = (room.a, room.b) if turn % 2 == 0 else (room.b, room.a)
        held.append(bool((await room.messages.direct(me, other.name, f"psst {turn}")).held))
    assert held == [False] * 7 + [True] * 2
    page = await room.messages.read(room.b, "direct-messages", 50)
    assert {message.author_name for message in page.messages} == {"abe", "bea"}
    assert await room.guards.held(room.ann) == []
    system = await system_principal(room.hub.store, room.hub.clock, SYSTEM)
    assert len(await room.guards.held(system)) == 2
    assert await room.guards.go_on(system, None) == 2
    assert (await room.messages.direct(room.a, "bea", "psst")).held == ()


async def test_streak_is_over_after_a_day(room: Room) -> None:
    await room.talk("go")
    room.hub.clock.forward(DAY - MINUTE)
    assert await room.guards.tick() == 0
    room.hub.clock.forward(MINUTE)
    assert await room.guards.tick() == 1


async def test_people_let_agents_go_on_and_agents_do_not(room: Room) -> None:
    await room.talk("go")
    for agent in (room.a, replace(room.b, role=Role.OWNER)):
        with pytest.raises(Forbidden, match="Only people"):
            await room.guards.go_on(agent, "lab")
    guest = await room.hub.agent("guest", kind=Kind.PERSON, role=Role.GUEST)
    for actor, channel in ((guest, "lab"), (room.ann, None)):
        with pytest.raises(Forbidden):
            await room.guards.go_on(actor, channel)
    with pytest.raises(NotFound):
        await room.guards.go_on(room.ann, "nowhere")
    assert await room.guards.go_on(room.ann, "lab") == 1
    assert await room.guards.go_on(room.ann, "lab") == 0
    assert await room.hears(room.a) != []
    async with room.hub.store.read() as unit:
        [first, _] = [entry for entry in await unit.audit.page(None, 10) if entry.action == "guards.released"]
    assert (first.actor_id, first.detail) == (room.ann.id, {"channel": "lab"})
    assert (await room.say(room.a, "@bea on we go")).held == ()


async def test_edit_that_mentions_anew_is_weighed_like_a_message(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, pair_per_hour=3))
    posted = await room.say(room.a, "look")
    heard = []
    for turn in range(6):
        await room.messages.edit(room.a, posted.message.id, f"@bea look {turn}" if turn % 2 == 0 else f"look {turn}")
        hub.clock.forward(SECOND)
        heard.append(len(await room.hub.inbox.pending(room.b)))
    assert heard == [1, 0, 1, 0, 1, 0]
    await room.messages.edit(room.a, posted.message.id, "@bea look at last")
    assert await room.hub.inbox.pending(room.b) == []
    assert [held.item.held for held in await room.guards.held(room.ann)] == ["pair"]


async def test_edit_of_an_old_message_comes_no_closer_to_a_persons_word(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, hops=4))
    old = await room.say(room.a, "done", in_reply_to=(await room.say(room.ann, "@abe do it", "lab-0")).message.id)
    assert old.message.hops == 0  # nobody was addressed, so nothing was weighed
    for turn in range(3):
        me, other = (room.a, room.b) if turn % 2 == 0 else (room.b, room.a)
        await room.say(me, f"@{other.name} turn {turn}", "lab-1")
    edited = await room.messages.edit(room.b, (await room.say(room.b, "hm", "lab-1")).message.id, "@abe hm")
    assert edited.message.hops == 4
    assert [event["hop_count"] for event in map(data, await hub.log(EventKind.MESSAGE_EDITED))] == [4]
    answer = await room.say(room.a, "@bea over", "lab-1")
    assert (answer.message.hops, bool(answer.held)) == (5, True)
    assert (await room.messages.get(room.ann, edited.message.id)).message.hops == 4


async def test_offers_of_an_agents_tasks_are_budgeted_and_those_of_people_not(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, budgets={(Scope.SENDER, None): Budget({"wakes_per_hour": 2})}))
    tasks = Tasks(hub.store, hub.clock, hub.directory, hub.channels, gate=room.gate)
    await hub.store.write(lambda unit: unit.agents.save(room.b.id, None, None, Card(capabilities=("sql",))))
    for number in range(4):
        await tasks.create(room.a, "lab", f"Task {number}", tags=["sql"])
    assert len(await hub.inbox.take(room.b)) == 2
    [notice] = await room.notices()
    assert "abe has woken agents 2 times this hour" in notice
    for number in range(4):
        await tasks.create(room.ann, "lab", f"Task of ann {number}", tags=["sql"])
    assert len(await hub.inbox.take(room.b)) == 4
    hub.clock.forward(HOUR)
    assert await room.guards.tick() == 2
    assert [data(event)["kind"] for event in await hub.log(EventKind.INBOX_QUEUED)] == ["task"] * 8


async def test_what_is_stuck_elsewhere_keeps_nobody_back(hub: Hub) -> None:
    budgets: dict[tuple[Scope, str | None], Budget] = {(Scope.CHANNEL, "full"): Budget({"wakes_per_day": 0.5})}
    room = await room_of(hub, replace(FREE, budgets=budgets, streak=1))
    for number in range(250):
        await room.messages.post(room.a, "full", f"@bea {number}")
    await room.say(room.a, "@bea over here")
    await room.say(room.ann, "yes, please")
    assert await room.guards.tick() == 1
    assert await room.hears(room.b) == ["@bea over here"]
    assert await room.guards.go_on(room.ann, "full") == 250
    assert await room.guards.go_on(room.ann, "full") == 0


async def test_repeated_send_is_weighed_once(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, pair_per_hour=1))
    for repeated in (False, True):
        posted = await room.say(room.a, "@bea look", idempotency_key="once")
        assert (posted.repeated, posted.held) == (repeated, ())
    assert (await room.say(room.a, "@bea look", idempotency_key="twice")).held == (("bea", "pair"),)
    assert len(await room.hears(room.b)) == 1


async def test_old_wakes_are_forgotten(room: Room) -> None:
    await room.talk("go")
    room.hub.clock.forward(3 * DAY)
    await room.guards.forget()
    async with room.hub.store.read() as unit:
        assert await unit.wakes.count(Scope.AGENT, room.a.id, 0) == 0


async def test_bot_of_a_platform_is_weighed_like_an_agent(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, streak=3))
    bot = await bot_of(hub)
    await room.say(room.ann, "@abe begin")
    for turn in range(2):
        await room.say(bot, f"@abe build {turn} failed")
        await room.say(room.a, "build it again")
    assert await room.hears(room.a) == ["@abe begin", "@abe build 0 failed"]
    assert len(await room.notices()) == 1
    await room.guards.tick()
    await room.say(bot, "it is quiet")
    assert await room.guards.tick() == 0  # what a bot says lets nobody go on
    await room.say(room.ann, "what is it?")
    assert await room.guards.tick() == 1
    assert await room.hears(room.a) == ["@abe build 1 failed"]


async def test_bot_that_nobody_answers_takes_one_turn_however_much_it_says(hub: Hub) -> None:
    room = await room_of(hub, replace(FREE, streak=3))
    bot = await bot_of(hub)
    for turn in range(9):
        await room.say(bot, f"@abe build {turn} failed")
    assert len(await room.hears(room.a)) == 9
