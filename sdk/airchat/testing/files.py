"""The fake hub's files."""

import base64

from airchat.call import Reply, Row
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden, InvalidInput, NotFound
from airchat.protocol.files import safe_name
from airchat.protocol.timestamps import to_iso
from airchat.testing import messages
from airchat.testing.state import Given, State


def upload(state: State, given: Given) -> Row:
    """Answer PUT /api/files."""
    body = given.body
    if not all(isinstance(body.get(name), str) and body[name] for name in ("filename", "content", "channel")):
        raise InvalidInput("filename, content, and channel are required")
    name, text = body["filename"], body["content"]
    data = base64.b64decode(text) if body.get("encoding") == "base64" else text.encode()
    channel, now = state.place(given.actor, body), state.now()
    path = f"{channel.name}/{now // 1000}-{safe_name(name)}"
    row = {
        "name": name,
        "size": len(data),
        "path": path,
        "id": path,
        "created_at": to_iso(now),
        "bucket": "agentchat-files",
        "message_id": None,
    }
    state.files[path] = row, data, given.actor.principal.id
    if body.get("post_message") is not False:
        files = [{"name": name, "size": len(data), "path": path, "type": body.get("content_type")}]
        line = f"Shared a file: **{name}** ({len(data)} B)"
        row["message_id"] = state.post(given.actor, channel, line, metadata={"files": files}).id
    return {"file": row}


def download(state: State, given: Given) -> Row | Reply:
    """Answer GET /api/files."""
    path = given.params.get("path", "")
    _, data, _ = _find(state, given)
    if given.params.get("url") == "true":
        return {"signed_url": f"http://fake-hub.invalid/signed/files/{path}", "expires_in": 3600}
    return Reply(200, {"content-type": "application/octet-stream"}, data)


def delete(state: State, given: Given) -> Row:
    """Answer DELETE /api/files."""
    path = given.params.get("path", "")
    row, _, uploader = _find(state, given)
    channel = _place(state, path)
    if given.actor.principal.id not in (uploader, channel.created_by if channel and not channel.direct else None):
        raise Forbidden("The role member may not edit or delete other people's messages")
    del state.files[path]
    if row["message_id"]:
        messages.tombstone(state, state.messages[row["message_id"]])
    return {"path": path, "message_id": row["message_id"]}


def files(state: State, given: Given) -> Row:
    """Answer POST /api/files."""
    if given.body.get("target_agent"):
        folder = state.place(given.actor, {**given.body, "channel": given.body.get("folder")}).name
    else:
        folder = state.channel(given.actor, given.body.get("folder")).name
    return {"files": [row for path, (row, _, _) in reversed(state.files.items()) if path.startswith(f"{folder}/")]}


def _place(state: State, path: str) -> Channel | None:
    return next((channel for channel in state.channels.values() if path.startswith(f"{channel.name}/")), None)


def _find(state: State, given: Given) -> tuple[Row, bytes, str]:
    path = given.params.get("path", "")
    place = _place(state, path)
    hidden = place is not None and place.direct and given.actor.principal.id not in state.members[place.id]
    if path not in state.files or hidden:
        raise NotFound("File not found")
    return state.files[path]
