"""Who may answer an approval: people alone, those who were named, and never who asked."""

from collections.abc import Sequence

from airchat.protocol import limits
from airchat.protocol.approvals import Approval
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, InvalidInput
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Kind, Principal
from hub.core.directory import Directory
from hub.core.permissions import Action, allowed


class Approvers:
    """Finds approvers: those named, else the configured `names`, else every owner and admin."""

    def __init__(self, directory: Directory, names: Sequence[str] = ()) -> None:
        self._directory = directory
        self._names = tuple(names)

    async def named(self, actor: Principal, channel: Channel, names: Sequence[str]) -> list[Principal]:
        """Return the people of these names, each once.

        Raises:
            InvalidInput: they are too many, or one of them is nobody who could answer there.
        """
        if len(names) > limits.APPROVERS:
            raise InvalidInput(f"approvers must be at most {limits.APPROVERS} names", "approvers")
        found = {one.name: one for one in await self._directory.find_principals(dict.fromkeys(names))}
        for name in names:
            if name not in found or not self._can_answer(actor, found[name], channel):
                rule = "each must be a person of the hub, no guest, who can see the channel, and not who asks"
                raise InvalidInput(f"approvers: {name} cannot answer this; {rule}", "approvers")
        return list(found.values())

    async def usual(self, actor: Principal, channel: Channel) -> list[Principal]:
        """Return who answers when nobody is named.

        Raises:
            Conflict: none of them can see the channel.
        """
        if self._names:
            found = await self._directory.find_principals(self._names)
        else:
            found = [one for one in self._directory.principals() if allowed(one, Action.MANAGE_AGENTS)]
        able = [one for one in found if self._can_answer(actor, one, channel)]
        if not able:
            raise Conflict("Nobody who may approve can see this channel; name approvers who can")
        return sorted(able, key=lambda one: one.name)[: limits.APPROVERS]

    def _can_answer(self, actor: Principal, person: Principal, channel: Channel) -> bool:
        return (
            is_approver(person)
            and person.active
            and person.id != actor.id
            and self._directory.readable(person, channel)
        )


def is_approver(principal: Principal) -> bool:
    """Tell whether somebody could be an approver at all: agents, ghosts and guests cannot."""
    return principal.kind is Kind.PERSON and allowed(principal, Action.ANSWER_APPROVALS)


def why_not_answer(actor: Principal, approval: Approval, origin: Origin) -> str | None:
    """Return why the actor's approval or denial does not count; None when it does."""
    if actor.id == approval.requested_by:
        return "Nobody answers their own request"
    if not is_approver(actor):
        return "Only people with an account on the hub can answer a request for approval"
    if not origin.verified:
        return f"The hub does not know for sure who you are on {origin.platform}; link your account first"
    if actor.id not in approval.approvers:
        return "You are not among those who were asked"
    return None
