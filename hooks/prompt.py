"""UserPromptSubmit: what waits for the agent goes before the model with the user's next prompt, as plain text."""

from hooks import cooldown, copy
from hooks.agent import Agent, find_agent


def run() -> None:
    """Print what waits, unless that was looked up a moment ago."""
    agent = find_agent()
    if agent is None:
        return
    if cooldown.begin(agent):
        print(_waiting(agent), end="")  # noqa: T201 - how a hook speaks
    copy.keep_fresh(agent)


def _waiting(agent: Agent) -> str:
    """Return what waits, without what the prompt itself tells: somebody's message that has woken the session."""
    from hooks import hub  # noqa: PLC0415 - slow import
    from hooks.digest import digest  # noqa: PLC0415 - same
    from hooks.event import read_event  # noqa: PLC0415 - same

    with hub.connect(agent) as client:
        work = hub.look(agent, client)
    prompt = str(read_event().get("prompt"))
    return digest({**work, "mentions": [row for row in work["mentions"] if row["message_id"] not in prompt]})
