"""``files.*``: uploads in three steps, and what became of them."""

import secrets

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.files import File
from tests.fakes.slack.messages import Message
from tests.fakes.slack.settings import Json

from .call import Call, Method
from .chat import authorship


def get_upload_url(call: Call) -> Json:
    """A URL to send the bytes to, and the id of the file to be."""
    name, length = call.arguments.required("filename"), call.arguments.number("length")
    if length <= 0:
        raise SlackError("invalid_arguments")
    file = call.workspace.add_file(name, call.app.user.id)
    return {"file_id": file.id, "upload_url": f"{call.workspace.site}/upload/v1/{file.id}-{secrets.token_hex(8)}"}


def complete_upload(call: Call) -> Json:
    """Share uploaded files as one message per channel. The ts of that message is **not** in the answer."""
    files = [_uploaded(call, entry) for entry in call.arguments.structure("files") or []]
    if not files:
        raise SlackError("invalid_arguments")
    for channel in _channels(call):
        call.timeline.post(channel, _message(call, files))
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}


def info(call: Call) -> Json:
    """A file with its shares."""
    file = call.workspace.file(call.arguments.required("file"))
    body = file.render(call.workspace.team_id, call.workspace.site)
    return {"file": body | {"shares": file.render_shares()}, "comments": []}


def delete(call: Call) -> Json:
    """Delete an own file; messages keep standing without it."""
    file = call.workspace.file(call.arguments.required("file"))
    if file.user != call.app.user.id:
        raise SlackError("cant_delete_file")
    file.deleted = True
    return {}


def _uploaded(call: Call, entry: Json) -> File:
    file = call.workspace.file(str(entry.get("id", "")))
    if file.content is None:
        raise SlackError("file_not_found")
    file.title = entry.get("title") or file.title
    return file


def _channels(call: Call) -> list[Channel]:
    arguments = call.arguments
    ids = [arguments.text("channel_id"), *arguments.text("channels").split(",")]
    channels = []
    for channel_id in filter(None, ids):
        channel = call.workspace.channel(channel_id)
        if call.app.user.id not in channel.members:
            raise SlackError("not_in_channel")
        channels.append(channel)
    return channels


def _message(call: Call, files: list[File]) -> Message:
    name, icons = authorship(call)
    comment = call.arguments.text("initial_comment")
    return Message(
        text=comment,
        blocks=[] if comment else call.arguments.structure("blocks", "invalid_blocks_format") or [],
        user=call.app.user.id,
        subtype="file_share",
        app_id=call.app.id,
        bot_id=call.app.bot_id,
        username=name,
        icons=icons,
        thread_ts=call.arguments.text("thread_ts"),
        files=files,
        extra={"upload": False},
    )


METHODS = {
    "files.completeUploadExternal": Method(complete_upload, "files:write", tier=100),
    "files.delete": Method(delete, "files:write"),
    "files.getUploadURLExternal": Method(get_upload_url, "files:write", tier=100),
    "files.info": Method(info, "files:read", tier=100),
}
