"""``/channels/{channel}/messages``: history, and what the bot posts, edits and deletes as itself."""

from tests.fakes.discord.errors import ApiError, forbidden
from tests.fakes.discord.events import without_content
from tests.fakes.discord.messages import REPLY, Message
from tests.fakes.discord.settings import Json
from tests.fakes.discord.users import User

from .call import Answer, Call, Route


def history(call: Call) -> Answer:
    """A page of messages, newest first; ``after`` gives those that follow it, still newest first."""
    channel = call.channel("READ_MESSAGE_HISTORY")
    limit = call.number("limit", 50, 1, 100)
    ids = sorted(channel.messages, key=int)
    if "after" in call.query:
        ids = [it for it in ids if int(it) > int(call.query["after"])][:limit]
    elif "before" in call.query:
        ids = [it for it in ids if int(it) < int(call.query["before"])][-limit:]
    elif "around" in call.query:
        ids = sorted(ids, key=lambda it: abs(int(it) - int(call.query["around"])))[:limit]
    return [_seen(call, channel.messages[it]) for it in sorted(ids, key=int)[-limit:][::-1]]


def get(call: Call) -> Answer:
    """One message."""
    return _seen(call, call.message(call.channel("READ_MESSAGE_HISTORY")))


def create(call: Call) -> Answer:
    """Post as the bot; with ``enforce_nonce``, a nonce seen before gives the first message."""
    channel = call.channel()
    call.guild.need(call.app.bot, channel, "SEND_MESSAGES_IN_THREADS" if channel.is_thread else "SEND_MESSAGES")
    nonce = str(call.body.get("nonce") or "")
    if nonce and call.body.get("enforce_nonce"):
        for known in channel.messages.values():
            if known.nonce == nonce and known.author is call.app.bot:
                return known.render(call.app.bot.id)
    message = fresh(call.app.bot, call.body)
    message.nonce = nonce
    message.attachments = call.attachments(channel)
    reference = call.body.get("message_reference")
    if reference:
        message.type = REPLY
        message.reference = {"channel_id": channel.id, "guild_id": call.guild.id, "type": 0} | reference
        if reference["message_id"] not in channel.messages and reference.get("fail_if_not_exists", True):
            raise ApiError(400, 50035, "Invalid Form Body")
    call.timeline.post(channel, message, call.body.get("allowed_mentions"))
    return message.render(call.app.bot.id)


def edit(call: Call) -> Answer:
    """Edit a message of the bot."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.app.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    change(call, message)
    return message.render(call.app.bot.id)


def delete(call: Call) -> Answer:
    """Delete a message: the bot's own, or with a permission anybody's."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.app.bot and not call.guild.can(call.app.bot, channel, "MANAGE_MESSAGES"):
        raise forbidden()
    call.timeline.delete(message)
    return None


def fresh(author: User, body: Json) -> Message:
    """A message as a body describes it; its attachments are still missing."""
    return Message(
        id="",
        channel_id="",
        guild_id="",
        author=author,
        content=body.get("content") or "",
        embeds=body.get("embeds") or [],
        components=body.get("components") or [],
        flags=body.get("flags") or 0,
    )


def change(call: Call, message: Message) -> None:
    """Apply the body of an edit."""
    body = call.body
    changes = {key: body[key] or type(empty)() for key, empty in _EMPTY.items() if key in body}
    if "attachments" in body or call.uploads:
        keep = {str(it["id"]) for it in body.get("attachments") or []}
        kept = [it for it in message.attachments if it.id in keep or "attachments" not in body]
        changes["attachments"] = kept + call.attachments(call.guild.channels[message.channel_id])
    call.timeline.edit(message, changes)


def _seen(call: Call, message: Message) -> Json:
    body = message.render(call.app.bot.id)
    if "message_content" in call.guild.settings.privileged:
        return body
    return without_content(body, call.app.bot.id)


_EMPTY: Json = {"content": "", "embeds": [], "components": [], "flags": 0}

_MESSAGES = "/channels/{channel}/messages"
ROUTES = [
    Route("GET", _MESSAGES, history),
    Route("GET", f"{_MESSAGES}/{{message}}", get),
    Route("POST", _MESSAGES, create, kind="post"),
    Route("PATCH", f"{_MESSAGES}/{{message}}", edit, kind="post"),
    Route("DELETE", f"{_MESSAGES}/{{message}}", delete),
]
