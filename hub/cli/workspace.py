"""Commands that start programs at the hub: one agent, irssi for a person, or a whole workspace of a hub and agents."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import programs
from hub.cli.programs import Pass, lent_pass
from hub.cli.session import Config, settings_for
from hub.sections import IrcSection
from hub.settings import Settings

_START_SECONDS = 20.0
_LOOK_SECONDS = 0.2
_IRSSI = """\
servers = ({{ address = {host}; port = {port}; chatnet = "hub"; password = {password}; autoconnect = "yes"; }});
chatnets = {{ hub = {{ type = "IRC"; cmdspeed = 100; cmdmax = 50; }}; }};
channels = ({channels});
settings = {{ core = {{ nick = {nick}; user_name = {nick}; real_name = {nick}; }}; }};
"""

Command = Annotated[list[str], typer.Argument(help="The program and its arguments; write -- before it.")]
Channels = Annotated[str, typer.Option(help="Channels, separated by commas: AIRCD_CHANNELS of the program.")]


def run(
    name: Annotated[str, typer.Argument(help="The agent; it is made if there is none of that name.")],
    command: Command,
    channels: Channels = "",
    folder: Annotated[Path | None, typer.Option(help="Where the program works.", file_okay=False, exists=True)] = None,
    config: Config = None,
) -> None:
    """Run a program as an agent of the running hub: its environment says where the hub is and holds a token.

    The variables are AIRCHAT_WEB_URL and AIRCHAT_TOKEN, and AIRCD_HOST, _PORT, _NICK, _TOKEN and _CHANNELS. The token
    ends with the program.
    """
    irc = settings_for(config).irc
    with programs.stopped_by_signals(), lent_pass(config, name, agent=True) as lent:
        code = _at_terminal(command, programs.environment(irc, lent, channels), folder)
    raise typer.Exit(code)


def irssi(
    name: Annotated[str, typer.Argument(help="The person; an account is made if there is none of that name.")],
    channels: Annotated[str, typer.Option(help="Channels to join, separated by commas.")] = "#general",
    program: Annotated[str, typer.Option(help="Which irssi.")] = "irssi",
    config: Config = None,
) -> None:
    """Run irssi as a person of the running hub, with a home of its own: your own irssi is left alone."""
    irc = settings_for(config).irc
    with (
        programs.stopped_by_signals(),
        tempfile.TemporaryDirectory(prefix="airchat-irssi-") as home,
        lent_pass(config, name, agent=False) as lent,
    ):
        place = Path(home) / "config"
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(irssi_config(irc, lent, channels))
        code = _at_terminal([program, f"--home={home}"], {**os.environ, "HOME": home}, None)
    raise typer.Exit(code)


def workspace(
    command: Command,
    agent: Annotated[list[str], typer.Option(help="NAME or NAME:FOLDER; one for each agent.")],
    channels: Channels = "#general",
    config: Config = None,
) -> None:
    """Run a hub and agents with one command: the same program for each agent, with an environment as in `run`.

    What they print is in the folder `logs` of the hub's state. Ctrl-C ends all of them, and so does the end of any.
    """
    settings = settings_for(config)
    folders = [_agent(text) for text in agent]
    logs = settings.hub.state_dir / "logs"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    with programs.stopped_by_signals(), ExitStack() as stack:
        serve = [sys.executable, "-c", "from hub.cli.main import main; main()", "serve"]
        hub = _start(
            stack, serve + (["--config", str(config)] if config else []), dict(os.environ), None, logs / "hub.log"
        )
        _wait_for(settings, hub, logs / "hub.log")
        running = {"hub": hub}
        for name, folder in folders:
            lent = stack.enter_context(lent_pass(config, name, agent=True))
            env = programs.environment(settings.irc, lent, channels)
            running[name] = _start(stack, command, env, folder, logs / f"{name}.log")
            typer.echo(f"{name} runs; its log: {logs / f'{name}.log'}")
        host, port = programs.irc_address(settings.irc)
        typer.echo(f"IRC: {host}:{port}. A person joins with: airchat-hub irssi NAME. Ctrl-C ends all.")
        raise typer.Exit(_watch(running))


def irssi_config(irc: IrcSection, lent: Pass, channels: str) -> str:
    """Return a configuration with which irssi connects as somebody and joins channels."""
    host, port = programs.irc_address(irc)
    names = [name.strip() for name in channels.split(",") if name.strip()]
    joined = ", ".join(f'{{ name = {json.dumps(name)}; chatnet = "hub"; autojoin = "yes"; }}' for name in names)
    return _IRSSI.format(
        host=json.dumps(host),
        port=json.dumps(str(port)),
        password=json.dumps(lent.secret),
        channels=joined,
        nick=json.dumps(lent.name),
    )


def _agent(text: str) -> tuple[str, Path | None]:
    name, colon, folder = text.partition(":")
    if colon and not Path(folder).is_dir():
        raise typer.BadParameter(f"{folder} is no folder", param_hint="--agent")
    return name, Path(folder) if colon else None


def _at_terminal(command: Sequence[str], env: dict[str, str], folder: Path | None) -> int:
    """Run a program at this terminal to its end and return its exit code; Ctrl-C ends it."""
    process = programs.start(command, env, folder)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            programs.stop([process])


def _start(
    stack: ExitStack, command: Sequence[str], env: dict[str, str], folder: Path | None, log: Path
) -> subprocess.Popen[bytes]:
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        process = programs.start(command, env, folder, file)
    stack.callback(programs.stop, [process])
    return process


def _wait_for(settings: Settings, hub: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the hub's IRC server takes connections."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(programs.irc_address(settings.irc), timeout=1).close()
        except OSError:
            if hub.poll() is not None or time.monotonic() > deadline:
                typer.echo(f"airchat-hub: the hub did not start; its log: {log}", err=True)
                raise typer.Exit(1) from None
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _watch(running: dict[str, subprocess.Popen[bytes]]) -> int:
    """Return 0 at Ctrl-C, and 1 as soon as one of them has ended."""
    try:
        while True:
            for name, process in running.items():
                if (code := process.poll()) is not None:
                    typer.echo(f"airchat-hub: {name} ended with code {code}; so do the others", err=True)
                    return 1
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        return 0
