"""Asking the hub's service, as tests do it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from airchat.protocol.principals import Kind, Role
from hub.app import running_hub
from tests.bridges.irc.server import Client, IrcHub
from tests.hub.api.site import Caller, Site, settings_for

WEB = "https://hub.example"


@asynccontextmanager
async def hub_on_the_web(folder: Path) -> AsyncIterator[IrcHub]:
    """Run a hub that has an address on the web; guests are members."""
    hub = {"default_channels": (), "public_url": WEB}
    irc = {"enabled": True, "port": 0, "guests": "member", "nicks": "free", "limits": "none"}
    settings = settings_for(folder, http={"enabled": False}, hub=hub, irc=irc)
    async with running_hub(settings) as running, AsyncExitStack() as stack:
        yield IrcHub(running, stack)


async def ask(client: Client, text: str) -> list[str]:
    """Say something to the hub and return the lines of its answer."""
    client.send(f"PRIVMSG hub :{text}")
    found = await client.sync()
    assert {(line.source, line.command, line.params[0]) for line in found} <= {
        ("hub!service@hub", "NOTICE", client.nick)
    }
    return [line.params[1] for line in found]


async def caller(irc: IrcHub, name: str, kind: Kind = Kind.AGENT, scope: str = "write") -> Caller:
    """Introduce somebody who has a token."""
    return await Site(irc.hub, None).caller(name, Role.MEMBER, kind, scope)  # type: ignore[arg-type]  # no HTTP here
