"""Files: what was shared, with links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from bridges.irc.service.places import channel_name, moment, nick_of, quoted, room_of
from bridges.irc.service.table import Question, command

if TYPE_CHECKING:  # only shown
    from airchat.protocol.files import File

_LISTED = 100
_ROOMS = 50
_NAME_BYTES = 80
_ROW_BYTES = 440


@command("files [#channel]", "List shared files, newest first; a link opens its file for an hour", most=1)
async def files(question: Question) -> AsyncIterator[str]:
    """Yield the files of a channel, or of those where the asker is, each with a link."""
    if question.words:
        rooms = [room_of(question, "channel", question.words[0])]
    else:
        rooms = question.server.rooms.with_user(question.user)[:_ROOMS]
    found: list[File] = []
    for room in rooms:
        found += await question.hub.files.list(question.actor, room.channel.name, _LISTED)
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    for file in found[:_LISTED]:
        yield _shown(question, file)
    if not found:
        yield "No files were shared there" if question.words else "No files were shared in your channels"


def _shown(question: Question, file: File) -> str:
    channel = question.hub.directory.channel(file.channel_id)
    place = channel_name(question, channel) if channel is not None else "?"
    author, name = nick_of(question, file.uploader_id), quoted(file.name, _NAME_BYTES)
    about = f"{moment(file.created_at)} {place} <{author}> {name}, {_size(file.size)}"
    base = question.server.config.web_url
    link = "" if base is None else f" {base}/signed/files/{quote(file.path)}?{question.hub.files.sign(file)}"
    row = f"{about}{link}"
    return row if len(row.encode()) <= _ROW_BYTES else f"{about} (its link is too long for IRC)"


def _size(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
