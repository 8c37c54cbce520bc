"""Bodies of the Events API (https://docs.slack.dev/reference/events), built from the model."""

from dataclasses import dataclass

from .channels import Channel
from .messages import TOMBSTONE, Message
from .settings import Json
from .users import User

SUBSCRIPTION = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
"""Event subscription that covers messages of each kind of conversation."""


@dataclass(slots=True, frozen=True)
class Event:
    """Something that happened. ``channel`` limits it to apps whose bot is a member; ``app_id`` to one app."""

    subscription: str
    body: Json
    channel: Channel | None = None
    app_id: str = ""
    subject: str = ""
    """The ts of the message it is about, if any."""


def message_event(channel: Channel, event_ts: str, body: Json, subject: str) -> Event:
    """A ``message`` event of any subtype; ``subject`` is the ts of the message it tells about."""
    body = {"channel": channel.id, "channel_type": channel.kind, **body, "event_ts": event_ts}
    return Event(SUBSCRIPTION[channel.kind], body, channel, subject=subject)


def posted(channel: Channel, message: Message, rendered: Json) -> Event:
    """A new message; replies name the author of their root."""
    body = dict(rendered)
    if message.is_reply:
        root = channel.messages[message.thread_ts]
        body["parent_user_id"] = root.user or root.bot_id
    if message.broadcast:
        body["root"] = {"ts": message.thread_ts}
    return message_event(channel, message.ts, body, message.ts)


def changed(channel: Channel, event_ts: str, now: Json, before: Json) -> Event:
    """``message_changed``, with the whole message as it is and as it was."""
    body: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": event_ts}
    return message_event(channel, event_ts, body | {"message": now, "previous_message": before}, now["ts"])


def deleted(channel: Channel, event_ts: str, before: Json) -> Event:
    """``message_deleted``; a thread root becomes a tombstone instead."""
    body: Json = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": event_ts}
    return message_event(
        channel, event_ts, body | {"deleted_ts": before["ts"], "previous_message": before}, before["ts"]
    )


def entombed(message: Message) -> None:
    """Turn a deleted thread root into the tombstone its replies keep hanging from."""
    message.text, message.subtype, message.user = TOMBSTONE, "tombstone", "USLACKBOT"
    message.extra = {"hidden": True}
    message.app_id = message.bot_id = message.username = message.client_msg_id = ""
    message.metadata, message.edited = None, None
    for part in (message.blocks, message.attachments, message.files, message.reactions, message.icons):
        part.clear()


def reaction(kind: str, channel: Channel, message: Message, *, user: str, name: str, event_ts: str) -> Event:
    """``reaction_added`` or ``reaction_removed`` (``kind``) by the member ``user``."""
    item = {"type": "message", "channel": channel.id, "ts": message.ts}
    body = {"type": kind, "user": user, "reaction": name, "item": item, "event_ts": event_ts}
    return Event(kind, body | ({"item_user": message.user} if message.user else {}), channel, subject=message.ts)


def member(kind: str, channel: Channel, user: str, event_ts: str) -> Event:
    """``member_joined_channel`` or ``member_left_channel`` (``kind``)."""
    body = {"type": kind, "user": user, "channel": channel.id, "channel_type": channel.id[0], "event_ts": event_ts}
    return Event(kind, body, channel)


def renamed(channel: Channel, event_ts: str) -> Event:
    """``channel_rename`` or ``group_rename``."""
    kind = "channel_rename" if channel.kind == "channel" else "group_rename"
    detail = {"id": channel.id, "name": channel.name, "created": channel.created}
    return Event(kind, {"type": kind, "channel": detail, "event_ts": event_ts}, channel)


def archived(channel: Channel, user: str, event_ts: str) -> Event:
    """``channel_archive`` or ``channel_unarchive``, by the state the channel is in now."""
    kind = "channel_archive" if channel.archived else "channel_unarchive"
    return Event(kind, {"type": kind, "channel": channel.id, "user": user, "event_ts": event_ts}, channel)


def file_shared(channel: Channel, file_id: str, user: str, event_ts: str) -> Event:
    """``file_shared``: names the file only by its id."""
    body = {"type": "file_shared", "file_id": file_id, "file": {"id": file_id}, "user_id": user}
    return Event("file_shared", body | {"channel_id": channel.id, "event_ts": event_ts}, channel)


def user_changed(user: User, rendered: Json, event_ts: str) -> Event:
    """``user_change``: a member's profile is different now."""
    return Event("user_change", {"type": "user_change", "user": rendered, "event_ts": event_ts}, subject=user.id)


def app_mention(channel: Channel, app_id: str, body: Json) -> Event:
    """The double of a message that mentions an app's bot."""
    extra = {"channel_type", "subtype"}
    copy = {key: value for key, value in body.items() if key not in extra}
    return Event("app_mention", copy | {"type": "app_mention"}, channel, app_id, body["ts"])
