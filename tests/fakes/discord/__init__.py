"""A fake Discord on loopback that the real discord.py client talks to unchanged.

    async with FakeDiscord() as discord:
        # discord.http.Route.BASE = fake.api_url; DiscordWebSocket.DEFAULT_GATEWAY = URL(fake gateway)
        discord.faults.lose_response("POST /webhooks/*")
        await discord.person("alice").say("#general", "hello")
        await discord.wait_for(lambda: len(discord.transcript("#general")) == 2)
        assert discord.violations == {}

One file per noun: the model (``guild``, ``channels``, ``messages``, ``timeline`` ...) knows nothing of
the wire; ``routes`` and ``web_api`` are REST, ``gateway`` and ``sessions`` the WebSocket, ``cdn`` the files.
"""

from tests.fakes.faults import Kind

from .channels import FORUM, NEWS, PRIVATE_THREAD, TEXT, VOICE, Channel
from .faults import Faults
from .interactions import Interaction
from .messages import Message
from .people import Person
from .server import BOT_TOKEN, FakeDiscord
from .settings import Settings
from .transcript import Line

__all__ = [
    "BOT_TOKEN",
    "FORUM",
    "NEWS",
    "PRIVATE_THREAD",
    "TEXT",
    "VOICE",
    "Channel",
    "FakeDiscord",
    "Faults",
    "Interaction",
    "Kind",
    "Line",
    "Message",
    "Person",
    "Settings",
]
