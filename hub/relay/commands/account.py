"""Who one is on the hub: `link` and `unlink`."""

from airchat.protocol.errors import Conflict
from hub.relay.commands.table import Question, command
from hub.relay.contract.desk import Reply


@command(
    "link CODE",
    "Make known which account on the hub is yours; `airchat-hub people link NAME` makes the code",
    least=1,
    most=3,
)
async def link(question: Question) -> Reply:
    """Tie the platform's user to the person whose code it is."""
    asker = question.asker
    if asker.has_account:
        raise Conflict(f"You are known as `{asker.principal.name}` already; {asker.typed('unlink')} ends that.")
    person = await question.cases.link_codes.use("".join(question.words), asker.known_as)
    identities = await question.cases.workspaces.of(asker.place.platform, asker.place.workspace)
    await identities.bind(asker.user, person)
    return Reply(f"From now on you are `{person.name}` on the hub, with the role {person.role}.")


@command("unlink", "Be a stranger to the hub again")
async def unlink(question: Question) -> Reply:
    """Untie the platform's user from their account."""
    asker = question.asker
    if not asker.has_account:
        raise Conflict("No account on the hub is known to be yours.")
    identities = await question.cases.workspaces.of(asker.place.platform, asker.place.workspace)
    await identities.release(asker.user)
    return Reply(f"You are not `{asker.principal.name}` here any more.")
