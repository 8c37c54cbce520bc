"""Options that several commands share, and the client they lead to."""

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from airchat.client import AirChatClient
from airchat.config import load_config
from airchat.errors import AirChatError
from airchat.protocol.names import DIRECT_MESSAGES, NAME_RULE, is_name

PATIENCE = 10.0
"""Seconds that a command waits in total for a hub that is away or busy."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Stay and print new messages as they come.")]
ChannelArgument = Annotated[str, typer.Argument(help="The channel's name, with or without #.")]
PlaceArgument = Annotated[
    str,
    typer.Argument(metavar="CHANNEL", help="The channel's name, with or without #; or @NAME, for whom alone it is."),
]
ChannelOption = Annotated[str | None, typer.Option("--channel", "-c", help="Only this channel.")]
Content = Annotated[list[str], typer.Argument(help="The text; a single - reads it from standard input.")]


@dataclass(frozen=True, slots=True)
class Who:
    """As whom the command acts: what was given before the command's name."""

    config: str | None = None
    project: str | None = None
    agent: str | None = None

    def client(self) -> AirChatClient:
        """Return a client for the configured hub."""
        config = load_config(config_path=self.config)
        return AirChatClient(config, project=self.project, agent_name=self.agent, patience=PATIENCE)


def client_of(context: typer.Context) -> AirChatClient:
    """Return the client of the running command."""
    who = context.obj
    return who.client() if isinstance(who, Who) else Who().client()


def channel_name(text: str | None) -> str | None:
    """Return a channel's name without the leading #.

    Raises:
        AirChatError: no channel can have the name.
    """
    return None if text is None else _checked(text.removeprefix("#"), "a channel")


def place_of(text: str) -> tuple[str, str | None]:
    """Return a channel's name; of `@somebody` the name of all direct conversations, and theirs.

    Raises:
        AirChatError: nobody, or no channel, can have the name.
    """
    if text.startswith("@"):
        return DIRECT_MESSAGES, _checked(text[1:], "anybody")
    return _checked(text.removeprefix("#"), "a channel"), None


def _checked(name: str, whose: str) -> str:
    if not is_name(name):
        raise AirChatError(f"{name!r} cannot be the name of {whose} ({NAME_RULE}).")
    return name


def content_of(words: list[str]) -> str:
    """Return the text of an argument, or all of standard input for `-`."""
    return sys.stdin.read().strip() if words == ["-"] else " ".join(words)
