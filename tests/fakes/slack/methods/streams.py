"""``chat.*Stream``: a message that grows while people watch it, and the status shown before there is one.

https://docs.slack.dev/reference/methods/chat.startStream
"""

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.interactions import Status
from tests.fakes.slack.messages import Message
from tests.fakes.slack.settings import Json

from .call import Call, Method
from .chat import authorship, destination, own

MARKDOWN_LIMIT = 12_000
TASK_LIMIT = 256
BLOCK_LIMIT = 50
STATUSES = {"pending", "in_progress", "complete", "error"}


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
        text="",
        user="" if name or icons else call.app.user.id,
        subtype="bot_message" if name or icons else "",
        username=name,
        icons=icons,
        app_id=call.app.id,
        bot_id=call.app.bot_id,
        thread_ts=call.arguments.text("thread_ts"),
        streaming=True,
        stream_ends=call.workspace.settings.clock() + call.workspace.settings.stream_seconds,
    )
    for name, value in _grown(call, message).items():
        setattr(message, name, value)
    call.timeline.post(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """Add to it; nobody is told by an event."""
    channel, message = _streaming(call)
    if not call.arguments.has("chunks") and not call.arguments.has("markdown_text"):
        raise SlackError("no_text")
    for name, value in _grown(call, message).items():
        setattr(message, name, value)
    return {"channel": channel.id, "ts": message.ts}


def stop(call: Call) -> Json:
    """End it, with a last piece and what hangs on it; only now are others told what it says."""
    channel, message = _streaming(call)
    changes = _grown(call, message)
    blocks = call.arguments.structure("blocks", "invalid_blocks_format") or []
    if len(blocks) > BLOCK_LIMIT:
        raise SlackError("invalid_blocks")
    changes["blocks"] = changes.get("blocks", message.blocks) + blocks
    if call.arguments.has("metadata"):
        changes["metadata"] = call.arguments.structure("metadata", "invalid_metadata_format")
    call.timeline.edit(message, changes | {"streaming": False}, "")
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
    """What the call is about; one that was open for too long has been ended, and looks broken until it is updated."""
    channel, message = own(call, "message_not_owned_by_app")
    if message.streaming and call.workspace.settings.clock() >= message.stream_ends:
        message.streaming, message.broken = False, True
    if not message.streaming:
        raise SlackError("message_not_in_streaming_state")
    return channel, message


def _grown(call: Call, message: Message) -> Json:
    """What the message becomes by the call's text or chunks: texts are added, a task is renewed by its id."""
    text = call.arguments.text("markdown_text")
    chunks = call.arguments.structure("chunks", "invalid_chunks") or []
    if text and chunks:
        raise SlackError("cannot_provide_both_markdown_text_and_chunks")
    blocks = [dict(block) for block in message.blocks]
    for chunk in chunks:
        match chunk.get("type"):
            case "markdown_text":
                text += chunk.get("text", "")
            case "task_update":
                _renew(blocks, chunk)
            case "blocks":
                blocks += chunk.get("blocks") or []
            case "plan_update":
                continue
            case _:
                raise SlackError("invalid_chunks")
    if len(text) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    return {"text": message.text + text, "blocks": blocks}


def _renew(blocks: list[Json], chunk: Json) -> None:
    """Renew the card of a task: its title and status are replaced, what tells of it in detail grows."""
    lengths = [len(str(chunk.get(name, ""))) for name in ("id", "title", "details", "output")]
    if max(lengths) > TASK_LIMIT or not chunk.get("id") or chunk.get("status") not in STATUSES:
        raise SlackError("invalid_chunks")
    card = next((block for block in blocks if block.get("task_id") == chunk["id"]), None)
    if card is None:
        card = {"type": "task_card", "task_id": chunk["id"]}
        blocks.append(card)
    card |= {"title": chunk.get("title", ""), "status": chunk["status"]}
    for name in ("details", "output"):
        if chunk.get(name):
            card[name] = card.get(name, "") + chunk[name]


METHODS = {
    "assistant.threads.setStatus": Method(set_status, tier=600),
    "chat.appendStream": Method(append, "chat:write", tier=100),
    "chat.startStream": Method(start, "chat:write", tier=20),
    "chat.stopStream": Method(stop, "chat:write", tier=20),
}
