"""Loops: when agents are among themselves for too long. What one of them says then wakes no other."""

from collections.abc import Iterable
from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import DAY, HOUR, MINUTE
from hub.core.budgets import Refusal, Rules
from store.ports.unit import Unit

_CAUSE_TIME = 10 * MINUTE
"""For so long a message counts as what its addressee answers, when it names nothing else."""

_LOOK = 200
"""So many messages are looked at for turns; a streak of longer ones is within every budget of wakes."""

_PERIODS = {"minute": MINUTE, "hour": HOUR}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Somebody writes to a channel at a time, within a unit of work."""

    unit: Unit
    author: Principal
    channel: Channel
    at: int


async def hops_of(now: Occasion, cause_ids: Iterable[str]) -> int:
    """Return how many answers away from a person's word the author's message is, at least 1.

    `cause_ids` are the messages, or inbox items, that it answers. What they tell counts, unless the newest message for
    the author, in the channel or else anywhere, tells more: so nobody comes closer by naming something else.
    What stands above a person's word counts as if that had been answered.
    """
    unit = now.unit
    newest_id = await unit.wakes.newest_for(now.author.id, now.channel.id, now.at - _CAUSE_TIME)
    found = [0]
    for cause_id in (*cause_ids, *([newest_id] if newest_id else [])):
        message = await _message(unit, cause_id)
        if message is not None and not await _let_go_on(unit, message):
            found.append(message.hops)
    return 1 + max(found)


async def answered_bot(now: Occasion, cause_ids: Iterable[str]) -> str | None:
    """Return the bot of a platform that the author answers: by what it names, else by what it heard last."""
    unit = now.unit
    newest_id = await unit.wakes.newest_for(now.author.id, now.channel.id, now.at - _CAUSE_TIME)
    for cause_id in (*cause_ids, *([newest_id] if newest_id else [])):
        message = await _message(unit, cause_id)
        author = await unit.principals.get(message.author_id) if message is not None else None
        if author is not None and author.bot:
            return author.id
    return None


async def looped(now: Occasion, rules: Rules, hops: int) -> Refusal | None:
    """Return the refusal when agents have answered agents too often since a person spoke."""
    if rules.hops and hops > rules.hops:
        why = f"this is {hops} answers away from a person's word"
        return Refusal("hops", "hops", why, now.at - now.at % DAY)
    limit = rules.streak_in(now.channel.name)
    if not limit:
        return None
    wakes, channel_id = now.unit.wakes, now.channel.id
    since = max(now.at - DAY, 1 + await wakes.marked_at(channel_id))
    turns = _turns(now.author.id, await wakes.turns(channel_id, since, _LOOK))[: limit - 1]
    if len(turns) < limit - 1 or (turns and await wakes.spoken_since(channel_id, turns[-1])):
        return None
    why = f"agents have written to agents {limit} times in a row, without a person's word"
    return Refusal("streak", "streak", why, now.at - now.at % DAY)


def _turns(author_id: str, messages: Iterable[tuple[int, int, str]]) -> list[int]:
    """Return the number of the newest message of each turn before the author's, newest first.

    What one agent writes after its own messages is the same turn.
    """
    turns, sender_id = [], author_id
    for number, _, next_id in messages:
        if next_id != sender_id:
            turns.append(number)
            sender_id = next_id
    return turns


async def paired(now: Occasion, rules: Rules, agent_id: str, name: str) -> Refusal | None:
    """Return the refusal when the author and the agent of that name have woken each other too often."""
    limits = {"minute": rules.pair_per_minute, "hour": rules.pair_per_hour}
    marked = 1 + await now.unit.wakes.marked_at(now.channel.id)
    for period, length in _PERIODS.items():
        start = now.at - now.at % length
        limit = limits[period]
        if limit and await now.unit.wakes.between(now.author.id, agent_id, max(start, marked)) >= limit:
            one, other = sorted([now.author.name, name])
            why = f"{one} and {other} have written to each other {limit} times this {period}"
            return Refusal("pair", f"pair-{period}:{one}:{other}", why, start, start + length)
    return None


async def _let_go_on(unit: Unit, message: Message) -> bool:
    """Tell whether a person has spoken, or let agents go on, in the message's channel since it was written."""
    marked = await unit.wakes.marked_at(message.channel_id) >= message.created_at
    return marked or await unit.wakes.spoken_since(message.channel_id, message.number)


async def _message(unit: Unit, cause_id: str) -> Message | None:
    """Return the message of that id, or that the inbox item of that id is about."""
    message = await unit.messages.get(cause_id)
    item = await unit.inbox.get(cause_id) if message is None else None
    return await unit.messages.get(item.message_id) if item is not None and item.message_id else message
