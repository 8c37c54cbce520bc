"""What a client missed: each device has a cursor in the hub's log, and gets what is above it when it comes back.

A cursor moves only when the client has certainly read: when it answers the PING that follows what it was sent, when it
ends the connection itself with nothing unread, or when it shows what it has, by a read marker or a request for history.
What is only queued, or in some buffer, does not count.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airchat.protocol.principals import Kind
from bridges.irc.log import missed
from bridges.irc.log.evidence import Evidence, Named
from bridges.irc.log.past import past_lines, portions
from bridges.irc.log.rounds import Rounds
from bridges.irc.wire import lines

if TYPE_CHECKING:  # the server owns them
    from airchat.protocol.channels import Channel
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

_CONFIRM_SECONDS = 2.0
_SELDOM_SECONDS = 60.0
_FAREWELL_SECONDS = 5.0
_LAST_SECONDS = 2.0


_ASKING = "draft/chathistory"
"""The capability of clients that ask for the past, and are sent nothing unasked."""


def _device(session: Session) -> str:
    """Return by what the session's cursor is told from the others of its user.

    That is the name its client gave itself, else the token it logged in with; agents, who have one session, go on
    where they were by any token. A client that asks for the past has a cursor beside that of one that is sent it: what
    the one was never sent, the other one still is.
    """
    name, login = session.device, session.login
    agent = session.server.registered(session).principal.kind is Kind.AGENT
    if not name and not agent and login is not None and login.credential is not None:
        name = login.credential.id
    return f"{name} asks" if session.has(_ASKING) else name


@dataclass(slots=True)
class _State:
    """How far one session got. `tokens` are those of the PINGs under way, the last sent at `pinged_at` (loop time).

    `evidence` is what it has shown to have beyond `confirmed`, None while that is nothing. Whoever `asks` for the past
    needs no place that is right to the second: only a new device would begin there.
    """

    principal_id: str
    device: str
    confirmed: int
    asks: bool = False
    tokens: tuple[str, ...] = ()
    pinged_at: float = 0.0
    heard_at: float = 0.0
    evidence: Evidence | None = None
    gone: asyncio.Event | None = None


class Replays:
    """The cursors of one server's sessions. `run` keeps asking clients how far they have read."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._states: dict[Session, _State] = {}
        self._rounds = Rounds(self._look_after)
        self._by_device: dict[tuple[str, str], list[Session]] = {}

    async def begin(self, session: Session) -> None:
        """Send a session that has just come what its device missed; what happens meanwhile waits for the end of it.

        What the user said by another client comes back only to clients that take echoes, since others take whatever
        comes for somebody else's.
        """
        server, user = self._server, self._server.registered(session)
        session.answered()  # what was missed may be too much for one response
        loop_time = asyncio.get_running_loop().time()
        if user.guest:
            self._follow(session, _State("", "", session.sent_seq, heard_at=loop_time))
            session.release()
            return
        device = _device(session)
        await self._wait_for_farewells(user.principal.id, device)
        cursor = await server.hub.cursors.load(user.principal.id, device)
        asks = session.has(_ASKING)
        start = session.sent_seq if cursor is None or asks else cursor
        pinged_at = loop_time if asks else 0.0
        self._follow(session, _State(user.principal.id, device, start, asks, pinged_at=pinged_at, heard_at=loop_time))
        self._by_device.setdefault((user.principal.id, device), []).append(session)
        if cursor is None:
            server.hub.cursors.confirm(user.principal.id, device, start)
        else:
            await self._replay(session, start, session.sent_seq)
        session.release()

    def _follow(self, session: Session, state: _State) -> None:
        self._states[session] = state
        self._rounds.follow(session)

    async def _wait_for_farewells(self, principal_id: str, device: str) -> None:
        """Let connections of the same device that are about to end tell first what they have read."""
        for session in list(self._by_device.get((principal_id, device), ())):
            state = self._states.get(session)
            if session.closing and state is not None:
                await _wait_for_end([state], _FAREWELL_SECONDS)

    async def all_read(self) -> None:
        """Give clients whose connection the server has just ended a moment to read what they were sent."""
        unread = [one for session, one in self._states.items() if one.principal_id and session.sent_seq > one.confirmed]
        await _wait_for_end(unread, _LAST_SECONDS)

    async def _replay(self, session: Session, after: int, upto: int) -> None:
        """Send what the log has above `after` up to `upto`, page by page, each when the one before has left.

        Of a channel nothing is shown from before the user came. Meanwhile `sent_seq` is how far this got.
        """
        since = await missed.since(session) if after < upto else {}
        session.sent_seq = place = min(after, upto)
        while place < upto and not session.closing and not session.connection.ended:
            entries, place = await missed.due(session, since, after, place, upto)
            for run in portions(entries):
                self._ask_midway(session)
                past_lines(session, run)
                if not await self.has_left(session):
                    return
        if not session.closing and not session.connection.ended:
            session.sent_seq = max(session.sent_seq, upto)
            state = self._states.get(session)
            if state is not None and state.tokens:
                state.pinged_at = asyncio.get_running_loop().time()  # what came behind the PING took its time

    def _ask_midway(self, session: Session) -> None:
        """Ask how much of a long replay was read, so that it need not begin anew when the connection breaks."""
        state = self._states.get(session)
        if state is not None and session.sent_seq > int(state.tokens[-1] if state.tokens else state.confirmed):
            self._ping(session, state, asyncio.get_running_loop().time())

    async def has_left(self, session: Session) -> bool:
        """Wait until a page is with the client; False, and the end of the session, when it takes too long to read."""
        patience = self._server.config.ping_seconds
        try:
            async with asyncio.timeout(patience):
                await session.connection.drained()
        except TimeoutError:
            session.end(f"You read nothing for {int(patience)} seconds; come back and go on where you were")
            return False
        return True

    async def run(self) -> None:
        """Ask every client now and then to confirm what it was sent, and end those that answer no more."""
        await self._rounds.run()

    def woken(self, session: Session) -> None:
        """Take note that a session that had read everything is sent more."""
        self._rounds.wake(session)

    def _look_after(self, session: Session, now: float) -> float | None:
        """Ask it, if it is time; return until when it need not be asked, None when it has something unread."""
        patience, state = self._server.config.ping_seconds, self._states[session]
        if session.closing or session.holding:  # whoever is told what it missed answers at the end of that
            return None
        if state.tokens:
            if now - state.pinged_at > patience:
                session.end(f"Ping timeout: {int(patience)} seconds")
            return None
        unread = session.sent_seq > state.confirmed and bool(state.principal_id)
        active_at = max(state.heard_at, state.pinged_at)
        due = state.pinged_at + (_SELDOM_SECONDS if state.asks else _CONFIRM_SECONDS)
        if (unread and now >= due) or now - active_at > patience:
            self._ping(session, state, now)
            return None
        if unread and state.asks:
            return min(due, active_at + patience)
        return None if unread else active_at + patience

    def _ping(self, session: Session, state: _State, now: float) -> None:
        token, state.pinged_at = str(session.sent_seq), now
        state.tokens += (token,)
        session.write_now(lines.text("PING", token, source=None))

    def heard(self, session: Session) -> None:
        """Take note that the client said something."""
        state = self._states.get(session)
        if state is not None:
            state.heard_at = asyncio.get_running_loop().time()

    def ponged(self, session: Session, token: str) -> bool:
        """Move the cursor up to where the PING with this token was sent; False when there was no such PING."""
        state = self._states.get(session)
        if state is None or token not in state.tokens:
            return False
        state.tokens = state.tokens[state.tokens.index(token) + 1 :]
        self._confirm(state, int(token))
        return True

    async def shown(self, session: Session, channel: Channel, named: Named) -> None:
        """Move the cursor by what a client has shown: it has all of the channel up to the line that it named.

        Only lines that it was sent count, and the cursor stops before the first that it may not have.
        """
        state = self._states.get(session)
        if state is None or not state.principal_id or session.sent_seq <= state.confirmed:
            return
        place, upto = state.confirmed, session.sent_seq
        sent, end = await missed.due(session, await missed.since(session), upto, place, upto)
        evidence = state.evidence or Evidence()
        if evidence.add(session, sent, channel, named):
            state.evidence = evidence
            self._confirm(state, evidence.reaches(session, sent, end))

    def ended(self, session: Session, *, clean: bool) -> None:
        """Move the cursor for the last time."""
        state = self._states.pop(session, None)
        if state is None:
            return
        self._rounds.forget(session)
        if state.principal_id:
            self._forget(session, (state.principal_id, state.device))
        if clean:
            self._confirm(state, session.sent_seq)
        if state.gone is not None:
            state.gone.set()

    def _forget(self, session: Session, key: tuple[str, str]) -> None:
        sessions = self._by_device[key]
        sessions.remove(session)
        if not sessions:
            del self._by_device[key]

    def _confirm(self, state: _State, seq: int) -> None:
        if seq > state.confirmed:
            state.confirmed = seq
            if state.evidence is not None and state.evidence.forget(seq):
                state.evidence = None
            if state.principal_id:
                self._server.hub.cursors.confirm(state.principal_id, state.device, seq)


async def _wait_for_end(states: Iterable[_State], seconds: float) -> None:
    """Wait until these sessions' connections have ended, but no longer than that."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for state in states:
                state.gone = state.gone or asyncio.Event()
                await state.gone.wait()
