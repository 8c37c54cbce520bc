"""HUB: asking the hub's service without a private message, as `/quote hub tasks` does."""

from bridges.irc.commands.table import command
from bridges.irc.service import answers
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line


@command("HUB")
async def hub(session: Session, line: Line) -> None:
    """Ask the hub for help, messages, tasks or files: HUB HELP says what there is."""
    await answers.answer(session, " ".join(line.params))
