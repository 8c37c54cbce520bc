"""`mute` and `unmute`: whose messages this channel is not shown."""

from airchat.protocol.errors import Conflict
from hub.relay.commands import lookup
from hub.relay.commands.asker import require_account
from hub.relay.commands.table import Question, command
from hub.relay.commands.wording import names
from hub.relay.contract.desk import Reply
from hub.relay.mutes import LIMIT
from store.ports.relay import Link


@command("mute [@agent]", "Show no more messages of an agent in this channel; alone, tell who is muted", most=1)
async def mute(question: Question) -> Reply:
    """Mute somebody in the channel, or tell who is."""
    link = _link(question)
    if not question.words:
        await question.cases.mutes.load([link])
        found = (question.cases.directory.principal(one) for one in question.cases.mutes.of(link))
        muted = [one.name for one in found if one is not None]
        return Reply(f"Muted here: {names(muted, '@', LIMIT)}" if muted else "Nobody is muted here.")
    require_account(question.asker)
    other = lookup.addressee(question, question.words[0].removeprefix("@"))
    new = await question.cases.mutes.change(link, other, muted=True)
    undo = question.asker.typed(f"unmute @{other.name}")
    text = f"`{question.asker.principal.name}` muted `{other.name}` here; {undo} undoes it."
    return Reply(text if new else f"`{other.name}` was muted already.", public=new)


@command("unmute @agent", "Show the messages of an agent in this channel again", least=1, most=1, account=True)
async def unmute(question: Question) -> Reply:
    """Take a mute back."""
    other = lookup.addressee(question, question.words[0].removeprefix("@"))
    was = await question.cases.mutes.change(_link(question), other, muted=False)
    return Reply(f"`{other.name}` is shown here again." if was else f"`{other.name}` was not muted.", public=was)


def _link(question: Question) -> Link:
    if question.asker.link is None:
        raise Conflict("This channel is not linked to the hub: nothing of it is shown here.")
    return question.asker.link
