"""``chat.*``: posting, updating and deleting an app's own messages."""

from typing import Any

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.interactions import Ephemeral
from tests.fakes.slack.messages import Message
from tests.fakes.slack.settings import Json

from .call import Call, Method

POST_LIMIT = 40_000
UPDATE_LIMIT = 4_000
BLOCK_LIMIT = 50


def post_message(call: Call) -> Json:
    """Post as the app, possibly under another name and icon; texts over 40,000 characters are truncated."""
    channel = destination(call)
    content = _content(call)
    if not any(content.values()):
        raise SlackError("no_text")
    name, icons = authorship(call)
    message = Message(
        **content,
        user="" if name or icons else call.app.user.id,
        subtype="bot_message" if name or icons else "",
        username=name,
        icons=icons,
        app_id=call.app.id,
        bot_id=call.app.bot_id,
        metadata=_metadata(call),
        thread_ts=call.arguments.text("thread_ts"),
        broadcast=call.arguments.flag("reply_broadcast"),
    )
    message.text = message.text[:POST_LIMIT]
    call.timeline.post(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": call.workspace.render(message, with_metadata=True)}


def post_ephemeral(call: Call) -> Json:
    """Show a message to one member of the channel."""
    channel, user = destination(call), call.arguments.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(call)
    call.interactions.ephemerals.append(Ephemeral(channel.id, user, content["text"], content["blocks"]))
    return {"message_ts": call.workspace.event_ts()}


def update(call: Call) -> Json:
    """Change an own message. What is left out stays, except that a text without blocks removes the blocks.

    An update with blocks is not marked as edited (https://docs.slack.dev/reference/methods/chat.update).
    """
    channel, message = own(call, "cant_update_message")
    if message.streaming and call.workspace.settings.clock() < message.stream_ends:
        raise SlackError("streaming_state_conflict")
    content, arguments = _content(call), call.arguments
    if not any(arguments.has(name) for name in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    if len(content["text"]) > UPDATE_LIMIT:
        raise SlackError("msg_too_long")
    changes = {name: value for name, value in content.items() if arguments.has(name)}
    if arguments.has("text") and not arguments.has("blocks"):
        changes["blocks"] = []
    if arguments.has("metadata"):
        changes["metadata"] = _metadata(call)
    changes |= {"streaming": False, "broken": False}
    call.timeline.edit(message, changes, "" if changes.get("blocks") else call.app.user.id)
    rendered = call.workspace.render(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": rendered}


def delete(call: Call) -> Json:
    """Delete an own message."""
    channel, message = own(call, "cant_delete_message")
    call.timeline.delete(message)
    return {"channel": channel.id, "ts": call.arguments.text("ts")}


def get_permalink(call: Call) -> Json:
    """The web address of a message."""
    channel = call.channel()
    message = call.workspace.message(channel, call.arguments.required("message_ts"))
    link = f"https://{call.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def destination(call: Call) -> Channel:
    """Where to post: a channel the bot is in, or the direct one with a member."""
    target, me = call.arguments.required("channel"), call.app.user.id
    if target in call.workspace.users:
        return call.workspace.direct(target, me)
    channel = call.workspace.channel(target)
    if me not in channel.members:
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    return channel


def own(call: Call, refusal: str) -> tuple[Channel, Message]:
    """The app's own message that the call names; raises ``refusal``."""
    channel = call.channel()
    message = call.workspace.message(channel, call.arguments.required("ts"))
    if message.app_id != call.app.id:
        raise SlackError(refusal)
    return channel, message


def _content(call: Call) -> dict[str, Any]:
    blocks = call.arguments.structure("blocks", "invalid_blocks_format") or []
    if len(blocks) > BLOCK_LIMIT:
        raise SlackError("invalid_blocks")
    blocks = [{"block_id": f"b{number}", **block} for number, block in enumerate(blocks)]
    attachments = call.arguments.structure("attachments", "invalid_attachments") or []
    text = call.arguments.text("text") or call.arguments.text("markdown_text")
    return {"text": text, "blocks": blocks, "attachments": attachments}


def authorship(call: Call) -> tuple[str, dict[str, str]]:
    """The name and icons to show instead of the app's."""
    if "chat:write.customize" not in call.app.scopes:
        return "", {}  # Slack ignores a name it is not allowed to show, and posts all the same
    arguments = call.arguments
    if emoji := arguments.text("icon_emoji"):
        return arguments.text("username"), {"emoji": emoji}
    url = arguments.text("icon_url")
    return arguments.text("username"), {"image_36": url, "image_48": url, "image_72": url} if url else {}


def _metadata(call: Call) -> Json | None:
    metadata = call.arguments.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise SlackError("invalid_metadata_format")
    return metadata


METHODS = {
    "chat.delete": Method(delete, "chat:write"),
    "chat.getPermalink": Method(get_permalink, tier=300),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", tier=100),
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.update": Method(update, "chat:write"),
}
