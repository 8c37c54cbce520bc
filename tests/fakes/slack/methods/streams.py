"""``chat.*Stream``: a message that grows while people watch it, and the status shown before there is one."""

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.interactions import Status
from tests.fakes.slack.messages import Message
from tests.fakes.slack.settings import Json

from .call import Call, Method
from .chat import authorship, destination, own

MARKDOWN_LIMIT = 12_000


def start(call: Call) -> Json:
    """Begin a message in a thread; in a channel it needs to know for whom it is."""
    channel = destination(call)
    if not call.arguments.text("thread_ts"):
        raise SlackError("invalid_thread_ts")
    if channel.kind != "im":
        if not call.arguments.text("recipient_team_id"):
            raise SlackError("missing_recipient_team_id")
        if call.arguments.text("recipient_user_id") not in call.workspace.users:
            raise SlackError("missing_recipient_user_id")
    name, icons = authorship(call)
    message = Message(
        text=_text(call),
        user="" if name or icons else call.app.user.id,
        subtype="bot_message" if name or icons else "",
        username=name,
        icons=icons,
        app_id=call.app.id,
        bot_id=call.app.bot_id,
        thread_ts=call.arguments.text("thread_ts"),
        streaming=True,
    )
    call.timeline.post(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """Add to it."""
    channel, message = _streaming(call)
    message.text += _text(call)
    return {"channel": channel.id, "ts": message.ts}


def stop(call: Call) -> Json:
    """End it, with a last piece and what hangs on it; only now are others told what it says."""
    channel, message = _streaming(call)
    message.streaming = False
    changes: Json = {"text": message.text + _text(call)}
    if call.arguments.has("blocks"):
        changes["blocks"] = call.arguments.structure("blocks", "invalid_blocks_format")
    if call.arguments.has("metadata"):
        changes["metadata"] = call.arguments.structure("metadata", "invalid_metadata_format")
    call.timeline.edit(message, changes, "")
    return {"channel": channel.id, "ts": message.ts, "message": call.workspace.render(message)}


def set_status(call: Call) -> Json:
    """Show that somebody is at work in a thread; an empty status takes it back."""
    call.need("chat:write", "assistant:write")
    channel = call.channel("channel_id")
    thread, status = call.arguments.required("thread_ts"), call.arguments.text("status")
    if thread not in channel.messages:
        raise SlackError("invalid_thread_ts")
    name, _ = authorship(call)
    call.interactions.statuses.append(Status(channel.id, thread, status, name))
    return {}


def _streaming(call: Call) -> tuple[Channel, Message]:
    channel, message = own(call, "cant_update_message")
    if not message.streaming:
        raise SlackError("message_not_in_streaming_state")
    return channel, message


def _text(call: Call) -> str:
    chunks = call.arguments.structure("chunks") or []
    text = call.arguments.text("markdown_text")
    text += "".join(chunk.get("text", "") for chunk in chunks if chunk.get("type") == "markdown_text")
    if len(text) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    return text


METHODS = {
    "assistant.threads.setStatus": Method(set_status, tier=600),
    "chat.appendStream": Method(append, "chat:write", tier=100),
    "chat.startStream": Method(start, "chat:write", tier=20),
    "chat.stopStream": Method(stop, "chat:write", tier=20),
}
