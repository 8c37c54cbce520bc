"""People at their Slack clients: what a test lets them do, and what they see of it."""

import asyncio
import uuid
from dataclasses import dataclass

from .apps import App
from .blocks import actions
from .channels import Channel
from .courier import Courier
from .deliveries import Delivery
from .interactions import Ephemeral, Interactions
from .membership import Membership
from .messages import Message
from .settings import Json
from .timeline import Timeline
from .users import User
from .workspace import Workspace


@dataclass(slots=True, frozen=True, kw_only=True)
class Desk:
    """What every person works with."""

    workspace: Workspace
    timeline: Timeline
    membership: Membership
    interactions: Interactions
    courier: Courier


class Person:
    """One member at the keyboard. Texts are in wire form: mrkdwn with ``<@U..>`` and ``&amp;``.

    Channels are given as ``#name`` or id; a person is let into a channel quietly on first use.
    """

    def __init__(self, desk: Desk, user: User) -> None:
        self.user = user
        self._desk = desk

    @property
    def id(self) -> str:
        """The member id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """How others mention this person, in wire form."""
        return f"<@{self.user.id}>"

    # -- messages ----------------------------------------------------------------------------

    async def say(
        self,
        channel: str,
        text: str,
        *,
        thread: Message | str = "",
        broadcast: bool = False,
        blocks: list[Json] | None = None,
        subtype: str = "",
    ) -> Message:
        """Send a message; ``thread`` is a message (or its ts) to reply under."""
        message = Message(text=text, blocks=blocks or [], broadcast=broadcast, subtype=subtype)
        return await self._post(self._enter(channel), message, thread)

    async def direct(self, app: App, text: str) -> Message:
        """Send a direct message to an app's bot."""
        return await self._post(self._desk.workspace.direct(self.id, app.user.id), Message(text=text), "")

    async def upload(
        self, channel: str, name: str, content: bytes, *, text: str = "", thread: Message | str = ""
    ) -> Message:
        """Share a file with an optional comment."""
        file = self._desk.workspace.add_file(name, self.id, content=content)
        message = Message(text=text, subtype="file_share", files=[file], extra={"upload": False})
        return await self._post(self._enter(channel), message, thread)

    async def edit(self, message: Message, text: str) -> Message:
        """Change the text of a message."""
        self._desk.timeline.edit(message, {"text": text, "blocks": []}, self.id)
        await asyncio.sleep(0)
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message."""
        self._desk.timeline.delete(message)
        await asyncio.sleep(0)

    async def react(self, message: Message, name: str) -> None:
        """Add a reaction, by emoji name without colons."""
        self._desk.timeline.react(message, self.id, name)
        await asyncio.sleep(0)

    async def unreact(self, message: Message, name: str) -> None:
        """Take a reaction back."""
        self._desk.timeline.unreact(message, self.id, name)
        await asyncio.sleep(0)

    # -- channels and profile ----------------------------------------------------------------

    async def join(self, channel: str) -> None:
        """Join, visibly."""
        self._desk.membership.join(self._desk.workspace.channel(channel), self.user)
        await asyncio.sleep(0)

    async def leave(self, channel: str) -> None:
        """Leave, visibly."""
        self._desk.membership.leave(self._desk.workspace.channel(channel), self.user)
        await asyncio.sleep(0)

    async def invite(self, app: App, channel: str) -> None:
        """Bring an app's bot into a channel."""
        self._desk.membership.join(self._desk.workspace.channel(channel), app.user)
        await asyncio.sleep(0)

    async def set_topic(self, channel: str, topic: str) -> None:
        """Change a channel's topic."""
        self._desk.membership.set_topic(self._enter(channel), self.user, topic)
        await asyncio.sleep(0)

    async def rename_channel(self, channel: str, name: str) -> None:
        """Give a channel another name."""
        self._desk.membership.rename(self._enter(channel), self.user, name)
        await asyncio.sleep(0)

    async def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self._desk.membership.archive(self._enter(channel), self.user, archived=archived)
        await asyncio.sleep(0)

    async def make_private(self, channel: str) -> None:
        """Make a public channel private: those who are in it stay."""
        self._desk.membership.make_private(self._enter(channel), self.user)
        await asyncio.sleep(0)

    async def set_display_name(self, name: str) -> None:
        """Change the name others see."""
        self._desk.membership.set_display_name(self.user, name)
        await asyncio.sleep(0)

    # -- commands, buttons, modals -----------------------------------------------------------

    async def command(self, channel: str, command: str, text: str = "", *, app: App | None = None) -> Delivery:
        """Run a slash command and wait for the app's ack, whose answer is then shown.

        Without an ack in time the person is told so, as Slack does; see ``ephemerals``.
        """
        place, app = self._enter(channel), app or self._app()
        payload = self._origin(app, place) | {
            "command": command,
            "text": text,
            "channel_id": place.id,
            "channel_name": place.name,
            "user_id": self.id,
            "user_name": self.user.name,
            "team_id": self._desk.workspace.team_id,
            "team_domain": self._desk.workspace.domain,
            "is_enterprise_install": "false",
        }
        delivery = self._desk.courier.dispatch(app, "slash_commands", payload)
        await delivery.done.wait()
        interactions = self._desk.interactions
        if delivery.state == "failed":
            failure = f"{command} failed with the error operation_timeout"
            interactions.ephemerals.append(Ephemeral(place.id, self.id, failure))
        elif delivery.response:
            interactions.show(app, place, self.id, delivery.response)
        return delivery

    async def press(self, message: Message, action_id: str) -> Delivery:
        """Press a button of a message and wait for the ack; raises LookupError if there is no such button."""
        found = next((pair for pair in actions(message.blocks) if pair[1]["action_id"] == action_id), None)
        if found is None:
            raise LookupError(action_id)
        block_id, element = found
        app, place = self._desk.workspace.apps[message.app_id], self._desk.workspace.channels[message.channel]
        action = {name: element[name] for name in ("action_id", "type", "text", "value", "style") if name in element}
        payload = self._origin(app, place, message) | {
            "type": "block_actions",
            "user": self._me,
            "team": self._team,
            "channel": {"id": place.id, "name": place.name},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": place.id, "is_ephemeral": False},
            "message": self._desk.workspace.render(message, with_metadata=True),
            "state": {"values": {}},
            "actions": [action | {"block_id": block_id, "action_ts": self._desk.workspace.event_ts()}],
        }
        return await self._interact(app, payload)

    async def shortcut(self, message: Message, callback_id: str, *, app: App | None = None) -> Delivery:
        """Choose a shortcut from a message's menu and wait for the ack."""
        app, place = app or self._app(), self._desk.workspace.channels[message.channel]
        payload = self._origin(app, place) | {
            "type": "message_action",
            "callback_id": callback_id,
            "user": self._me,
            "team": self._team,
            "channel": {"id": place.id, "name": place.name},
            "message_ts": message.ts,
            "message": self._desk.workspace.render(message),
            "action_ts": self._desk.workspace.event_ts(),
        }
        return await self._interact(app, payload)

    async def submit(self, view_id: str, values: Json | None = None) -> Delivery:
        """Submit an open modal with state ``values`` (block id -> action id -> value) and wait for the ack."""
        view = self._desk.interactions.views.pop(view_id)
        rendered = view.render(self._team["id"]) | {"state": {"values": values or {}}}
        payload = {"type": "view_submission", "user": self._me, "team": self._team, "api_app_id": view.app.id}
        trigger = self._desk.interactions.trigger(view.app, self.id)
        payload |= {"trigger_id": trigger, "view": rendered, "response_urls": []}
        delivery = await self._interact(view.app, payload)
        if (delivery.response or {}).get("response_action") == "errors":
            self._desk.interactions.views[view_id] = view  # the person may correct it
        return delivery

    @property
    def _team(self) -> dict[str, str]:
        return {"id": self._desk.workspace.team_id, "domain": self._desk.workspace.domain}

    @property
    def _me(self) -> dict[str, str]:
        return {"id": self.id, "username": self.user.name, "name": self.user.name, "team_id": self._team["id"]}

    def _app(self) -> App:
        return next(iter(self._desk.workspace.apps.values()))

    def _origin(self, app: App, place: Channel, message: Message | None = None) -> Json:
        interactions = self._desk.interactions
        return {
            "token": "verification-token",
            "api_app_id": app.id,
            "trigger_id": interactions.trigger(app, self.id),
            "response_url": interactions.response_url(app, place, self.id, message),
        }

    async def _interact(self, app: App, payload: Json) -> Delivery:
        delivery = self._desk.courier.dispatch(app, "interactive", payload)
        await delivery.done.wait()
        return delivery

    def _enter(self, channel: str) -> Channel:
        place = self._desk.workspace.channel(channel)
        place.members.setdefault(self.id)
        return place

    async def _post(self, channel: Channel, message: Message, thread: Message | str) -> Message:
        message.user, message.client_msg_id = self.id, str(uuid.uuid4())
        message.thread_ts = thread.ts if isinstance(thread, Message) else thread
        self._desk.timeline.post(channel, message)
        await asyncio.sleep(0)
        return message
