"""`status` and `help`: how the hub is doing here, and what can be asked of it."""

from hub.relay.commands.table import COMMANDS, Question, command
from hub.relay.commands.wording import bullets, plain
from hub.relay.contract.desk import Reply


@command("status", "Tell how the connection to the hub is, what is linked, and who you are to it")
async def status(question: Question) -> Reply:
    """Say how the platform's bridge is, and where the asker stands."""
    asker, cases = question.asker, question.cases
    place = asker.place
    rows = [_health(question)]
    if asker.channel is not None and asker.link is not None:
        ways = {"both": "both ways", "in": "to the hub only", "out": "from the hub only"}[asker.link.direction]
        paused = ", paused" if asker.link.paused else ""
        rows.append(f"This channel is linked to `#{asker.channel.name}`, {ways}{paused}")
    else:
        rows.append("This channel is not linked to the hub")
    mine = [it for it in cases.links.all(place.platform) if it.workspace == place.workspace]
    rows.append(f"{len(mine)} {'channel is' if len(mine) == 1 else 'channels are'} linked in this workspace")
    unknown = f"without an account ({asker.typed('link CODE')} tells which is yours)"
    account = f"an account with the role {asker.principal.role}" if asker.has_account else unknown
    rows.append(f"You are `{asker.principal.name}`, {account}")
    return Reply(bullets(rows))


@command("help", "Show this")
async def help_(question: Question) -> Reply:
    """List what can be asked."""
    typed = question.asker.typed
    say = (
        f"{typed('@agent your words')}: Ask an agent; it answers in the thread",
        f"{typed('#channel your words')}: Post in a channel of the hub",
        f"{typed('your words')}: Post in the channel linked to this one",
    )
    return Reply(bullets([*say, *(f"{typed(entry.usage)}: {entry.summary}" for entry in COMMANDS.values())]))


def _health(question: Question) -> str:
    platform = question.asker.place.platform
    found = next((it for it in question.cases.health() if it.platform == platform), None)
    if found is None:
        return f"The hub answers; it runs no bridge to {platform.capitalize()} itself"
    detail = f" ({plain(found.detail)})" if found.detail else ""
    return f"The bridge to {platform.capitalize()} is {found.state}{detail}"
