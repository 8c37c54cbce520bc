"""The gate: whom an agent's message may wake among other agents. Whatever people write passes, and is not counted.

A message is always stored. What a guard refuses is that an agent hears of it: then the inbox item is kept but held, and
one notice in the channel says why and how to go on. All is decided within the unit of work that writes the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxItem, InboxState
from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind, Principal
from airchat.protocol.record import record
from airchat.protocol.tasks import Task
from hub.core import announcements
from hub.core.budgets import Refusal, Rules, clock_time, spent_budget
from hub.core.directory import Directory
from hub.core.loops import Occasion, answered_bot, hops_of, looped, paired
from hub.core.system import SYSTEM
from store.ports.messages import Addressee, Appended, MessageDraft
from store.ports.unit import Unit
from store.ports.wakes import Scope, Wake


@record
class Passed:
    """A message that was written, and by name who does not hear of it, each with the guard that holds it back."""

    appended: Appended
    held: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Judged:
    """What was decided: which agents are woken, and which are held back, by which refusal."""

    woken: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)


class Gate:
    """Decides by rules; without rules, everything passes."""

    def __init__(self, directory: Directory, rules: Rules | None = None) -> None:
        self._directory = directory
        self._rules = rules

    def weighs(self, author: Principal, addressees: Sequence[Addressee]) -> bool:
        """Tell whether a message has to go through `append`: it is watched, or may be an answer to a bot."""
        return self.watches(author, addressees) or self._may_answer_a_bot(author)

    def watches(self, author: Principal, addressees: Sequence[Addressee]) -> bool:
        """Tell whether a message may have to be held back: an agent's, or a platform's bot's, that is for agents."""
        return (
            self._rules is not None
            and bool(addressees)
            and author.automatic
            and any(self._is_agent(each.principal_id) for each in addressees)
        )

    async def append(self, unit: Unit, author: Principal, draft: MessageDraft, cause_ids: Sequence[str] = ()) -> Passed:
        """Write a message of the author's, with what is held back marked so; `cause_ids` as in `hops_of`."""
        watched, answering = self.watches(author, draft.addressees), self._may_answer_a_bot(author)
        if not watched and not answering:
            return Passed((await unit.messages.append([draft]))[0])
        if draft.idempotency_key and (earlier := await unit.messages.by_key(author.id, draft.idempotency_key)):
            return Passed(Appended(earlier, None))
        now = Occasion(unit, author, draft.channel, draft.created_at)
        causes = [*cause_ids, *([draft.parent_id] if draft.parent_id else [])]
        bot_id = await answered_bot(now, causes) if answering else None
        hops = await hops_of(now, causes) if watched or bot_id else 0
        judged = await self.judge(now, self._agents(draft.addressees), hops) if watched else Judged()
        addressees = tuple(_marked(draft.addressees, judged))
        appended = (await unit.messages.append([replace(draft, hops=hops, addressees=addressees)]))[0]
        if bot_id is not None:
            judged.woken.append(bot_id)  # it reads the channel where it is: this counts as a turn, like its own
        await self._settle(now, draft.id, appended.message.number, judged)
        held = ((self._name(agent_id), refusal.guard) for agent_id, refusal in judged.refused.items())
        return Passed(appended, tuple(held))

    async def readdress(
        self, now: Occasion, message: Message, addressees: Sequence[Addressee]
    ) -> tuple[list[Addressee], int]:
        """Return whom a message is for since an edit, marked with what is held back, and its hops.

        Who is mentioned anew hears of it as of a message written now: an old one is no closer to a person's word.
        """
        if not self.watches(now.author, addressees):
            return list(addressees), message.hops
        hops = max(message.hops, await hops_of(now, [message.parent_id] if message.parent_id else []))
        judged = await self.judge(now, self._agents(addressees), hops)
        await self._settle(now, new_id(now.at), message.number, judged)  # each edit that wakes counts anew
        return _marked(addressees, judged), hops

    async def offer(self, now: Occasion, task: Task, items: Sequence[InboxItem]) -> list[InboxItem]:
        """Return the items that offer the author's task, marked with what budgets hold back."""
        if self._rules is None or not now.author.automatic:
            return list(items)
        judged = Judged()
        for item in items:
            agent_id = item.principal_id
            refusal = await self.over_budget(now, agent_id, len(judged.woken))
            if refusal is None:
                judged.woken.append(agent_id)
            else:
                judged.refused[agent_id] = refusal
        await self._settle(now, task.id, None, judged)
        held = {agent_id: refusal.guard for agent_id, refusal in judged.refused.items()}
        return [
            replace(item, state=InboxState.HELD, held=held[item.principal_id]) if item.principal_id in held else item
            for item in items
        ]

    async def judge(self, now: Occasion, agent_ids: Sequence[str], hops: int) -> Judged:
        """Decide which of these agents a message of the author's wakes."""
        judged = Judged()
        if self._rules is None:
            judged.woken += agent_ids
            return judged
        loop = await looped(now, self._rules, hops)
        for agent_id in agent_ids:
            refusal = (
                loop
                or await paired(now, self._rules, agent_id, self._name(agent_id))
                or await self.over_budget(now, agent_id, len(judged.woken))
            )
            if refusal is None:
                judged.woken.append(agent_id)
            else:
                judged.refused[agent_id] = refusal
        return judged

    async def over_budget(self, now: Occasion, agent_id: str, woken: int = 0) -> Refusal | None:
        """Return the refusal of a budget that is used up, `woken` agents being woken already on this occasion."""
        if self._rules is None:
            return None
        subjects = (
            (Scope.SENDER, now.author.id, now.author.name, woken),
            (Scope.CHANNEL, now.channel.id, now.channel.name, woken),
            (Scope.AGENT, agent_id, self._name(agent_id), 0),
        )
        for scope, subject_id, name, counted in subjects:
            budget = self._rules.budget(scope, name)
            refusal = await spent_budget(now.unit, budget, scope, (subject_id, name), now.at, counted)
            if refusal is not None:
                return refusal
        return None

    async def _settle(self, now: Occasion, subject_id: str, number: int | None, judged: Judged) -> None:
        """Remember whom something wakes and whom it does not, and say once who is held back."""
        author_id, channel_id = now.author.id, now.channel.id
        decided = dict.fromkeys(judged.woken, True) | dict.fromkeys(judged.refused, False)
        await now.unit.wakes.add(
            [
                Wake(subject_id, agent_id, author_id, channel_id, now.at, number, woken)
                for agent_id, woken in decided.items()
            ]
        )
        await self._notify(now, judged)

    async def _notify(self, now: Occasion, judged: Judged) -> None:
        """Say in the channel, once per cause and window, who is held back; in a direct one nobody else may speak."""
        told: dict[str, tuple[Refusal, list[str]]] = {}
        for agent_id, refusal in judged.refused.items():
            told.setdefault(refusal.cause, (refusal, []))[1].append(self._name(agent_id))
        system = self._directory.principal_by_name(SYSTEM)
        if system is None or now.channel.direct:
            return
        for refusal, names in told.values():
            if await now.unit.wakes.notice(now.channel.id, refusal.cause, refusal.window_at):
                until = f" until {clock_time(refusal.until)}" if refusal.until else ""
                text = announcements.guard_notice(refusal.why, now.author.name, names, until, now.channel.name)
                metadata = announcements.guard_metadata(refusal.guard)
                line = announcements.draft(system, now.channel, now.at, text, metadata=metadata)
                await announce(now.unit, line, system)

    def _may_answer_a_bot(self, author: Principal) -> bool:
        return self._rules is not None and author.kind is Kind.AGENT and self._directory.knows_bots

    def _agents(self, addressees: Sequence[Addressee]) -> list[str]:
        return list(dict.fromkeys(one.principal_id for one in addressees if self._is_agent(one.principal_id)))

    def _is_agent(self, principal_id: str) -> bool:
        principal = self._directory.principal(principal_id)
        return principal is None or principal.kind is Kind.AGENT

    def _name(self, principal_id: str) -> str:
        principal = self._directory.principal(principal_id)
        return principal.name if principal is not None else "?"


async def announce(unit: Unit, line: MessageDraft, author: Principal, gate: Gate | None = None) -> str | None:
    """Post a line of the author's, through the gate where it is for agents, and return its id.

    None where nothing is posted: in archived channels, and for the hub's own principals in direct ones, which have no
    third party.
    """
    if line.channel.archived or (line.channel.direct and author.kind is Kind.SYSTEM):
        return None
    if gate is not None:
        return (await gate.append(unit, author, line)).appended.message.id
    [appended] = await unit.messages.append([line])
    return appended.message.id


def _marked(addressees: Sequence[Addressee], judged: Judged) -> list[Addressee]:
    held = {agent_id: refusal.guard for agent_id, refusal in judged.refused.items()}
    return [replace(one, held=held.get(one.principal_id)) for one in addressees]
