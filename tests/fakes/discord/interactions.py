"""Interactions: commands, buttons, modals and autocomplete, and what the app answered to them.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
import secrets
from dataclasses import dataclass, field

from .apps import App
from .channels import Channel
from .errors import ApiError, unknown
from .gateway import Gateway
from .guild import Guild
from .messages import COMMAND, DEFAULT, EPHEMERAL, Message
from .settings import Json
from .timeline import Timeline
from .users import User

COMMAND_CALL, PRESS, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One interaction. ``messages`` are the app's answers, those for one person alone among them."""

    id: str
    token: str
    app: App
    channel: Channel
    user: User
    type: int
    message: Message | None = None
    kind: int = 0
    messages: list[Message] = field(default_factory=list)
    choices: list[Json] = field(default_factory=list)
    modal: Json | None = None
    ephemeral: bool = False
    failed: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    written: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """What the person reads: all answers."""
        return "\n".join(message.content for message in self.messages)


class Interactions:
    """Every interaction so far, in order."""

    def __init__(self, guild: Guild, timeline: Timeline, gateway: Gateway) -> None:
        self.all: list[Interaction] = []
        self._guild = guild
        self._timeline = timeline
        self._gateway = gateway

    async def begin(
        self, app: App, channel: Channel, user: User, *, type: int, data: Json, message: Message | None = None
    ) -> Interaction:
        """Dispatch an interaction and wait for the app's first answer; ``failed`` when none came in time."""
        interaction = Interaction(
            id=self._guild.snowflakes.next(),
            token=secrets.token_urlsafe(24),
            app=app,
            channel=channel,
            user=user,
            type=type,
            message=message,
        )
        self.all.append(interaction)
        if self._gateway.interaction(app, self._body(interaction, data)):
            try:
                async with asyncio.timeout(self._guild.settings.answer_window):
                    await interaction.answered.wait()
            except TimeoutError:
                interaction.failed = True
        else:
            interaction.failed = True
        return interaction

    def find(self, token: str) -> Interaction:
        """By its token; raises ``Unknown interaction``, also when it was answered too late."""
        found = next((it for it in self.all if it.token == token), None)
        if found is None or found.failed:
            raise unknown("interaction")
        return found

    def answer(self, interaction: Interaction, kind: int, data: Json) -> Message | None:
        """Take the first answer; raises when there is one already."""
        if interaction.kind:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        interaction.kind = kind
        interaction.ephemeral = bool(data.get("flags", 0) & EPHEMERAL)
        message = None
        if kind == REPLY:
            message = self.say(interaction, data)
        elif kind == UPDATE and interaction.message is not None:
            message = interaction.message
            self.change(message, data)
        elif kind == CHOICES:
            interaction.choices = data.get("choices", [])
        elif kind == MODAL:
            interaction.modal = data
        interaction.answered.set()
        return message

    def say(self, interaction: Interaction, data: Json) -> Message:
        """Post an answer, or show it to one person alone."""
        bot, ephemeral = interaction.app.bot, interaction.ephemeral or bool(data.get("flags", 0) & EPHEMERAL)
        message = Message(
            id=self._guild.snowflakes.next(),
            channel_id=interaction.channel.id,
            guild_id=self._guild.id,
            author=bot,
            content=data.get("content") or "",
            type=COMMAND if interaction.type == COMMAND_CALL else DEFAULT,
            embeds=data.get("embeds") or [],
            components=data.get("components") or [],
            application_id=interaction.app.id,
            webhook_id=interaction.app.id,
        )
        if len(message.content) > self._guild.settings.message_length:
            raise ApiError(400, 50035, "Invalid Form Body")
        if ephemeral:
            message.flags, message.ephemeral_for = EPHEMERAL, interaction.user.id
        else:
            self._timeline.post(interaction.channel, message, data.get("allowed_mentions"))
        interaction.messages.append(message)
        interaction.written.set()
        return message

    def change(self, message: Message, data: Json) -> None:
        """Change an answer, or the message that a button is on."""
        changes = {key: data[key] or type(default)() for key, default in _CHANGEABLE.items() if key in data}
        if message.ephemeral_for:
            for name, value in changes.items():
                setattr(message, name, value)
        else:
            self._timeline.edit(message, changes)

    def _body(self, interaction: Interaction, data: Json) -> Json:
        user, channel = interaction.user, interaction.channel
        allowed = str(self._guild.allowed(user, channel))
        body: Json = {
            "id": interaction.id,
            "application_id": interaction.app.id,
            "type": interaction.type,
            "data": data,
            "guild_id": self._guild.id,
            "guild": {"id": self._guild.id, "locale": "en-US", "features": []},
            "channel_id": channel.id,
            "channel": channel.render() | {"permissions": allowed},
            "member": user.render_member() | {"user": user.render(), "permissions": allowed},
            "token": interaction.token,
            "version": 1,
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": str(self._guild.allowed(interaction.app.bot, channel)),
            "entitlements": [],
            "authorizing_integration_owners": {"0": self._guild.id},
            "context": 0,
            "attachment_size_limit": self._guild.settings.upload_bytes,
        }
        return body | ({"message": interaction.message.render()} if interaction.message else {})


_CHANGEABLE: Json = {"content": "", "embeds": [], "components": []}
