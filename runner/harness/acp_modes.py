"""The modes of an agent that speaks the Agent Client Protocol, which each agent names as it likes.

Newer agents have them among their options, older ones apart.
"""

from collections.abc import Iterator
from typing import Any

from acp import schema
from acp.client.connection import ClientSideConnection

from runner.harness.port import NotStarted, PermissionMode

NAMES: dict[PermissionMode, tuple[str, ...]] = {
    "default": ("default",),
    "dontAsk": ("dontAsk", "default"),
    "acceptEdits": ("acceptEdits", "autoEdit"),
    "plan": ("plan",),
    "bypassPermissions": ("bypassPermissions", "yolo"),
}
"""What agents call each permission mode; the first that one has is taken."""

_OWN = ("default", "dontAsk")
"""Modes in place of which an agent may keep its own."""


async def set_mode(agent: ClientSideConnection, session_id: str, begun: Any, mode: PermissionMode) -> None:
    """Put a session into a mode; `begun` is what the agent answered when it began.

    Raises:
        NotStarted: it has no such mode, and others would let it do something else.
    """
    options = [option for option in _options(begun) if option.category == "mode"]
    offered = {value: option.id for option in options for value in _values(option)}
    apart = {each.id for each in begun.modes.available_modes} if begun is not None and begun.modes else set()
    for name in NAMES[mode]:
        if name in offered:
            await agent.set_config_option(config_id=offered[name], session_id=session_id, value=name)
            return
        if name in apart:
            await agent.set_session_mode(mode_id=name, session_id=session_id)
            return
    if mode not in _OWN:
        known = ", ".join(sorted({*offered, *apart})) or "none"
        raise NotStarted(f"this agent has no mode for permission_mode {mode}; it has {known}")


def _options(begun: Any) -> Iterator[schema.SessionConfigOptionSelect]:
    for option in (begun.config_options if begun is not None else None) or ():
        if isinstance(option, schema.SessionConfigOptionSelect):
            yield option


def _values(option: schema.SessionConfigOptionSelect) -> Iterator[str]:
    for each in option.options:
        for choice in each.options if isinstance(each, schema.SessionConfigSelectGroup) else (each,):
            yield choice.value
