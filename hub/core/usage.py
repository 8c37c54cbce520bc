"""Usage: what agents say their turns took. It is estimated by them, and counts against their budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.ids import is_id, new_id
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Agent, Kind, Principal
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import DAY
from airchat.protocol.usage import Tokens, UsageSource, Used
from hub.core.budgets import MICROS
from hub.core.clock import Clock
from hub.core.contents import check_key
from hub.core.directory import Directory
from hub.core.permissions import Action, may_see, require
from hub.core.text import checked_line
from store.ports.store import Store
from store.ports.unit import Unit
from store.ports.usage import UsageLine

UNKNOWN = "unknown"
WINDOWS: Mapping[str, int] = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
KEPT = 100 * DAY
"""So long usage can be looked up, and a little more than one may ask for at once."""

_BY_TURNS = ""
"""A model that none is called, under which a session is kept whose turns are reported one by one."""

_LONGEST = 90 * DAY
_LABEL = 200
_TOKENS = range(1_000_000_000 + 1)
_TURNS = range(1, 1_000 + 1)
_USD = 100_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a harness reports of an agent's turns: `sender` caused them, by a message in `channel`.

    `cause_id`, a message or an inbox item of the agent's, says both at once. Of the session named here, nothing else is
    counted: what it reports itself is the same once more.
    """

    tokens: Tokens
    turns: int = 1
    cost_usd: float | None = None
    model: str | None = None
    channel: str | None = None
    sender: str | None = None
    cause_id: str | None = None
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """What a session used since its last report; `restarted` when it counts from the beginning again."""

    tokens: Tokens
    restarted: bool


@dataclass(frozen=True, slots=True)
class AgentUsage:
    """What an agent used, by model and source."""

    agent: Agent
    lines: Sequence[UsageLine]

    @property
    def totals(self) -> Tokens:
        """All tokens together."""
        return sum((line.tokens for line in self.lines), Tokens())

    @property
    def cost_usd(self) -> float | None:
        """All money together, None where no report told of any."""
        costs = [line.cost_micros for line in self.lines if line.cost_micros is not None]
        return sum(costs) / MICROS if costs else None


