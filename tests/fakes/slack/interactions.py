"""What surrounds commands and buttons: trigger ids, response URLs, modals, and messages only one person sees."""

import secrets
from dataclasses import dataclass, field

from .apps import App
from .channels import Channel
from .errors import SlackError
from .messages import Message
from .settings import Clock, Json
from .timeline import Timeline
from .workspace import Workspace

RESPONSE_USES = 5
RESPONSE_LIFE = 30 * 60.0
TRIGGER_LIFE = 3.0


@dataclass(slots=True, frozen=True)
class Ephemeral:
    """A message shown to one member only; no history holds it."""

    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Status:
    """What a thread shows instead of an answer, and under whose name; empty when it was taken back."""

    channel: str
    thread: str
    text: str
    name: str


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer a command or button press: five times within half an hour."""

    app: App
    channel: Channel
    user: str
    created: float
    message: Message | None = None
    used: int = 0


@dataclass(slots=True, kw_only=True)
class View:
    """A modal an app has opened for a member."""

    id: str
    app: App
    user: str
    view: Json

    def render(self, team_id: str) -> Json:
        """The view object."""
        return {"state": {"values": {}}, **self.view, "id": self.id, "team_id": team_id, "app_id": self.app.id}


class Interactions:
    """Open triggers, response URLs, views; and ``ephemerals`` and ``statuses`` shown so far."""

    def __init__(self, workspace: Workspace, timeline: Timeline, clock: Clock) -> None:
        self.ephemerals: list[Ephemeral] = []
        self.statuses: list[Status] = []
        self.views: dict[str, View] = {}
        self._workspace = workspace
        self._timeline = timeline
        self._clock = clock
        self._triggers: dict[str, tuple[App, str, float]] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, app: App, user: str) -> str:
        """A trigger id: lets the app open one view for the user within three seconds."""
        trigger = self._workspace.new_id("13345224609.")
        self._triggers[trigger] = (app, user, self._clock())
        return trigger

    def response_url(self, app: App, channel: Channel, user: str, message: Message | None = None) -> str:
        """A fresh URL for answers; ``message`` is what ``replace_original`` replaces."""
        key = secrets.token_urlsafe(12)
        self._urls[key] = ResponseUrl(app, channel, user, self._clock(), message)
        return f"{self._workspace.site}/response/{key}"

    def open_view(self, app: App, trigger: str, view: Json) -> View:
        """Show a modal; raises ``invalid_trigger_id``, ``exchanged_trigger_id`` or ``expired_trigger_id``."""
        owner, user, created = self._triggers.pop(trigger, (None, "", 0.0))
        if owner is not app:
            raise SlackError("invalid_trigger_id")
        if self._clock() - created > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        opened = View(id=self._workspace.new_id("V"), app=app, user=user, view=view)
        self.views[opened.id] = opened
        return opened

    def respond(self, key: str, body: Json) -> None:
        """Take an answer at a response URL; raises ``expired_url`` or ``used_url``."""
        url = self._urls.get(key)
        if url is None or self._clock() - url.created > RESPONSE_LIFE:
            raise SlackError("expired_url")
        if url.used >= RESPONSE_USES:
            raise SlackError("used_url")
        url.used += 1
        if url.message and body.get("delete_original"):
            self._timeline.delete(url.message)
        elif url.message and body.get("replace_original"):
            changes = {"text": body.get("text", ""), "blocks": body.get("blocks", [])}
            self._timeline.edit(url.message, changes, url.app.user.id)
        else:
            self.show(url.app, url.channel, url.user, body)

    def show(self, app: App, channel: Channel, user: str, body: Json) -> None:
        """Post an app's answer, in the channel or to the user alone, as ``response_type`` says."""
        text, blocks = body.get("text", ""), body.get("blocks", [])
        if body.get("response_type") == "in_channel":
            answer = Message(text=text, blocks=blocks, user=app.user.id, app_id=app.id, bot_id=app.bot_id)
            self._timeline.post(channel, answer)
        else:
            self.ephemerals.append(Ephemeral(channel.id, user, text, blocks))
