"""Calls about guards: which agents are not woken for now, and letting them go on."""

from airchat.call import Call, Reply, Row

GUARDS = "/api/v2/guards"


def list_held() -> Call[list[Row]]:
    """Return what agents do not hear of for now: rows of guard, agent, sender, channel, message or task, and when."""
    return Call("GET", GUARDS, _held)


def continue_agents(channel: str) -> Call[int]:
    """Let the agents of a channel go on, as a person; returns how much was released.

    Raises:
        AirChatForbidden: the caller is an agent.
    """
    return Call("POST", f"{GUARDS}/continue", _released, body={"channel": channel})


def _held(reply: Reply) -> list[Row]:
    return list(reply.data()["held"])


def _released(reply: Reply) -> int:
    return int(reply.data()["released"])
