"""A fake Slack on loopback that the real slack_bolt and slack_sdk clients talk to unchanged."""

from .apps import App
from .channels import Channel
from .deliveries import Delivery
from .errors import SlackError
from .faults import Faults, Kind
from .interactions import Ephemeral
from .messages import Message
from .people import Person
from .server import APP_TOKEN, BOT_TOKEN, FakeSlack
from .settings import Settings
from .transcript import Line

__all__ = [
    "APP_TOKEN",
    "BOT_TOKEN",
    "App",
    "Channel",
    "Delivery",
    "Ephemeral",
    "FakeSlack",
    "Faults",
    "Kind",
    "Line",
    "Message",
    "Person",
    "Settings",
    "SlackError",
]
