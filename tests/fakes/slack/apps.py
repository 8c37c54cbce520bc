"""Installed Slack apps: their tokens, scopes and event subscriptions."""

from dataclasses import dataclass, field

from .users import User

BOT_SCOPES = frozenset({
    "app_mentions:read", "channels:history", "channels:join", "channels:read",
    "channels:write.topic", "chat:write", "chat:write.customize", "commands", "emoji:read", "files:read",
    "files:write", "groups:history", "groups:read", "groups:write.topic", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "reactions:read", "reactions:write", "team:read", "usergroups:read",
    "users:read", "users:read.email",
})  # fmt: skip
"""Scopes an app has unless a test takes some away."""

BOT_EVENTS = frozenset({
    "channel_archive", "channel_rename", "channel_unarchive", "file_shared", "group_rename",
    "member_joined_channel", "member_left_channel", "message.channels", "message.groups",
    "message.im", "message.mpim", "reaction_added", "reaction_removed", "tokens_revoked",
    "user_change",
})  # fmt: skip
"""Subscriptions an app has by default; ``app_mention`` doubles a message, so it is opt-in."""


@dataclass(slots=True, kw_only=True)
class App:
    """One app installed in the workspace, acting through its bot user."""

    id: str
    name: str
    user: User
    bot_id: str
    bot_token: str
    app_token: str
    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES))
    events: set[str] = field(default_factory=lambda: set(BOT_EVENTS))
    revoked: bool = False
    request_url: str = ""
    """Where events, commands and interactions are sent instead of over sockets, signed with the secret."""
    signing_secret: str = ""
