"""Streams: an answer that is shown as being written, in its thread, until it is all there.

While it is written a stream has one task, whose title tells how far the answer is: it is renewed, not added to, so that
it does not matter when it is told twice. The answer comes with the end. Of an end whose own answer was lost, an update
makes what it should be. A stream's begin can carry no metadata: its task has an id of the hub's, and its end the token.

https://docs.slack.dev/reference/methods/chat.startStream
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.blocks import SECTION_LENGTH, actions, sections
from bridges.slack.errors import translated
from bridges.slack.faces import authorship
from bridges.slack.marks import metadata
from bridges.slack.text import divided, parts, shown, title
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Intake, Names
from hub.relay.contract.errors import CannotCarry, ConfigError, Gone, Refused, SlowDown
from hub.relay.contract.platform import Quota
from hub.relay.quotas import Counted

Json = dict[str, Any]

_TITLE_LENGTH = 256
_STARTS = "stream starts"
_REFUSED_SECONDS = 3600.0
"""For how long a channel that takes no streams is not asked again."""

_PATIENCE_SECONDS = 60.0
_PER_MINUTE = 9
"""Slack lets 20 streams begin, and 20 end, a minute; a hub that starts again does not know of those just before.

What would be more is posted and edited.
"""

_REMEMBERED = 10_000
_OVER = "message_not_in_streaming_state"
_DONE = "done"

_log = logging.getLogger(__name__)


class Streams:
    """Begins, renews and ends streams; `team` is the workspace's id. `clock` gives seconds and never goes back."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self.team = ""
        self.intake: Intake | None = None
        self._client = client
        self._clock = clock
        self._begun = Counted(Quota(_PER_MINUTE, 60.0))
        self._ended = Counted(Quota(_PER_MINUTE, 60.0))
        self._over: OrderedDict[str, None] = OrderedDict()

    async def begin(self, post: outbound.Post) -> str:
        """Begin a stream and return its ts.

        Raises:
            BridgeError: CannotCarry where there can be none now: nothing is there then; Gone when the thread is not
                there any more; NotReady, OutcomeUnknown or AuthFailed.
        """
        thread = post.thread.remote_id if post.thread else None
        asked_by = post.asked_by or ""
        if thread is None or not asked_by.isalnum() or self._waits(post.remote_channel):
            raise CannotCarry("no stream can begin there now")
        self._begun.begin()
        try:
            with translated(sending=True):
                answer = await self._client.chat_startStream(
                    channel=post.remote_channel,
                    thread_ts=thread,
                    recipient_team_id=self.team,
                    recipient_user_id=asked_by,
                    task_display_mode="timeline",
                    chunks=[task(post.message_id or post.token, post.text)],
                    **authorship(post.author),
                )
            return str(answer["ts"])
        except SlowDown as error:
            await self._close(_STARTS, error.retry_after or _PATIENCE_SECONDS)
            raise CannotCarry("Slack asks for patience with streams") from error
        except Gone:
            raise
        except (Refused, ConfigError) as error:
            _log.info("Slack takes no stream in %s: %s", post.remote_channel, error)
            await self._close(f"{_STARTS} {post.remote_channel}", _REFUSED_SECONDS)
            raise CannotCarry("Slack takes no stream there") from error
        finally:
            self._begun.end(self._clock())

    async def renew(self, edit: outbound.Edit) -> bool:
        """Tell how far the answer is; False when that has to be an update, as it is a stream no more.

        Raises:
            BridgeError: Gone when the message is not there any more; NotReady, OutcomeUnknown or AuthFailed.
        """
        ts = edit.target.remote_id or ""
        if ts in self._over:
            return False
        try:
            with translated(sending=True, changing=True):
                await self._client.chat_appendStream(
                    channel=edit.remote_channel, ts=ts, chunks=[task(edit.target.message_id, edit.text)]
                )
        except (Refused, ConfigError) as error:
            await self._give_up(edit.remote_channel, ts, error)
            return False
        return True

    async def finish(self, edit: outbound.Edit, names: Names) -> bool:
        """End it with the answer; False when an update has to say that. Raises: as `renew`."""
        return await self._finish(
            edit.remote_channel,
            edit.target.remote_id or "",
            edit.target.message_id,
            edit.token,
            [*sections(parts(edit.text, names)), *actions(edit.buttons)],
        )

    async def adopt(self, post: outbound.Post, ts: str) -> bool:
        """End what was begun, without anybody's knowing, for a post; False as in `finish`. Raises: as `renew`.

        What it says then, how far the answer was, addresses nobody.
        """
        said = sections(shown(part) for part in divided(post.text, SECTION_LENGTH))
        return await self._finish(post.remote_channel, ts, post.message_id or post.token, post.token, said)

    async def end(self, channel: str, ts: str) -> None:
        """End it as it is; nothing happens when it has ended, or is gone. Raises: NotReady, AuthFailed."""
        if ts in self._over:
            return
        try:
            async with self._ending():
                with translated(changing=True):
                    await self._client.chat_stopStream(channel=channel, ts=ts)
        except (Refused, ConfigError) as error:
            _log.info("a stream in %s had ended before: %s", channel, error)
        self._remember(ts)

    async def _finish(self, channel: str, ts: str, task_id: str, token: str, said: list[Json]) -> bool:
        if ts in self._over:
            return False
        try:
            async with self._ending():
                with translated(sending=True, changing=True):
                    await self._client.chat_stopStream(
                        channel=channel,
                        ts=ts,
                        chunks=[task(task_id, "", done=True)],
                        blocks=said,
                        metadata=metadata(token),
                    )
        except (Refused, ConfigError) as error:
            await self._give_up(channel, ts, error)
            return False
        self._remember(ts)
        return True

    async def _give_up(self, channel: str, ts: str, error: Exception) -> None:
        """Make sure that it is a stream no more: only then Slack takes an update. Raises: Gone."""
        if isinstance(error, Gone):
            raise error
        if _OVER in str(error):
            self._remember(ts)
        await self.end(channel, ts)

    @asynccontextmanager
    async def _ending(self) -> AsyncIterator[None]:
        """Wait until one may be ended, and count it."""
        while (wait := self._ended.wait(self._clock())) > 0:  # noqa: ASYNC110 - what it waits for is time
            await asyncio.sleep(wait)
        self._ended.begin()
        try:
            yield
        finally:
            self._ended.end(self._clock())

    def _waits(self, channel: str) -> bool:
        """Tell whether none may begin now."""
        if self.intake is not None and any(
            self.intake.closed_for(scope) > 0 for scope in (_STARTS, f"{_STARTS} {channel}")
        ):
            return True
        return self._begun.wait(self._clock()) > 0

    async def _close(self, scope: str, seconds: float) -> None:
        """Remember, over a start of the hub too, that none may begin for so long."""
        if self.intake is not None:
            await self.intake.close(scope, seconds)

    def _remember(self, ts: str) -> None:
        self._over[ts] = None
        if len(self._over) > _REMEMBERED:
            self._over.popitem(last=False)


def task(task_id: str, text: str, *, done: bool = False) -> Json:
    """Return the piece of a stream that tells how far an answer is."""
    status = "complete" if done else "in_progress"
    words = _DONE if done else title(text, _TITLE_LENGTH)
    return {"type": "task_update", "id": task_id, "title": words, "status": status}
