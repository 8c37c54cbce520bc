"""Discord as the hub learns of it: how often it may be called, and fresh bridges."""

import time

from bridges.discord.bridge import PLATFORM, DiscordBridge
from bridges.discord.buckets import Buckets
from bridges.discord.rest import API_URL
from hub.relay.contract.platform import Budget, Call, Platform, Rate

_MINUTE = 60.0

BUDGETS = {
    # together at most thirty a minute, which no header tells of, and five at once
    Call.POST: Budget(channel=Rate(20 / _MINUTE, 4)),
    Call.FILE: Budget(channel=Rate(5 / _MINUTE, 1)),
    Call.EDIT: Budget(channel=Rate(2.0, 4)),
    Call.DELETE: Budget(channel=Rate(2.0, 4)),
    Call.REACT: Budget(channel=Rate(3.5, 1), everywhere=Rate(20.0, 10)),
}
"""What is commonly seen; what Discord tells in its answers is heeded besides."""


def discord_platform(token: str, guild: str | None = None, api_url: str = API_URL) -> Platform:
    """Return what the relay needs to run a Discord bridge."""
    buckets = Buckets(time.monotonic)
    return Platform(PLATFORM, lambda: DiscordBridge(token, guild, api_url, buckets=buckets), BUDGETS)
