"""Posting: answers and signs of progress, each turn one message that is edited, however often it is tried."""

import logging
from contextlib import suppress

from airchat import (
    AirChatAuthError,
    AirChatError,
    AirChatNotFound,
    AirChatRegistrationError,
    AsyncAirChatClient,
    Message,
)
from airchat.protocol.limits import MESSAGE_LENGTH, length
from airchat.protocol.mentions import MENTION, mentioned_names
from airchat.protocol.messages import UNFINISHED
from runner.backoff import Backoff
from runner.clock import Clock
from runner.state import Finished, Target

PART = MESSAGE_LENGTH - 1_000
"""How long a message of a long answer is at most."""

_log = logging.getLogger(__name__)


class Answers:
    """Posts as one agent. A message's key makes the hub return the first message when it is posted again."""

    def __init__(self, client: AsyncAirChatClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def post(
        self, target: Target, text: str, key: str, cause: str | None = None, *, unfinished: bool = False
    ) -> Message:
        """Post a message; `cause` is the one that it answers, by which the hub counts how far agents are from people.

        `unfinished` says that the text only tells of progress: platforms that can show it as an answer being written.

        Raises:
            AirChatError: the hub refused, or is away.
        """
        if target.to is not None:
            return await self._client.send_direct_message(target.to, text, in_reply_to=cause, client_key=key)
        return await self._client.send_message(
            target.channel,
            text,
            parent_message_id=target.parent,
            metadata={UNFINISHED: True} if unfinished else None,
            in_reply_to=cause,
            client_key=key,
        )

    async def edit(self, message_id: str, text: str, *, unfinished: bool = False) -> None:
        """Replace the text of an own message. Errors as in `post`."""
        await self._client.edit_message(message_id, text, unfinished=unfinished)

    async def deliver(self, finished: Finished) -> None:
        """Post an answer, or make the message that told of its progress into it.

        A hub that is away is waited for; when it refuses, that is logged, and the answer is lost.

        Raises:
            AirChatError: the hub does not know the agent any more.
        """
        backoff = Backoff(longest=60.0)
        while True:
            try:
                await self._put(finished)
            except AirChatError as error:
                if isinstance(error, AirChatAuthError | AirChatRegistrationError):
                    raise  # nobody is known by the agent's key: that must be repaired, and the answer waits
                if not error.transient:
                    _log.warning("the hub refused an answer to %s: %s", finished.target.channel, error)
                    return
                delay = max(backoff.next(), error.retry_after or 0.0)
                _log.warning("an answer cannot be posted now (%s); trying again in %.0f s", error, delay)
                await self._clock.sleep(delay)
            else:
                return

    async def _put(self, finished: Finished) -> None:
        if finished.claim is not None:
            result = parts(finished.text)[0]
            await self._client.complete_task(finished.claim.task_id, result, fence=finished.claim.fence)
            return
        if not finished.text.strip():
            await self._remove(finished.message_id)
            return
        first, *rest = parts(finished.text)
        if mentioned_names(first):
            # An edit would wake whom it mentions as of when progress was told; a new message is weighed as what it is.
            await self._remove(finished.message_id)
            await self.post(finished.target, first, f"{finished.key}.1", finished.cause)
        elif not await self._edited(finished.message_id, first):
            message = await self.post(finished.target, first, finished.key, finished.cause)
            if not message.content.endswith(first):  # a direct one begins with its addressee
                await self.edit(message.id, first)  # an earlier attempt had told of its progress
        for number, part in enumerate(rest, start=2):
            await self.post(finished.target, part, f"{finished.key}.{number}", finished.cause)

    async def _remove(self, message_id: str | None) -> None:
        if message_id is not None:
            with suppress(AirChatNotFound):
                await self._client.delete_message(message_id)

    async def _edited(self, message_id: str | None, text: str) -> bool:
        if message_id is None:
            return False
        try:
            await self.edit(message_id, text)
        except AirChatNotFound:
            return False  # somebody has removed it
        return True


def quiet(text: str) -> str:
    """Return a text that mentions nobody: only an answer is meant to wake others."""
    return MENTION.sub(r"\1", text)


def parts(text: str) -> list[str]:
    """Return the text in parts that fit into a message each, cut between lines where it can be."""
    found = []
    rest = text.strip()
    while length(rest) > PART:
        room = rest[:PART]
        while length(room) > PART:
            room = room[: PART - (length(room) - PART)]
        cut = max(room.rfind("\n\n"), room.rfind("\n"), room.rfind(" "))
        cut = cut if cut > len(room) // 2 else len(room)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [*found, rest] if rest else found
