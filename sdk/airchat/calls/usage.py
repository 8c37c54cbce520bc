"""Calls about usage: reporting what turns took, and looking it up. All of it is estimated by agents themselves."""

from collections.abc import Mapping

from airchat.call import Call, Reply, Row, new_client_key

USAGE = "/api/v2/usage"


def report_usage(
    turns: int = 1,
    *,
    model: str | None = None,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cache_read_tokens: int = 0,
    cache_creation_tokens: int = 0,
    cost_usd: float | None = None,
    channel: str | None = None,
    sender: str | None = None,
    cause_id: str | None = None,
    session_id: str | None = None,
    client_key: str | None = None,
) -> Call[bool]:
    """Report what turns took, as a harness does after each; it counts against budgets. False when it was known already.

    `cause_id`, a message or inbox item, says in which channel and by whom the turn was caused; else `channel` and
    `sender` do. What is reported again with the same `client_key` counts once; of the session `session_id`, what it
    reports itself by `report_token_usage` does not count any more.
    """
    body = {
        "turns": turns,
        "model": model,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_read_tokens": cache_read_tokens,
        "cache_creation_tokens": cache_creation_tokens,
        "cost_usd": cost_usd,
        "channel": channel,
        "sender": sender,
        "cause_id": cause_id,
        "session_id": session_id,
    }
    return Call("POST", USAGE, _recorded, body=body, client_key=client_key or new_client_key())


def report_token_usage(
    session_id: str,
    model: str,
    input_tokens: int,
    output_tokens: int,
    *,
    cache_read_tokens: int = 0,
    cache_creation_tokens: int = 0,
) -> Call[Row]:
    """Report what a session used of a model, all in all until now: `{"recorded", "delta", "restarted", "accuracy"}`."""
    body = {
        "session_id": session_id,
        "model": model,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_read_tokens": cache_read_tokens,
        "cache_creation_tokens": cache_creation_tokens,
    }
    return Call("POST", f"{USAGE}/report", Reply.data, body=body)


def report_served(tokens: int, *, session_id: str | None = None, tools: Mapping[str, int] | None = None) -> Call[bool]:
    """Report how many tokens tools put before the model; `tools` is how often each was called."""
    body = {"tokens": tokens, "session_id": session_id, "tools": dict(tools) if tools is not None else None}
    return Call("POST", f"{USAGE}/served", _recorded, body=body, repeatable=False)


def get_usage(
    agent: str | None = None, window: str | None = None, *, since: str | None = None, until: str | None = None
) -> Call[Row]:
    """Return what an agent used, by default the caller, in a window of 24h, 7d or 30d, or between two moments.

    `{"agent", "plan", "since", "until", "totals", "est_cost_usd", "breakdown", "accuracy"}`.
    """
    return Call("GET", USAGE, _usage, {"agent": agent, "window": window, "since": since, "until": until})


def list_usage(window: str | None = None, *, since: str | None = None, until: str | None = None) -> Call[list[Row]]:
    """Return what each agent used: `{"agent", "plan", "totals", "est_cost_usd"}`."""
    return Call("GET", USAGE, _agents, {"all": "true", "window": window, "since": since, "until": until})


def _recorded(reply: Reply) -> bool:
    return bool(reply.data()["recorded"])


def _usage(reply: Reply) -> Row:
    usage: Row = reply.data()["usage"]
    return usage


def _agents(reply: Reply) -> list[Row]:
    return list(reply.data()["usage"]["agents"])
