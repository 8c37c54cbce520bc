"""Discord as the hub learns of it: how often it may be called, and fresh bridges."""

import time

from bridges.discord.bridge import PLATFORM, DiscordBridge
from bridges.discord.buckets import Buckets
from bridges.discord.rest import API_URL
from hub.relay.contract.platform import Budget, Call, Platform, Quota, Rate

BUDGETS = {
    Call.POST: Budget(quotas=(Quota(5, 2.1), Quota(30, 60.5))),
    Call.EDIT: Budget(channel=Rate(2.0)),
    Call.DELETE: Budget(channel=Rate(2.0)),
    Call.REACT: Budget(channel=Rate(3.5), everywhere=Rate(20.0, 10)),
}
"""What is commonly seen. No answer tells that a channel takes so many posts in a minute; of the rest they tell more."""


def discord_platform(token: str, guild: str | None = None, api_url: str = API_URL) -> Platform:
    """Return what the relay needs to run a Discord bridge."""
    buckets = Buckets(time.monotonic)
    return Platform(PLATFORM, lambda: DiscordBridge(token, guild, api_url, buckets=buckets), BUDGETS)
