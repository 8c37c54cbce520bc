"""MODE of oneself: what a user is, and wants. MODE of channels is in `modes`.

B marks a bot, which agents always are; R takes messages from accounts alone; i hides from strangers; o operates the
server; w hears WALLOPS.
"""

from bridges.irc.commands.table import command
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.users import User
from bridges.irc.session import Session
from bridges.irc.wire import lines, modes
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line


def change(session: Session, line: Line) -> None:
    """Show or change the client's own modes, as MODE with a nick asks."""
    server, user = session.server, session.server.registered(session)
    target = server.users.by_nick(line.params[0])
    if target is None:
        session.reply(n.ERR_NOSUCHNICK, line.params[0] or "*", "No such nick")
    elif target is not user:
        session.reply(n.ERR_USERSDONTMATCH, "You can only see and change your own modes")
    elif len(line.params) == 1:
        session.reply(n.RPL_UMODEIS, f"+{''.join(sorted(shown(user)))}")
    else:
        request = modes.parse(line.params[1:], modes.USER)
        if request.unknown:
            session.reply(n.ERR_UMODEUNKNOWNFLAG, "Unknown MODE flag")
        apply(session, user, request.changes)


def shown(user: User) -> set[str]:
    """Return the letters of the user's modes."""
    return user.modes | ({"B"} if user.bot else set())


def apply(session: Session, user: User, changes: tuple[modes.Change, ...], *, granted: str = "") -> None:
    """Make the changes that the user may make or that are `granted`, and tell all their sessions."""
    made = []
    for one in changes:
        before = shown(user)
        if one.add and one.letter == "o" and "o" not in granted:
            continue
        with session.server.tally.changing(user):
            if one.add:
                user.modes.add(one.letter)
            else:
                user.modes.discard(one.letter)
        if shown(user) != before:
            made.append(one)
    if not made:
        return
    text = lines.text("MODE", user.nick, *modes.format(made), source=user.mask)
    out = Outgoing(text, at=session.server.now())
    for other in user.sessions:
        other.deliver(out, caused=other is session)


@command("ACCEPT", 1)
async def accept(session: Session, line: Line) -> None:
    """Let people without an account write to oneself in spite of +R, or `-nick` no longer."""
    user = session.server.registered(session)
    for word in filter(None, line.params[0].split(",")):
        target = session.server.users.by_nick(word.removeprefix("-"))
        if target is None:
            session.reply(n.ERR_NOSUCHNICK, word, "No such nick")
        elif word.startswith("-"):
            user.accepted.pop(target.principal.id, None)
        else:
            user.accept(target)
