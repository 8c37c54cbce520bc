"""What keeps the bridge from working, found without changing anything: token, intents, server, permissions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridges.discord.account import Account, sign_in
from bridges.discord.permissions import NEEDED, WANTED, granted, invitation, missing
from bridges.discord.rest import HttpRest, Rest
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not in order; without it being `broken` most things work all the same."""

    text: str
    fix: str
    broken: bool = True


async def examine(token: str, guild: str | None, api_url: str, remotes: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the account, the server, and the channels that are to be linked."""
    rest = HttpRest(token, api_url)
    async with rest.kept():
        try:
            account = await sign_in(rest, guild)
            return [problem for remote in remotes for problem in await _channel(rest, account, remote)]
        except AuthFailed as error:
            return [Problem(str(error), "copy the bot's token again: developer portal, Bot, Reset Token")]
        except ConfigError as error:
            return [Problem(str(error), "see docs/discord.md")]
        except BridgeError as error:
            return [Problem(str(error), "try again, and check discord.api_url and the way to Discord", broken=False)]


async def _channel(rest: Rest, account: Account, remote: str) -> list[Problem]:
    channels = await rest.get(f"/guilds/{account.guild_id}/channels")
    found = [it for it in channels if it["id"] == remote or it["name"] == remote.removeprefix("#")]
    if not found:
        fix = "correct the link, or give the bot View Channel there"
        return [Problem(f"the bot sees no channel {remote}", fix)]
    guild = await rest.get(f"/guilds/{account.guild_id}")
    member = await rest.get(f"/guilds/{account.guild_id}/members/{account.user_id}")
    return list(_permissions(remote, granted(guild, member, found[0]), account))


def _permissions(remote: str, allowed: int, account: Account) -> Iterator[Problem]:
    fix = f"grant it in the channel's settings, or invite the bot again at {invitation(account.application_id)}"
    for wanted, broken in ((NEEDED, True), (WANTED, False)):
        if lacking := missing(allowed, wanted.items()):
            yield Problem(f"in {remote} the bot lacks {', '.join(lacking)}", fix, broken=broken)
