"""What a Web API method gets to work with, and how it is registered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.fakes.slack.apps import App
from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import SCOPE_PREFIX, Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.interactions import Interactions
from tests.fakes.slack.limits import Limits
from tests.fakes.slack.membership import Membership
from tests.fakes.slack.settings import Json
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.timeline import Timeline
from tests.fakes.slack.workspace import Workspace


@dataclass(slots=True, frozen=True, kw_only=True)
class Call:
    """One call by an authenticated app. Methods change the model at once and never wait."""

    app: App
    arguments: Arguments
    workspace: Workspace
    timeline: Timeline
    membership: Membership
    interactions: Interactions
    limits: Limits
    sockets: Sockets

    def channel(self, argument: str = "channel") -> Channel:
        """The channel named by id; private ones exist only for members. Raises ``channel_not_found``."""
        channel = self.workspace.channels.get(self.arguments.required(argument))
        if channel is None or (channel.kind != "channel" and self.app.user.id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def need(self, *scopes: str) -> None:
        """Require one of these scopes; raises ``missing_scope`` with ``needed`` and ``provided``."""
        if not self.app.scopes.intersection(scopes):
            provided = ",".join(sorted(self.app.scopes))
            raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def need_for(self, channel: Channel, access: Literal["history", "read"]) -> None:
        """Require the scope that opens this kind of channel."""
        self.need(f"{SCOPE_PREFIX[channel.kind]}:{access}")


@dataclass(slots=True, frozen=True)
class Method:
    """A Web API method: what it does, the scope it needs (if one for all), and its tier in calls per minute."""

    run: Callable[[Call], Json]
    scope: str = ""
    tier: int = 50
    token: Literal["bot", "app"] = "bot"