class Usages:
    """Reporting and looking up."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def report(self, actor: Principal, report: Report, key: str | None = None) -> bool:
        """Keep what turns of the actor's took; False when the same key was reported before.

        Raises:
            InvalidInput: a number is out of its range, or a name or id means nobody or nothing that the actor may see.
            Forbidden: the actor may not write.
        """
        require(actor, Action.POST)
        check_key(key)
        report = checked_report(report)
        channel_id, sender_id = await self._channel_id(actor, report.channel), await self._sender_id(report.sender)
        used = replace(self._used(actor, report), channel_id=channel_id, sender_id=sender_id, key=key)

        async def add(unit: Unit) -> bool:
            if report.session_id is not None:
                await unit.usage.save_session(actor.id, report.session_id, _BY_TURNS, Tokens(), used.at)
            return await unit.usage.add(await _caused(unit, actor, used, report.cause_id))

        return await self._store.write(add)

    async def report_task(self, actor: Principal, task: Task, report: Report) -> None:
        """Keep what a task took that the actor has just completed; once for each claim."""
        used = self._used(actor, checked_report(report))
        key = f"task {task.id} {task.fence}"
        used = replace(used, channel_id=task.channel_id, sender_id=task.created_by, key=key)
        await self._store.write(lambda unit: unit.usage.add(used))

    async def report_session(self, actor: Principal, session_id: str, model: str, counted: Tokens) -> Delta:
        """Keep what a session of the actor's used, all in all until now, of a model; return what is new of it.

        Nothing is of a session whose turns are reported by whoever runs it.

        Raises:
            InvalidInput: a number is out of its range, or a text empty or too long.
        """
        require(actor, Action.POST)
        session_id, model = checked_line(session_id, "session_id", _LABEL), checked_line(model, "model", _LABEL)
        _check_tokens(counted)
        now = self._clock()

        async def report(unit: Unit) -> Delta:
            before = await unit.usage.session(actor.id, session_id, model) or Tokens()
            restarted = any(new < old for new, old in zip(_counts(counted), _counts(before), strict=True))
            fresh = counted if restarted else Tokens(*map(int.__sub__, _counts(counted), _counts(before)))
            if await unit.usage.session(actor.id, session_id, _BY_TURNS) is not None:
                fresh = Tokens()
            await unit.usage.save_session(actor.id, session_id, model, counted, now)
            if fresh != Tokens():
                await unit.usage.add(Used(new_id(now), actor.id, now, UsageSource.REPORT, model, fresh))
            return Delta(fresh, restarted)

        return await self._store.write(report)

    async def report_served(self, actor: Principal, tokens: int) -> None:
        """Keep how many tokens the hub's tools put before the actor's model.

        Raises:
            InvalidInput: the number is out of its range.
        """
        require(actor, Action.POST)
        if tokens not in _TOKENS or not tokens:
            raise InvalidInput(f"tokens must be between 1 and {_TOKENS[-1]}", "tokens")
        now = self._clock()
        used = Used(new_id(now), actor.id, now, UsageSource.SERVED, UNKNOWN, Tokens(input=tokens))
        await self._store.write(lambda unit: unit.usage.add(used))

    async def of(self, name: str, since: int, until: int) -> AgentUsage:
        """Return what the agent of that name used from `since` to before `until`.

        Raises:
            NotFound: there is no such agent.
            InvalidInput: the time is longer than 90 days, or ends before it begins.
        """
        _check_time(since, until)
        principal = await self._directory.find_principal(name)
        if principal is None or principal.kind is not Kind.AGENT:
            raise NotFound(f'No agent named "{name}"')
        async with self._store.read() as unit:
            agent = await unit.agents.get(principal.id) or Agent(principal)
            return AgentUsage(agent, await unit.usage.lines(principal.id, since, until))

    async def of_all(self, since: int, until: int) -> list[AgentUsage]:
        """Return what each agent used that used anything, by name. Errors as in `of`."""
        _check_time(since, until)
        async with self._store.read() as unit:
            found: dict[str, list[UsageLine]] = {}
            for line in await unit.usage.lines(None, since, until):
                found.setdefault(line.agent_id, []).append(line)
            agents = [(await unit.agents.get(agent_id), lines) for agent_id, lines in found.items()]
        usages = [AgentUsage(agent, lines) for agent, lines in agents if agent is not None]
        return sorted(usages, key=lambda usage: usage.agent.principal.name)

    async def forget(self) -> None:
        """Forget what cannot be asked for any more, and sessions of which nothing was heard for as long."""
        before = self._clock() - KEPT
        await self._store.write(lambda unit: unit.usage.forget(before))

    def _used(self, actor: Principal, report: Report) -> Used:
        now = self._clock()
        return Used(
            id=new_id(now),
            agent_id=actor.id,
            at=now,
            source=UsageSource.TURN,
            model=report.model or UNKNOWN,
            tokens=report.tokens,
            turns=report.turns,
            cost_micros=None if report.cost_usd is None else round(report.cost_usd * MICROS),
        )

    async def _channel_id(self, actor: Principal, name: str | None) -> str | None:
        if name is None or name == DIRECT_MESSAGES:
            return None
        channel = await self._directory.find_channel(name)
        if channel is None or not self._directory.visible(actor, channel):
            raise InvalidInput(f"channel: there is no channel {name} that you may see", "channel")
        return channel.id

    async def _sender_id(self, name: str | None) -> str | None:
        if name is None:
            return None
        sender = await self._directory.find_principal(name)
        if sender is None:
            raise InvalidInput(f"sender: nobody is called {name}", "sender")
        return sender.id


async def _caused(unit: Unit, actor: Principal, used: Used, cause_id: str | None) -> Used:
    """Return the usage with channel and sender as its cause, a message or an item of the agent's inbox, tells them."""
    if cause_id is None:
        return used
    item = await unit.inbox.get(cause_id) if is_id(cause_id) else None
    message_id = item.message_id if item is not None and item.principal_id == actor.id else cause_id
    message = await unit.messages.get(message_id) if message_id is not None and is_id(message_id) else None
    channel = await unit.channels.get(message.channel_id) if message is not None else None
    if message is None or channel is None or not await may_see(unit, actor, channel):
        raise InvalidInput("cause_id: there is no such message or inbox item of yours", "cause_id")
    return replace(used, channel_id=message.channel_id, sender_id=message.author_id)


def checked_report(report: Report) -> Report:
    """Return the report with its model as one line.

    Raises:
        InvalidInput: a number is out of its range, or a text too long.
    """
    _check_tokens(report.tokens)
    if report.turns not in _TURNS:
        raise InvalidInput(f"turns must be between {_TURNS[0]} and {_TURNS[-1]}", "turns")
    if report.cost_usd is not None and not 0 <= report.cost_usd <= _USD:
        raise InvalidInput(f"cost_usd must be between 0 and {_USD}", "cost_usd")
    model = checked_line(report.model, "model", _LABEL) if report.model and report.model.strip() else None
    session_id = None if report.session_id is None else checked_line(report.session_id, "session_id", _LABEL)
    return replace(report, model=model, session_id=session_id)


def _counts(tokens: Tokens) -> tuple[int, int, int, int]:
    return tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation


def _check_tokens(tokens: Tokens) -> None:
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
    for name, count in zip(names, _counts(tokens), strict=True):
        if count not in _TOKENS:
            raise InvalidInput(f"{name} must be between 0 and {_TOKENS[-1]}", name)


def _check_time(since: int, until: int) -> None:
    if until <= since:
        raise InvalidInput("until must be later than since", "until")
    if until - since > _LONGEST:
        raise InvalidInput(f"At most {_LONGEST // DAY} days can be asked for at once", "since")
