"""People at their Discord clients: what a test lets them do, and what they see of it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from .apps import App
from .channels import PUBLIC_THREAD, Channel
from .errors import forbidden
from .files import Attachment
from .gateway import Gateway
from .guild import Guild
from .interactions import AUTOCOMPLETE, COMMAND_CALL, PRESS, SUBMIT, Interaction, Interactions
from .messages import FORWARD, REPLY, Message
from .routes.call import link
from .settings import Json
from .timeline import Timeline
from .users import User


@dataclass(slots=True, frozen=True, kw_only=True)
class Desk:
    """What every person works with."""

    guild: Guild
    timeline: Timeline
    interactions: Interactions
    gateway: Gateway


class Person:
    """One member at the keyboard. Texts are in wire form: markdown with ``<@123>``.

    Channels are given as ``#name``, id, or the thread itself.
    """

    def __init__(self, desk: Desk, user: User) -> None:
        self.user = user
        self._desk = desk

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """How others mention this person, in wire form."""
        return self.user.mention

    # -- messages ----------------------------------------------------------------------------

    async def say(self, channel: str | Channel, text: str, *, reply: Message | None = None, **more: object) -> Message:
        """Send a message, possibly as a reply; ``more`` are fields such as stickers, embeds or a poll."""
        place, message = self._place(channel), self._message(text)
        if reply is not None:
            message.type = REPLY
            message.reference = {"type": 0, "message_id": reply.id, "channel_id": reply.channel_id}
            message.reference["guild_id"] = self._desk.guild.id
        for name, value in more.items():
            setattr(message, name, value)
        return await self._post(place, message)

    async def upload(self, channel: str | Channel, name: str, content: bytes, *, text: str = "") -> Message:
        """Send a message with a file."""
        place, message = self._place(channel), self._message(text)
        message.attachments = [self._attach(place, name, content)]
        return await self._post(place, message)

    async def forward(self, message: Message, channel: str) -> Message:
        """Forward a message."""
        copy = self._message("")
        copy.reference = {"type": FORWARD, "message_id": message.id, "channel_id": message.channel_id}
        kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions")
        body = message.render()
        copy.snapshots = [{"message": {key: body[key] for key in kept} | {"mention_roles": [], "components": []}}]
        return await self._post(self._place(channel), copy)

    async def edit(self, message: Message, text: str) -> Message:
        """Change the text of a message."""
        self._desk.timeline.edit(message, {"content": text})
        await asyncio.sleep(0)
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message."""
        self._desk.timeline.delete(message)
        await asyncio.sleep(0)

    async def react(self, message: Message, key: str) -> None:
        """Add a reaction: ``👍``, or ``name:id``."""
        self._desk.timeline.react(message, self.user, key)
        await asyncio.sleep(0)

    async def unreact(self, message: Message, key: str) -> None:
        """Take a reaction back."""
        self._desk.timeline.unreact(message, self.user, key)
        await asyncio.sleep(0)

    # -- threads and channels ------------------------------------------------------------------

    async def thread(self, start: Message | str, name: str, type: int = PUBLIC_THREAD) -> Channel:
        """Start a thread, at a message or alone in a channel."""
        if isinstance(start, Message):
            thread = self._desk.timeline.thread_from(start, name, self.user)
        else:
            thread = self._desk.timeline.thread_alone(self._place(start), name, self.user, type)
        await asyncio.sleep(0)
        return thread

    async def forum_post(self, forum: str, title: str, text: str) -> Channel:
        """Start a post in a forum; its first message is ``messages[post.id]``."""
        post = self._desk.timeline.forum_post(self._place(forum), title, self.user, self._message(text))
        await asyncio.sleep(0)
        return post

    async def set_topic(self, channel: str, topic: str) -> None:
        """Change a channel's topic."""
        place = self._place(channel)
        place.topic = topic
        self._desk.guild.emit("CHANNEL_UPDATE", place.render(), place)
        await asyncio.sleep(0)

    async def rename(self, nick: str) -> None:
        """Take another nickname."""
        self.user.nick = nick
        body = self.user.render_member() | {"user": self.user.render(), "guild_id": self._desk.guild.id}
        self._desk.guild.emit("GUILD_MEMBER_UPDATE", body)
        await asyncio.sleep(0)

    # -- commands and buttons --------------------------------------------------------------------

    async def command(self, channel: str | Channel, path: str, **options: object) -> Interaction:
        """Run a slash command such as ``airchat tasks`` and wait for the app's first answer.

        Raises LookupError when no app has it.
        """
        app, data = self._command(path, options)
        return await self._interact(app, channel, COMMAND_CALL, data)

    async def autocomplete(self, channel: str, path: str, focused: str, **options: object) -> Interaction:
        """Type into one option of a command; the suggestions are ``choices``."""
        app, data = self._command(path, options)
        for option in _leaves(data["options"]):
            if option["name"] == focused:
                option["focused"] = True
        return await self._interact(app, channel, AUTOCOMPLETE, data)

    async def menu(self, message: Message, name: str) -> Interaction:
        """Choose an app's entry in the menu of a message."""
        app, command = self._find(name, kind=3)
        data = {"id": command["id"], "name": name, "type": 3, "target_id": message.id}
        data["resolved"] = {"messages": {message.id: message.render()}}
        return await self._interact(app, self._desk.guild.channels[message.channel_id], COMMAND_CALL, data)

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Press a button of a message, whose app is the one that sent it; raises LookupError if it is not there."""
        button = next((it for it in buttons(message.components) if it.get("custom_id") == custom_id), None)
        if button is None or button.get("disabled"):
            raise LookupError(custom_id)
        app = self._app_of(message)
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        place = self._desk.guild.channels[message.channel_id]
        return await self._interact(app, place, PRESS, data, message)

    async def submit(self, asked: Interaction, values: dict[str, str]) -> Interaction:
        """Submit the modal that an interaction opened."""
        if asked.modal is None:
            raise LookupError("no modal")
        rows = [_filled_in(row, values) for row in asked.modal["components"]]
        data = {"custom_id": asked.modal["custom_id"], "components": rows}
        return await self._interact(asked.app, asked.channel, SUBMIT, data, asked.message)

    # -- inside ------------------------------------------------------------------------------------

    def _message(self, text: str) -> Message:
        return Message(id="", channel_id="", guild_id="", author=self.user, content=text)

    def _place(self, channel: str | Channel) -> Channel:
        return channel if isinstance(channel, Channel) else self._desk.guild.channel(channel)

    def _attach(self, place: Channel, name: str, content: bytes) -> Attachment:
        file = self._desk.timeline.attach(place, name, content, "application/octet-stream", "")
        file.link = link(self._desk.guild, file)
        return file

    async def _post(self, place: Channel, message: Message) -> Message:
        if not self._desk.guild.can(self.user, place, "VIEW_CHANNEL"):
            raise forbidden()
        self._desk.timeline.post(place, message)
        await asyncio.sleep(0)
        return message

    def _find(self, name: str, kind: int) -> tuple[App, Json]:
        for app in self._desk.guild.apps.values():
            for command in app.commands:
                if (command["type"], command["name"]) == (kind, name):
                    return app, command
        raise LookupError(name)

    def _app_of(self, message: Message) -> App:
        apps = self._desk.guild.apps
        return apps.get(message.application_id) or next(it for it in apps.values() if it.bot is message.author)

    def _command(self, path: str, options: dict[str, object]) -> tuple[App, Json]:
        name, *rest = path.split()
        app, command = self._find(name, kind=1)
        if rest and rest[0] not in [it["name"] for it in command["options"] if it["type"] in {1, 2}]:
            raise LookupError(path)
        given: list[Json] = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
        for word in reversed(rest):
            given = [{"name": word, "type": 1, "options": given}]
        return app, {"id": command["id"], "name": name, "type": 1, "options": given}

    async def _interact(
        self, app: App, channel: str | Channel, kind: int, data: Json, message: Message | None = None
    ) -> Interaction:
        return await self._desk.interactions.begin(
            app, self._place(channel), self.user, type=kind, data=data, message=message
        )


def buttons(components: Iterable[Json]) -> Iterable[Json]:
    """Every button of a message."""
    for component in components:
        if component.get("type") == 2:
            yield component
        yield from buttons(component.get("components", []))


def _filled_in(row: Json, values: dict[str, str]) -> Json:
    """What comes back of a row, or of a label, of a form."""
    if "component" in row:
        return {"type": row["type"], "id": 1, "component": _filled_in(row["component"], values)}
    if "components" in row:
        return {"type": row["type"], "id": 1, "components": [_filled_in(it, values) for it in row["components"]]}
    given = values.get(row["custom_id"], "")
    kind = {"type": row["type"], "id": 2, "custom_id": row["custom_id"]}
    return kind | ({"values": [given]} if "options" in row else {"value": given})


def _leaves(options: list[Json]) -> Iterable[Json]:
    for option in options:
        if "options" in option:
            yield from _leaves(option["options"])
        else:
            yield option
