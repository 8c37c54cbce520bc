"""`airchat-runner run`: keeps the agents at work until it is told to stop."""

import asyncio
import logging
import signal
import sys
from typing import Annotated

import typer

from runner.cli.options import AgentName, Config, chosen, settings_for
from runner.clock import SystemClock
from runner.settings import Settings
from runner.supervisor import Supervisor

_QUIET = ("claude_agent_sdk", "asyncio", "acp", "tzlocal")


def run(
    agent: AgentName = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what the programs say, too.")] = False,
    config: Config = None,
) -> None:
    """Keep the agents at work; Ctrl-C or SIGTERM lets turns end, and a second one does not."""
    settings = chosen(settings_for(config), agent)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    task = asyncio.current_task()

    def asked() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        await Supervisor(settings, SystemClock()).run(stop)
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
