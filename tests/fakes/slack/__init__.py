"""A fake Slack on loopback that the real slack_bolt and slack_sdk clients talk to unchanged.

    async with FakeSlack(Settings(retry_delays=(0, 0.1))) as slack:
        web = AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url)
        handler = AsyncSocketModeHandler(AsyncApp(client=web), APP_TOKEN, ping_interval=0.5)
        slack.faults.lose_response("chat.postMessage")
        await slack.person("alice").say("#general", "hello")
        await slack.wait_for(lambda: len(slack.transcript("#general")) == 2)
        await slack.settled()
        assert slack.violations == {}

One file per noun: the model (``workspace``, ``channels``, ``messages``, ``timeline`` ...) knows nothing of
the wire; ``methods`` and ``web_*`` are the HTTP surface, ``courier`` and ``sockets`` are Socket Mode.
"""

from tests.fakes.faults import Kind

from .apps import App
from .channels import Channel
from .deliveries import Delivery
from .errors import SlackError
from .faults import Faults
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
