"""What keeps the bridge from working, found without changing anything: tokens, scopes, Socket Mode, channels."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.bridge import web_client
from bridges.slack.channels import Channels
from bridges.slack.errors import translated
from bridges.slack.scopes import NEEDED, WANTED, scopes_of
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady

_ADD = "add them under OAuth & Permissions, and install the app again"
_INSTALL = "copy it again from OAuth & Permissions into slack.bot_token_file; it begins with xoxb-"
_CONNECT = (
    "enable Socket Mode, and make a token under Basic Information, App-Level Tokens, with the scope connections:write, "
    "for slack.app_token_file"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not in order; without it being `broken` most things work all the same."""

    text: str
    fix: str
    broken: bool = True


async def examine(bot_token: str | None, app_token: str | None, api_url: str, remotes: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the tokens that are there, and with the channels that are to be linked."""
    client = web_client(bot_token, api_url)
    found: list[Problem] = []
    try:
        if bot_token is not None:
            found += [problem async for problem in _bot(client, remotes)]
        if app_token is not None:
            found += await _app(client, app_token)
    except NotReady as error:
        found.append(Problem(str(error), "try again, and check slack.api_url and the way to Slack", broken=False))
    return found


async def _bot(client: AsyncWebClient, remotes: Sequence[str]) -> AsyncIterator[Problem]:
    try:
        with translated():
            who = await client.auth_test()
    except NotReady:
        raise
    except BridgeError as error:
        yield Problem(f"the bot token does not work: {error}", _INSTALL)
        return
    scopes = scopes_of(who)
    if lacking := scopes.lacking(NEEDED):
        yield Problem(f"the app may not {_told(lacking, NEEDED)}", _ADD)
    if lacking := scopes.lacking(WANTED):
        yield Problem(f"the app may not {_told(lacking, WANTED)}", _ADD, broken=False)
    channels = Channels(client)
    for remote in remotes:
        async for problem in _channel(channels, remote):
            yield problem


async def _channel(channels: Channels, remote: str) -> AsyncIterator[Problem]:
    try:
        channel, member = await channels.look(remote)
    except NotReady:
        raise
    except (ConfigError, AuthFailed, BridgeError) as error:
        yield Problem(f"{remote} cannot be linked: {error}", "correct the link")
        return
    if channel.private:
        yield Problem(f"{remote} is private, and private channels are never linked", "link another channel")
    elif not member:
        text = f"the app is not in {remote}; it joins when the hub starts"
        yield Problem(text, f"/invite it in {remote} if it may not (scope channels:join)", broken=False)


async def _app(client: AsyncWebClient, app_token: str) -> list[Problem]:
    try:
        with translated():
            await client.apps_connections_open(app_token=app_token)
    except NotReady:
        raise
    except BridgeError as error:
        return [Problem(f"the app token opens no connection: {error}", _CONNECT)]
    return []


def _told(lacking: Sequence[str], purposes: dict[str, str]) -> str:
    return "; ".join(f"{purposes[scope]} (scope {scope})" for scope in lacking)
