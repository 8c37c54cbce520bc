"""``/channels``: a channel, its topic, and its threads."""

from tests.fakes.discord.channels import FORUM, PRIVATE_THREAD, PUBLIC_THREAD
from tests.fakes.discord.errors import invalid
from tests.fakes.discord.snowflakes import iso

from .call import Answer, Call, Route


def get(call: Call) -> Answer:
    """One channel."""
    return call.channel().render()


def edit(call: Call) -> Answer:
    """Change a channel's name or topic, or archive a thread."""
    channel = call.channel()
    call.guild.need(call.app.bot, channel, "MANAGE_THREADS" if channel.is_thread else "MANAGE_CHANNELS")
    if len(call.body.get("topic") or "") > 1024:
        raise invalid("topic", "Must be between 0 and 1024 in length.")
    for field in ("name", "topic", "archived", "locked"):
        if field in call.body:
            setattr(channel, field, call.body[field] if call.body[field] is not None else "")
    call.guild.emit("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel.render(), channel)
    return channel.render()


def start_from(call: Call) -> Answer:
    """Start a thread at a message."""
    channel = call.channel("CREATE_PUBLIC_THREADS", "READ_MESSAGE_HISTORY")
    _name(call)
    return call.timeline.thread_from(call.message(channel), call.body["name"], call.app.bot).render()


def start_alone(call: Call) -> Answer:
    """Start a thread without a message."""
    channel = call.channel("CREATE_PUBLIC_THREADS")
    _name(call)
    kind = call.body.get("type", PRIVATE_THREAD)
    if channel.type == FORUM:
        raise invalid("message", "This field is required", "BASE_TYPE_REQUIRED")
    return call.timeline.thread_alone(channel, call.body["name"], call.app.bot, kind).render()


def archived(call: Call) -> Answer:
    """A page of archived public threads, those archived last first."""
    channel = call.channel("READ_MESSAGE_HISTORY")
    limit, before = call.number("limit", 50, 1, 100), call.query.get("before")
    threads = [it for it in call.guild.threads_of(channel) if it.archived and it.type == PUBLIC_THREAD]
    threads = sorted(threads, key=lambda it: it.archived_at, reverse=True)
    if before:
        threads = [it for it in threads if iso(it.archived_at) < before.replace("Z", "+00:00")]
    page = threads[:limit]
    return {"threads": [it.render() for it in page], "members": [], "has_more": len(threads) > limit}


def active(call: Call) -> Answer:
    """All threads of the guild that are not archived and that the bot can see."""
    threads = [it for it in call.guild.channels.values() if it.is_thread and not it.archived]
    seen = [it for it in threads if call.guild.can(call.app.bot, it, "VIEW_CHANNEL")]
    return {"threads": [it.render() for it in seen], "members": []}


def join(call: Call) -> Answer:
    """Join a thread."""
    call.channel()
    return None


def typing(call: Call) -> Answer:
    """Say that the bot is typing."""
    channel = call.channel("SEND_MESSAGES")
    body = {"channel_id": channel.id, "guild_id": call.guild.id, "user_id": call.app.bot.id, "timestamp": 0}
    call.guild.emit("TYPING_START", body, channel)
    return None


def _name(call: Call) -> None:
    if not 1 <= len(call.body.get("name") or "") <= 100:
        raise invalid("name", "Must be between 1 and 100 in length.")


ROUTES = [
    Route("GET", "/channels/{channel}", get),
    Route("PATCH", "/channels/{channel}", edit, kind="channel"),
    Route("POST", "/channels/{channel}/messages/{message}/threads", start_from),
    Route("POST", "/channels/{channel}/threads", start_alone),
    Route("GET", "/channels/{channel}/threads/archived/public", archived),
    Route("PUT", "/channels/{channel}/thread-members/@me", join),
    Route("POST", "/channels/{channel}/typing", typing),
    Route("GET", "/guilds/{guild}/threads/active", active),
]
