"""UserPromptSubmit: what waits for the agent goes before the model with the user's next prompt, as plain text."""

from hooks import cooldown, copy
from hooks.agent import find_agent


def run() -> None:
    """Print what waits, unless that was looked up a moment ago."""
    agent = find_agent()
    if agent is None:
        return
    if cooldown.begin(agent):
        from hooks import digest, hub  # noqa: PLC0415 - slow import

        with hub.connect(agent) as client:
            print(digest.digest(hub.look(agent, client)), end="")  # noqa: T201 - how a hook speaks
    copy.keep_fresh(agent)
