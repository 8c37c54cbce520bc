"""Interactions: commands, buttons, forms and suggestions, answered by the hub's desk within Discord's three seconds.

What takes the desk longer is acknowledged meanwhile and shown when it is there.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from bridges.discord import commands, components, ids
from bridges.discord.guild import Guild
from bridges.discord.rest import Rest
from bridges.discord.text import Texts
from bridges.discord.users import Users
from hub.relay.contract.desk import Command, Desk, Place, Press, Reply, Submission
from hub.relay.contract.errors import BridgeError
from hub.relay.contract.inbound import User

Body = dict[str, Any]

DIRECT_SECONDS = 1.5
"""How long the desk may take before the interaction is acknowledged without its reply."""

_COMMAND, _PRESS, _AUTOCOMPLETE, _SUBMIT = 2, 3, 4, 5
_SHOW, _LATER, _LATER_IN_PLACE, _IN_PLACE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_EPHEMERAL = 1 << 6
_SETTLED: Body = {"components": []}
_AT_ONCE = 100
_PIECES = 5
_TOO_LATE = "That took the hub too long; please try again."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One interaction: its ids, who asks and where; `in_place` when it began at a message, which can be changed."""

    id: str
    token: str
    user: User
    place: Place
    in_place: bool


class Interactions:
    """Answers interactions, each in a task of its own; `close` ends those that are under way."""

    def __init__(self, rest: Rest, guild: Guild, users: Users, texts: Texts, desk: Desk, *, platform: str) -> None:
        self.application_id = ""
        self._rest = rest
        self._guild = guild
        self._users = users
        self._texts = texts
        self._desk = desk
        self._platform = platform
        self._tasks: set[asyncio.Task[None]] = set()

    async def register(self) -> None:
        """Tell Discord which commands there are. Without the permission for it, everything else goes on."""
        path = f"/applications/{self.application_id}/guilds/{self._guild.id}/commands"
        try:
            await self._rest.send("PUT", path, commands.definitions())
        except BridgeError as error:
            _log.warning("Discord does not take the bot's commands: %s", error)

    def take(self, body: Body) -> None:
        """Take an interaction."""
        if body.get("guild_id") != self._guild.id or len(self._tasks) >= _AT_ONCE:
            return
        task = asyncio.create_task(self._guarded(body), name="discord interaction")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, body: Body) -> None:
        try:
            await self._answer(body)
        except BridgeError as error:
            _log.warning("an interaction on Discord could not be answered: %s", error)
        except (KeyError, TypeError, ValueError, AttributeError):
            _log.warning("an interaction of Discord's could not be read", exc_info=True)

    async def _answer(self, body: Body) -> None:
        data, kind = body.get("data") or {}, body["type"]
        asked = await self._asked(body)
        if kind == _AUTOCOMPLETE:
            await self._suggest(asked, data)
        elif kind == _COMMAND and data.get("type") == commands.MENU:
            await self._reply(asked, self._about(asked, data))
        elif kind == _COMMAND:
            command = Command(asked.user, asked.place, commands.text_of(data))
            await self._reply(asked, self._desk.command(command))
        elif kind == _PRESS and (press := components.pressed(data["custom_id"])):
            await self._reply(asked, self._desk.press(Press(asked.user, asked.place, *press)))
        elif kind == _SUBMIT and (submitted := components.submitted(data)):
            await self._reply(asked, self._desk.submit(Submission(asked.user, asked.place, *submitted)))

    async def _asked(self, body: Body) -> _Asked:
        channel_id = str(body["channel_id"])
        home = await self._guild.find_home(channel_id) or channel_id
        thread = channel_id if channel_id != home else None
        member = body["member"]
        user = await self._users.get(member["user"], member)
        place = Place(self._platform, self._guild.id, home, thread)
        return _Asked(body["id"], body["token"], user, place, in_place=bool(body.get("message")))

    async def _about(self, asked: _Asked, data: Body) -> Reply:
        """Ask about the message that was chosen."""
        message = data["resolved"]["messages"][data["target_id"]]
        home = asked.place.remote_channel
        about = ids.remote_id(message["id"], message["channel_id"], home)
        text = await self._texts.from_discord(str(message.get("content") or ""), {}, _AsShown())
        return await self._desk.command(Command(asked.user, asked.place, text, about))

    async def _suggest(self, asked: _Asked, data: Body) -> None:
        typed, sign = commands.begun(data)
        suggested = await self._desk.complete(asked.place, typed)
        await self._respond(asked, _CHOICES, {"choices": list(commands.choices(suggested, sign))})

    # -- replies -----------------------------------------------------------------------------------

    async def _reply(self, asked: _Asked, work: Coroutine[Any, Any, Reply]) -> None:
        task = asyncio.create_task(work, name="discord question")
        try:
            done, _ = await asyncio.wait({task}, timeout=DIRECT_SECONDS)
            if done:
                await self._directly(asked, task.result())
                return
            await self._respond(asked, _LATER_IN_PLACE if asked.in_place else _LATER, {"flags": _EPHEMERAL})
            await self._afterwards(asked, await task)
        finally:
            task.cancel()

    async def _directly(self, asked: _Asked, reply: Reply) -> None:
        if reply.form is not None:
            await self._respond(asked, _MODAL, components.modal(reply.form))
            return
        first, *rest = self._shown(reply)
        if asked.in_place and reply.replace:
            await self._respond(asked, _IN_PLACE, first)
        elif asked.in_place and reply.settled:
            await self._respond(asked, _IN_PLACE, _SETTLED)
            rest = [first, *rest]
        else:
            await self._respond(asked, _SHOW, first | _flags(reply))
        await self._follow(asked, reply, rest)

    async def _afterwards(self, asked: _Asked, reply: Reply) -> None:
        """Show a reply after the interaction was acknowledged: a form no longer can be."""
        if reply.form is not None:
            reply = Reply(_TOO_LATE)
        first, *rest = self._shown(reply)
        original = f"{self._path(asked)}/messages/@original"
        if asked.in_place and not reply.replace:
            rest = [first, *rest]
            if reply.settled:
                await self._rest.send("PATCH", original, _SETTLED)
        else:
            await self._rest.send("PATCH", original, first)
        await self._follow(asked, reply, rest)

    async def _follow(self, asked: _Asked, reply: Reply, bodies: list[Body]) -> None:
        for body in bodies:
            await self._rest.send("POST", self._path(asked), body | _flags(reply))

    def _shown(self, reply: Reply) -> list[Body]:
        """Return the messages that show a reply, the buttons below the last one."""
        texts = [self._texts.plainly(piece) for piece in self._texts.divide(reply.text)[:_PIECES]] or ["Done."]
        bodies: list[Body] = [{"content": text, "allowed_mentions": {"parse": []}, "components": []} for text in texts]
        bodies[-1]["components"] = components.rows(reply.buttons)
        return bodies

    async def _respond(self, asked: _Asked, kind: int, data: Body) -> None:
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        await self._rest.send("POST", path, {"type": kind, "data": data})

    def _path(self, asked: _Asked) -> str:
        return f"/webhooks/{self.application_id}/{asked.token}"


def _flags(reply: Reply) -> Body:
    return {} if reply.public else {"flags": _EPHEMERAL}


class _AsShown:
    """Names as people on Discord see them: what is asked about is only quoted."""

    async def name_of(self, user: User) -> str:
        return user.name

    def remote_id_of(self, name: str) -> str | None:
        return None

    def channel_of(self, remote_channel: str) -> str | None:
        return None

    def remote_channel_of(self, name: str) -> str | None:
        return None
