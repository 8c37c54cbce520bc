"""Interactions: commands, buttons, shortcuts and forms, asked of the hub's desk and answered in time.

Slack waits three seconds for an acknowledgement; what takes longer is answered afterwards, at a response URL.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bridges.slack.blocks import action_of, without_actions
from bridges.slack.replies import Json, Replies, message_of
from bridges.slack.text import typed
from bridges.slack.users import Users
from bridges.slack.views import CALLBACK_ID, Origin, filled_in
from hub.relay.contract.desk import Command, Desk, Place, Press, Reply, Submission
from hub.relay.contract.errors import BridgeError
from hub.relay.contract.inbound import User

PLATFORM = "slack"
COMMAND = "/airchat"
SHORTCUT = "send_to_agent"
ACK_SECONDS = 2.0

_log = logging.getLogger(__name__)


class Interactions:
    """Answers interactions, of whatever workspace they come from."""

    def __init__(self, desk: Desk, users: Users, replies: Replies) -> None:
        self._desk = desk
        self._users = users
        self._replies = replies
        self._tasks: set[asyncio.Task[Any]] = set()

    async def take(self, kind: str, payload: Json) -> Json | None:
        """Return what to acknowledge an interaction with; never raises."""
        try:
            if kind == "slash_commands":
                return await self._command(payload)
            if payload.get("type") == "view_submission":
                await self._in_time(self._submit(payload))
            elif payload.get("type") == "block_actions":
                await self._in_time(self._press(payload))
            elif payload.get("type") == "message_action":
                await self._in_time(self._shortcut(payload))
        except Exception:  # noqa: BLE001 - what is not acknowledged looks broken to whoever did it
            _log.exception("an interaction in Slack failed: %s %s", kind, payload.get("type"))
        return None

    async def close(self) -> None:
        """Give up what is not answered yet."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _command(self, payload: Json) -> Json | None:
        origin = Origin(payload["channel_id"], payload.get("thread_ts"))
        asked = self._start(self._ask(payload, origin))
        done, _ = await asyncio.wait({asked}, timeout=ACK_SECONDS)
        if not done:
            self._start(self._respond_later(payload["response_url"], asked))
            return None
        reply = asked.result()
        return None if reply is None else message_of(reply)

    async def _ask(self, payload: Json, origin: Origin) -> Reply | None:
        """Return what the hub replies to a command; None when that is shown already."""
        user = await self._user(payload["user_id"], payload.get("user_name"))
        text = typed(payload.get("text") or "")
        reply = await self._desk.command(Command(user, _place(payload, origin), text))
        shown = reply.form is not None and await self._replies.open(payload["trigger_id"], reply.form, origin)
        return None if shown else reply

    async def _respond_later(self, url: str, asked: "asyncio.Task[Reply | None]") -> None:
        reply = await asked
        if reply is not None:
            await self._replies.respond(url, reply)

    async def _press(self, payload: Json) -> None:
        message, container = payload.get("message") or {}, payload.get("container") or {}
        origin = Origin(payload["channel"]["id"], message.get("thread_ts"))
        for action in payload["actions"]:
            press = Press(
                await self._user(payload["user"]["id"], payload["user"].get("username")),
                _place(payload, origin),
                action_of(action["action_id"]),
                action.get("value") or "",
            )
            reply = await self._desk.press(press)
            own = message.get("app_id") == payload.get("api_app_id")
            if reply.settled and own and not container.get("is_ephemeral"):
                blocks = without_actions(message.get("blocks") or ())
                await self._replies.strip(origin.channel, message["ts"], message.get("text") or "", blocks)
            await self._show(payload, origin, reply)

    async def _shortcut(self, payload: Json) -> None:
        if payload.get("callback_id") != SHORTCUT:
            return
        message = payload["message"]
        origin = Origin(payload["channel"]["id"], message.get("thread_ts"))
        user = await self._user(payload["user"]["id"], payload["user"].get("name"))
        text = typed(message.get("text") or "")
        command = Command(user, _place(payload, origin), text, about=payload.get("message_ts") or message["ts"])
        await self._show(payload, origin, await self._desk.command(command))

    async def _submit(self, payload: Json) -> None:
        view = payload["view"]
        if view.get("callback_id") != CALLBACK_ID:
            return
        form, origin, values = filled_in(view)
        user = await self._user(payload["user"]["id"], payload["user"].get("username"))
        reply = await self._desk.submit(Submission(user, _place(payload, origin), form, values))
        if reply.text:
            await self._replies.tell(user.id, origin, reply)

    async def _show(self, payload: Json, origin: Origin, reply: Reply) -> None:
        if reply.form is not None and await self._replies.open(payload["trigger_id"], reply.form, origin):
            return
        if reply.text:
            await self._replies.respond(payload["response_url"], reply, origin.thread)

    async def _user(self, user_id: str, name: str | None) -> User:
        """Return who acts; when Slack cannot be asked, under the name that came with it."""
        try:
            return await self._users.get(user_id)
        except BridgeError:
            return User(user_id, name or user_id)

    async def _in_time(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for the work as long as the acknowledgement can wait; it goes on afterwards."""
        await asyncio.wait({self._start(work)}, timeout=ACK_SECONDS)

    def _start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work, name="slack interaction")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an interaction in Slack failed", exc_info=error)


def _place(payload: Json, origin: Origin) -> Place:
    team = payload.get("team_id") or payload["team"]["id"]
    return Place(PLATFORM, team, origin.channel, origin.thread)
