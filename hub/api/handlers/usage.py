"""Usage: what turns of agents took."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from airchat.protocol.errors import InvalidInput
from airchat.protocol.rows import tokens_row
from airchat.protocol.timestamps import to_iso
from airchat.protocol.usage import Tokens
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import NO_NUL, Channel, ClientKey, Id, Moment, Name, Number, On, Text
from hub.api.idempotency import idempotency_key
from hub.core.budgets import MICROS
from hub.core.permissions import Action
from hub.core.usage import WINDOWS, AgentUsage, Report

Label = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200)]
_ACCURACY = "estimated"
_TOOLS = 50


class TurnBody(BaseModel):
    """What turns took. `cause_id`, a message or inbox item, says in which channel and by whom they were caused.

    Of the session `session_id` nothing else is counted then, whatever it reports itself.
    """

    turns: Number = 1
    model: Text | None = None
    input_tokens: Number = 0
    output_tokens: Number = 0
    cache_read_tokens: Number | None = None
    cache_creation_tokens: Number | None = None
    cost_usd: float | None = None
    channel: Channel | None = None
    sender: Name | None = None
    cause_id: Id | None = None
    session_id: Label | None = None
    client_key: ClientKey | None = None


class SessionBody(BaseModel):
    """What a session used of a model, all in all until now."""

    session_id: Label
    model: Label
    input_tokens: Number
    output_tokens: Number
    cache_read_tokens: Number | None = None
    cache_creation_tokens: Number | None = None


class ServedBody(BaseModel):
    """How many tokens tools put before a model."""

    tokens: Number
    session_id: Label | None = None
    tools: Annotated[dict[Label, Number], Field(max_length=_TOOLS)] | None = None


class UsageQuery(BaseModel):
    """Whose usage, and when: by default the caller's, of the last 24 hours. `all=true` lists all agents."""

    agent: Name | None = None
    window: Literal["24h", "7d", "30d"] | None = None
    since: Moment | None = None
    until: Moment | None = None
    all: On = False


class TokenCounts(BaseModel):
    """Counts of tokens."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int


class UsageLineRow(TokenCounts):
    """What was used of one model, by one way of counting."""

    model: str
    source: str
    events: int
    est_cost_usd: float | None


class UsageOfAll(BaseModel):
    """One agent among all."""

    agent: str
    plan: str | None
    totals: TokenCounts
    est_cost_usd: float | None


class UsageRow(BaseModel):
    """What one agent used; or with `all`, what each did."""

    since: str
    until: str
    accuracy: str
    agent: str | None = None
    plan: str | None = None
    totals: TokenCounts | None = None
    est_cost_usd: float | None = None
    breakdown: list[UsageLineRow] | None = None
    agents: list[UsageOfAll] | None = None


class Usage(BaseModel):
    """Usage."""

    usage: UsageRow


class Recorded(BaseModel):
    """Whether it was new."""

    recorded: bool


class Difference(Recorded):
    """What the session used since its last report; `restarted` when it counts anew."""

    delta: TokenCounts
    restarted: bool
    accuracy: str


async def report(cases: UseCases, call: Call[Empty, TurnBody]) -> Any:
    """Keep what turns took."""
    body = call.body
    found = Report(
        _tokens(body),
        body.turns,
        body.cost_usd,
        body.model,
        body.channel,
        body.sender,
        body.cause_id,
        body.session_id,
    )
    return {"recorded": await cases.usages.report(call.actor, found, idempotency_key(call.request, body.client_key))}


async def report_session(cases: UseCases, call: Call[Empty, SessionBody]) -> Any:
    """Keep what a session used."""
    body = call.body
    delta = await cases.usages.report_session(call.actor, body.session_id, body.model, _tokens(body))
    return {
        "recorded": True,
        "delta": tokens_row(delta.tokens),
        "restarted": delta.restarted,
        "accuracy": _ACCURACY,
    }


async def report_served(cases: UseCases, call: Call[Empty, ServedBody]) -> Any:
    """Keep what tools served."""
    await cases.usages.report_served(call.actor, call.body.tokens)
    return {"recorded": True}


async def usage(cases: UseCases, call: Call[UsageQuery, Empty]) -> Any:
    """Return what an agent, or all, used."""
    query = call.query
    since, until = _time(query, cases.clock())
    told: dict[str, Any] = {"since": to_iso(since), "until": to_iso(until), "accuracy": _ACCURACY}
    if query.all:
        if query.agent is not None:
            raise InvalidInput("agent and all exclude each other", "all")
        found = await cases.usages.of_all(since, until)
        return {"usage": told | {"agents": [_one(one) for one in found]}}
    one = await cases.usages.of(query.agent or call.actor.name, since, until)
    lines = [
        {
            "model": line.model,
            "source": line.source.value,
            **tokens_row(line.tokens),
            "events": line.events,
            "est_cost_usd": None if line.cost_micros is None else line.cost_micros / MICROS,
        }
        for line in one.lines
    ]
    return {"usage": told | _one(one) | {"breakdown": lines}}


def _one(usage: AgentUsage) -> dict[str, Any]:
    return {
        "agent": usage.agent.principal.name,
        "plan": usage.agent.card.plan if usage.agent.card else None,
        "totals": tokens_row(usage.totals),
        "est_cost_usd": usage.cost_usd,
    }


def _tokens(body: TurnBody | SessionBody) -> Tokens:
    return Tokens(body.input_tokens, body.output_tokens, body.cache_read_tokens or 0, body.cache_creation_tokens or 0)


def _time(query: UsageQuery, now: int) -> tuple[int, int]:
    if query.window is not None and (query.since is not None or query.until is not None):
        raise InvalidInput("window and since or until exclude each other", "window")
    if query.since is None and query.until is not None:
        raise InvalidInput("until needs since", "until")
    if query.since is None:
        return now - WINDOWS[query.window or "24h"], now
    return query.since, now if query.until is None else query.until


_TAG = "usage"

ENDPOINTS = (
    Endpoint("GET", "/api/v2/usage", usage, _TAG, "See what agents used", Usage, query=UsageQuery, errors=(404,)),
    Endpoint(
        "POST",
        "/api/v2/usage",
        report,
        _TAG,
        "Report what a turn took",
        Recorded,
        "By a harness, after each turn. It counts against the budgets of the agent, the channel and who caused it. "
        "Repeated with the same `Idempotency-Key` header (or `client_key`) it counts once.",
        body=TurnBody,
        upkeep=True,
        action=Action.POST,
        errors=(403,),
    ),
    Endpoint(
        "POST",
        "/api/v2/usage/report",
        report_session,
        _TAG,
        "Report what a session used",
        Difference,
        "Counts since the session's beginning; what is new of them counts against the agent's budget.",
        body=SessionBody,
        upkeep=True,
        action=Action.POST,
        errors=(403,),
    ),
    Endpoint(
        "POST",
        "/api/v2/usage/served",
        report_served,
        _TAG,
        "Report what tools served",
        Recorded,
        body=ServedBody,
        upkeep=True,
        action=Action.POST,
        errors=(403,),
    ),
)
