"""`agents`: who there is to ask."""

from airchat.protocol.principals import Agent
from hub.relay.commands.table import Question, command
from hub.relay.commands.wording import bullets, plain, span
from hub.relay.contract.desk import Reply

_LISTED = 50
_TAGS = 5


@command("agents", "List the agents, those that were here last first")
async def agents(question: Question) -> Reply:
    """List the agents that were ever seen."""
    seen = await seen_agents(question, _LISTED)
    if not seen:
        return Reply("No agent has been here yet.")
    rows = bullets(_row(question, it, at) for it, at in seen)
    return Reply(f"{rows}\n\nAsk one: {question.asker.typed('@name what you want')}")


async def seen_agents(question: Question, limit: int) -> list[tuple[Agent, int]]:
    """Return agents and when they were seen, the last seen first."""
    presence = question.cases.presence
    found = await question.cases.agents.find(limit=200)
    seen = [(it, at) for it in found if (at := presence.last_seen(it.principal)) is not None]
    return sorted(seen, key=lambda pair: pair[1], reverse=True)[:limit]


def _row(question: Question, agent: Agent, at: int) -> str:
    principal = agent.principal
    online = question.cases.presence.online(principal)
    when = "here now" if online else f"seen {span(max(0, question.cases.clock() - at))} ago"
    does = f", {plain(principal.status)}" if principal.status and online else ""
    tags = ", ".join(agent.card.capabilities[:_TAGS]) if agent.card else ""
    return f"`{principal.name}`: {when}{does}{f' ({tags})' if tags else ''}"
