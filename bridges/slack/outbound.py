"""Outbound: posts, and changes of what was posted, as calls of the Web API. None is made a second time here."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from airchat.protocol.timestamps import SECOND
from bridges.slack.blocks import actions, sections
from bridges.slack.emoji import Emoji
from bridges.slack.errors import translated
from bridges.slack.faces import authorship
from bridges.slack.files import Uploads
from bridges.slack.marks import metadata
from bridges.slack.streams import Streams
from bridges.slack.text import parts, shown, topic, written
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.desk import Button
from hub.relay.contract.errors import CannotCarry, OutcomeUnknown, Refused

TOPIC_LENGTH = 250

_SHARED_AFTER = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds between asking where an uploaded file stands: it takes a moment until Slack knows."""


class Outbound:
    """What the bridge does on Slack in the hub's name; `own_ids` are those of its own account."""

    def __init__(self, client: AsyncWebClient, uploads: Uploads, emoji: Emoji, streams: Streams) -> None:
        self.own_ids: frozenset[str] = frozenset()
        self._client = client
        self._uploads = uploads
        self._emoji = emoji
        self._streams = streams

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Post under the author's name; the post's token travels where the channel's history shows it."""
        if post.files:
            return await self._share(post, names)
        if post.unfinished:
            return await self._streams.begin(post)
        with translated(sending=True):
            answer = await self._client.chat_postMessage(
                channel=post.remote_channel,
                text=written(post.text, names),
                blocks=_blocks(post.text, names, post.buttons),
                thread_ts=_thread(post),
                reply_broadcast=post.broadcast or None,
                metadata=metadata(post.token),
                unfurl_links=False,
                unfurl_media=False,
                **authorship(post.author),
            )
            return str(answer["ts"])

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Make one change; one that is made already is fine."""
        match change:
            case outbound.Edit():
                await self._edit(change, names)
            case outbound.Delete():
                await self._delete(change)
            case outbound.React():
                await self._react(change)
            case outbound.Topic():
                await self._set_topic(change)

    async def _share(self, post: outbound.Post, names: Names) -> str:
        """Upload the files and share them as one message, whose ts only the files know."""
        file_ids = [await self._uploads.upload(file) for file in post.files]
        titles: list[dict[str, str | None]] = [
            {"id": file_id, "title": file.name} for file_id, file in zip(file_ids, post.files, strict=True)
        ]
        more: dict[str, Any] = authorship(post.author)
        if post.text.strip():
            more["blocks"] = json.dumps(sections(parts(post.text, names), post.token))
        with translated(sending=True):
            await self._client.files_completeUploadExternal(
                files=titles, channel_id=post.remote_channel, thread_ts=_thread(post), **more
            )
        for seconds in _SHARED_AFTER:
            await asyncio.sleep(seconds)
            ts = await self._uploads.shared(file_ids[0], post.remote_channel)
            if ts is not None:
                return ts
        raise OutcomeUnknown("Slack does not tell where the file was shared")

    async def adopt(self, post: outbound.Post, ts: str) -> None:
        """Make a stream, of which nobody knew that it was begun, the post that it was to be."""
        if await self._streams.adopt(post, ts):
            return
        with translated(sending=True, changing=True):
            await self._client.chat_update(
                channel=post.remote_channel, ts=ts, text=shown(post.text), metadata=metadata(post.token)
            )

    async def _edit(self, edit: outbound.Edit, names: Names) -> None:
        if edit.unfinished and await self._streams.renew(edit):
            return
        if edit.finishes and await self._streams.finish(edit, names):
            return
        with translated(sending=True, changing=True):
            await self._client.chat_update(
                channel=edit.remote_channel,
                ts=_target(edit.target),
                text=written(edit.text, names),
                blocks=_blocks(edit.text, names, edit.buttons, quietly=edit.finishes or edit.text == edit.before),
                metadata=metadata(edit.token) if edit.finishes else None,
            )

    async def _delete(self, delete: outbound.Delete) -> None:
        if delete.unfinished:
            await self._streams.end(delete.remote_channel, _target(delete.target))
        with translated(sending=True, changing=True):
            await self._client.chat_delete(channel=delete.remote_channel, ts=_target(delete.target))

    async def _react(self, react: outbound.React) -> None:
        name = await self._emoji.name_of(react.emoji)
        if name is None:
            raise CannotCarry(f"Slack has no emoji {react.emoji}")
        call = self._client.reactions_add if react.added else self._client.reactions_remove
        with translated(sending=True, changing=True, fine={"already_reacted", "no_reaction"}):
            await call(channel=react.remote_channel, timestamp=_target(react.target), name=name)

    async def _set_topic(self, change: outbound.Topic) -> None:
        """Set the topic where it differs: each time it is set, the channel is told."""
        text = topic(change.text, TOPIC_LENGTH)
        with translated():
            answer = await self._client.conversations_info(channel=change.remote_channel)
        there = answer["channel"].get("topic") or {}
        if there.get("value", "") == text:
            return
        later = change.set_at is not None and int(there.get("last_set") or 0) * SECOND > change.set_at
        if later and there.get("creator") not in self.own_ids:
            return  # it comes in
        with translated(sending=True, changing=True):
            await self._client.conversations_setTopic(channel=change.remote_channel, topic=text)


def _blocks(
    text: str, names: Names, buttons: Sequence[Button], *, quietly: bool = False
) -> list[dict[str, Any]] | None:
    """Return blocks where there are buttons, or to change a message without its being marked as edited.

    A text alone can be longer, and is marked.
    """
    return [*sections(parts(text, names)), *actions(buttons)] if buttons or quietly else None


def _thread(post: outbound.Post) -> str | None:
    return post.thread.remote_id if post.thread else None


def _target(target: outbound.Reference) -> str:
    if target.remote_id is None:
        raise Refused("it has no counterpart on Slack")
    return target.remote_id
