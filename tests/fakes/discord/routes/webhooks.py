"""Webhooks: made by the bot; used with their token, under any name."""

import secrets

from tests.fakes.discord.channels import FORUM, Channel
from tests.fakes.discord.errors import ApiError, invalid, unknown
from tests.fakes.discord.messages import Message
from tests.fakes.discord.users import User
from tests.fakes.discord.webhooks import PER_CHANNEL, Webhook

from .call import Answer, Call, Route
from .messages import change, fresh

_BAD_NAMES = ("clyde", "discord")


def create(call: Call) -> Answer:
    """Make a webhook for a channel."""
    channel = call.channel("MANAGE_WEBHOOKS")
    if channel.is_thread:
        raise invalid("channel_id", "Invalid Channel Type", "CHANNEL_TYPE_INVALID")
    _check_name(call.body["name"])
    if sum(hook.channel_id == channel.id for hook in call.guild.webhooks.values()) >= PER_CHANNEL:
        raise ApiError(400, 30007, "Maximum number of webhooks reached (15)")
    hook = Webhook(
        id=call.guild.snowflakes.next(),
        token=secrets.token_urlsafe(24),
        channel_id=channel.id,
        guild_id=call.guild.id,
        name=call.body["name"],
        application_id=call.app.id,
        user=call.app.bot.render(),
    )
    call.guild.webhooks[hook.id] = hook
    call.guild.emit("WEBHOOKS_UPDATE", {"guild_id": call.guild.id, "channel_id": channel.id}, channel)
    return hook.render(call.app.id)


def of_channel(call: Call) -> Answer:
    """A channel's webhooks."""
    channel = call.channel("MANAGE_WEBHOOKS")
    hooks = [hook for hook in call.guild.webhooks.values() if hook.channel_id == channel.id]
    return [hook.render(call.app.id) for hook in hooks]


def execute(call: Call) -> Answer:
    """Post; into a thread, or with ``thread_name`` as a forum's new post. The same path answers interactions."""
    if call.args["webhook"] in call.guild.apps:
        interaction = call.interactions.find(call.args["token"])
        return call.interactions.say(interaction, call.body).render()
    hook = _hook(call)
    channel = call.guild.channels[hook.channel_id]
    name = call.body.get("username") or hook.name
    _check_name(name)
    author = User(id=hook.id, username=name, avatar=call.body.get("avatar_url") or "", bot=True)
    message = fresh(author, call.body)
    message.webhook_id, message.application_id = hook.id, hook.application_id
    allowed, thread_name = call.body.get("allowed_mentions"), call.body.get("thread_name")
    place = _place(call, channel)
    message.attachments = call.attachments(place)
    if channel.type == FORUM and place is channel:
        if not thread_name:
            raise ApiError(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
        if channel.flags & 1 << 4 and not call.body.get("applied_tags"):
            raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")
        thread = call.timeline.forum_post(channel, thread_name, message.author, message, allowed)
        thread.applied_tags = call.body.get("applied_tags") or []
    elif thread_name:
        raise ApiError(400, 220003, "Webhooks can only create threads in forum channels")
    else:
        call.timeline.post(place, message, allowed)
    return message.render() if call.query.get("wait", "").lower() in {"true", "1"} else None


def get_message(call: Call) -> Answer:
    """A message of the webhook, or of an interaction."""
    return _message(call).render()


def edit_message(call: Call) -> Answer:
    """Edit a message of the webhook, or of an interaction."""
    message = _message(call, create=True)
    if call.args["webhook"] in call.guild.apps:
        call.interactions.change(message, call.body)
    else:
        change(call, message)
    return message.render()


def delete_message(call: Call) -> Answer:
    """Delete a message of the webhook, or of an interaction."""
    message = _message(call)
    if not message.ephemeral_for:
        call.timeline.delete(message)
    return None


def delete(call: Call) -> Answer:
    """Delete a webhook."""
    hook = call.guild.webhooks.get(call.args["webhook"])
    if hook is None:
        raise unknown("Webhook")
    del call.guild.webhooks[hook.id]
    return None


def _hook(call: Call) -> Webhook:
    hook = call.guild.webhooks.get(call.args["webhook"])
    if hook is None:
        raise unknown("Webhook")
    if hook.token != call.args["token"]:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return hook


def _place(call: Call, channel: Channel) -> Channel:
    thread_id = call.query.get("thread_id")
    if not thread_id:
        return channel
    thread = call.guild.channels.get(thread_id)
    if thread is None or thread.parent_id != channel.id:
        raise unknown("Channel")
    return thread


def _message(call: Call, *, create: bool = False) -> Message:
    message_id = call.args["message"]
    if call.args["webhook"] in call.guild.apps:
        interaction = call.interactions.find(call.args["token"])
        if message_id == "@original" and create and not interaction.messages and interaction.kind == 5:
            return call.interactions.say(interaction, call.body)
        if message_id == "@original" and interaction.kind in {6, 7} and interaction.message:
            return interaction.message
        found = [it for it in interaction.messages if message_id in {"@original", it.id}]
        if not found:
            raise unknown("Message")
        return found[0]
    hook = _hook(call)
    message = call.guild.message(_place(call, call.guild.channels[hook.channel_id]), message_id)
    if message.webhook_id != hook.id:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    return message


def _check_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= 80:
        raise invalid("username", "Must be between 1 and 80 in length.")
    for bad in _BAD_NAMES:
        if bad in name.lower():
            raise invalid("username", f'Username cannot contain "{bad}"', "USERNAME_INVALID_CONTAINS")


_HOOK = "/webhooks/{webhook}/{token}"
ROUTES: list[Route] = [
    Route("POST", "/channels/{channel}/webhooks", create),
    Route("GET", "/channels/{channel}/webhooks", of_channel),
    Route("DELETE", "/webhooks/{webhook}", delete),
    Route("POST", _HOOK, execute, kind="webhook", open=True),
    Route("GET", f"{_HOOK}/messages/{{message}}", get_message, open=True),
    Route("PATCH", f"{_HOOK}/messages/{{message}}", edit_message, kind="webhook", open=True),
    Route("DELETE", f"{_HOOK}/messages/{{message}}", delete_message, kind="webhook", open=True),
]
