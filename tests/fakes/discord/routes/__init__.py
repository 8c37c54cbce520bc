"""The REST routes, one module per family (https://docs.discord.com/developers/reference)."""

from . import applications, channels, interactions, messages, reactions, webhooks
from .call import Call, Kind, Route, Upload

ROUTES: list[Route] = [
    *applications.ROUTES,
    *channels.ROUTES,
    *interactions.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *webhooks.ROUTES,
]

__all__ = ["ROUTES", "Call", "Kind", "Route", "Upload"]
