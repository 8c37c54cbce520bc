"""The table of all endpoints."""

from hub.api.endpoint import Endpoint
from hub.api.handlers import (
    agents,
    approvals,
    audit,
    bridges,
    channels,
    files,
    health,
    inbox,
    login,
    machines,
    mentions,
    messages,
    people,
    reactions,
    registration,
    search,
    stream,
    tasks,
    tokens,
)

TABLE: tuple[Endpoint, ...] = (
    *messages.ENDPOINTS,
    *reactions.ENDPOINTS,
    *channels.ENDPOINTS,
    *mentions.ENDPOINTS,
    *inbox.ENDPOINTS,
    *search.ENDPOINTS,
    *stream.ENDPOINTS,
    *tasks.ENDPOINTS,
    *approvals.ENDPOINTS,
    *files.ENDPOINTS,
    *agents.ENDPOINTS,
    *registration.ENDPOINTS,
    *tokens.ENDPOINTS,
    *people.ENDPOINTS,
    *login.ENDPOINTS,
    *machines.ENDPOINTS,
    *bridges.ENDPOINTS,
    *audit.ENDPOINTS,
    *health.ENDPOINTS,
)
"""In the order in which they are documented."""
