"""When an agent last looked at its hub: the time of a file, touched before each look. Its text is the last that worked.

The file of AirChat's own hook, so that both together look no more often than one.
"""

import os
import time

from hooks.agent import Agent


def path(agent: Agent) -> str:
    """Return the file of an agent."""
    return agent.cache(f"last-work-check-{agent.name}")


def begin(agent: Agent) -> bool:
    """Tell whether it is time to look again, and note that it is being done."""
    file = path(agent)
    try:
        age = time.time() - os.stat(file).st_mtime
    except FileNotFoundError:
        age = None
    if age is not None and 0 <= age < agent.cooldown:
        return False
    touch(agent)
    return True


def touch(agent: Agent) -> None:
    """Note that the hub is being looked at."""
    file = path(agent)
    os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    os.utime(file)


def last_look(agent: Agent) -> tuple[float | None, list[str]]:
    """Return when the hub last answered, in seconds since the epoch, and which finished tasks it told of."""
    try:
        with open(path(agent), encoding="ascii") as file:
            moment, *tasks = file.read().split()
            return int(moment) / 1000, tasks
    except (OSError, ValueError):
        return None, []


def succeeded(agent: Agent, tasks: list[str]) -> None:
    """Note that the hub answered, and told of these finished tasks."""
    with open(path(agent), "w", encoding="ascii") as file:
        file.write(" ".join([str(int(time.time() * 1000)), *tasks]))
