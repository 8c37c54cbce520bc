"""How a client of aircd's dialect is known: by what it says of itself, or by saying a token and a nick and no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError
from bridges.irc.accounts.registration import AIRCD_REALNAME

if TYPE_CHECKING:  # only looked at
    from bridges.irc.session import Session

_QUIET_SECONDS = 1.0
"""How long a client may take from its nick to its user name before it counts as one that says none."""
_PLAIN = frozenset({"message-tags", "cap-notify"})
_completing: set[asyncio.Task[None]] = set()


def recognise(session: Session) -> None:
    """Note the dialect of a client that introduces itself as aircd's own."""
    intro = session.introduction
    if intro is not None and intro.realname == AIRCD_REALNAME:
        session.speak_aircd()


def expect_user_name(session: Session) -> None:
    """Take a client for one of the dialect if it leaves it at a token and a nick."""
    intro = session.introduction
    if intro is None or None in (intro.password, intro.nick) or intro.username is not None:
        return
    asyncio.get_running_loop().call_later(_QUIET_SECONDS, _look_again, session)


def _look_again(session: Session) -> None:
    intro = session.introduction
    if intro is None or session.closing or intro.username is not None or not session.capabilities <= _PLAIN:
        return
    task = asyncio.create_task(_complete(session, intro.password or ""), name="irc dialect")
    _completing.add(task)
    task.add_done_callback(_completing.discard)


async def _complete(session: Session, token: str) -> None:
    """Say in the client's place what its own program would have said, in the order of its other lines."""
    try:
        await session.server.hub.accounts.by_token(token)
    except HubError:
        return
    session.line_received(f"USER aircd 0 * :{AIRCD_REALNAME}".encode())
    session.line_received(b"CAP END")
