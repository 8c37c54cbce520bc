"""Approvals: an agent asks whether it may run something, and one of the named people says yes or no, once.

What nobody answers in time is not allowed. Every request, answer, refused answer and expiry is in the audit trail.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from airchat.protocol import limits
from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, RateLimited
from airchat.protocol.events import EventKind
from airchat.protocol.ids import is_id, new_id
from airchat.protocol.messages import FROM_HUB, Origin
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import DAY, SECOND
from hub.core.admission import Visitor, check_speech
from hub.core.approval_changes import end, find_approval, log_approval, names_of, question
from hub.core.approvers import Approvers, why_not_answer
from hub.core.audit import Audit
from hub.core.budgets import told_time
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.contents import check_key
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.core.permissions import Action, require
from hub.core.secrets import Secrets
from hub.core.system import JANITOR, system_principal
from hub.core.text import checked_line, checked_text
from store.ports.approvals import ApprovalFilter
from store.ports.messages import MessageDraft
from store.ports.store import Store
from store.ports.unit import Unit

ApprovalAction = Literal["approve", "deny", "cancel"]

EXPIRY_SECONDS = 600
_EXPIRY = range(10, DAY // SECOND + 1)
_PENDING = 50
_BATCH = 100
_STATES: dict[ApprovalAction, ApprovalState] = {
    "approve": ApprovalState.APPROVED,
    "deny": ApprovalState.DENIED,
    "cancel": ApprovalState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An approval with what its row needs: its channel, and the names of everybody it is about."""

    approval: Approval
    channel: Channel
    names: dict[str, str]


class Approvals:
    """Asking, answering and looking up. Each raises NotFound when the actor may not see where it was asked."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        channels: Channels,
        messages: Messages,
        approvers: Approvers,
        expiry_seconds: int = EXPIRY_SECONDS,
        secrets: Secrets | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._channels = channels
        self._messages = messages
        self._approvers = approvers
        self._expiry_seconds = expiry_seconds
        self._secrets = secrets or Secrets(store, clock)

    async def request(
        self,
        actor: Principal,
        channel: str,
        tool: str,
        request: str,
        *,
        parent_id: str | None = None,
        approvers: Sequence[str] = (),
        expires_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Shown:
        """Ask in a channel, as the actor's message, whether `tool` may run exactly `request`.

        In `direct-messages` the parent says in which conversation. Without names, the usual approvers are asked.

        Raises:
            InvalidInput: a field breaks its rule.
            NotFound: the parent is not there for the actor.
            Conflict: nobody who may approve can see the channel, or it is archived, or the key was used otherwise.
            Forbidden: the actor may not ask, or not write there.
            RateLimited: too many of its requests are unanswered.
        """
        require(actor, Action.ASK_APPROVALS)
        tool = checked_line(tool, "tool", limits.APPROVAL_TOOL_LENGTH)
        request = checked_text(request, "request", limits.APPROVAL_REQUEST_LENGTH)
        seconds = self._expiry_seconds if expires_seconds is None else expires_seconds
        if seconds not in _EXPIRY:
            raise InvalidInput(f"expires_seconds must be between {_EXPIRY[0]} and {_EXPIRY[-1]}", "expires_seconds")
        check_key(idempotency_key)
        place = await self._place(actor, channel, parent_id)
        check_speech(Visitor(actor), place, self._directory)
        asked = await (
            self._approvers.named(actor, place, approvers) if approvers else self._approvers.usual(actor, place)
        )
        shown = (await self._secrets.redact(place, request, limits.APPROVAL_REQUEST_LENGTH)).text
        tool = (await self._secrets.redact(place, tool, limits.APPROVAL_TOOL_LENGTH)).text
        now = self._clock()
        approval = Approval(
            id=str(uuid.uuid4()),  # random, because people tell approvals apart by the first eight digits
            channel_id=place.id,
            requested_by=actor.id,
            tool=tool,
            request=shown,
            approvers=tuple(person.id for person in asked),
            created_at=now,
            expires_at=now + seconds * SECOND,
            parent_id=parent_id,
            message_id=new_id(now),
        )
        draft = question(actor, place, approval, asked, idempotency_key)
        return await self._store.write(lambda unit: _request(unit, actor, approval, draft))

    async def answer(
        self,
        actor: Principal,
        approval_id: str,
        action: ApprovalAction,
        reason: str | None = None,
        *,
        origin: Origin = FROM_HUB,
        said_in: Channel | None = None,
    ) -> Shown:
        """Approve or deny as one of the named people, or cancel one's own request.

        It is known by its id, or the first eight digits of it. The actor is who the door has proved them to be; a
        bridge tells by `origin` from where, and whether for sure. What is `said_in` a channel answers only what was
        asked there, where it can be read: so no text elsewhere can have somebody approve what they have not seen.

        Raises:
            NotFound: there is no such approval for the actor.
            Forbidden: the actor's answer does not count; that it was tried is in the audit trail.
            Conflict: it was answered before, or expired; the text says by whom and when.
            InvalidInput: the reason is too long, or the eight digits could mean several.
        """
        if action not in _STATES:
            raise InvalidInput("action must be one of approve, deny, cancel", "action")
        said = checked_line(reason, "reason", limits.APPROVAL_REASON_LENGTH) if reason and reason.strip() else None
        said = await self._secrets.clean(said, limits.APPROVAL_REASON_LENGTH, said_in)
        now = self._clock()

        async def answer(unit: Unit) -> tuple[Shown, HubError | None]:
            approval, channel = await find_approval(unit, actor, approval_id)
            if refusal := _refusal(actor, approval, action, origin) or _elsewhere(approval, said_in):
                detail = {"action": action, "platform": origin.platform}
                await Audit.record(unit, now, actor.id, "approval.refused", approval.id, detail)
                return await _shown(unit, approval, channel), Forbidden(refusal)
            if approval.state is not ApprovalState.PENDING or approval.expires_at <= now:
                shown = await _shown(unit, approval, channel)
                return shown, Conflict(_told(shown, now))
            answered = replace(approval, state=_STATES[action], answered_by=actor.id, answered_at=now, reason=said)
            await end(unit, actor, answered, channel, now, origin)
            return await _shown(unit, answered, channel), None

        shown, error = await self._store.write(answer)
        if error is not None:
            raise error
        return shown

    async def get(self, actor: Principal, approval_id: str) -> Shown:
        """Return one approval, by its id or the first eight digits."""
        async with self._store.read() as unit:
            return await _shown(unit, *await find_approval(unit, actor, approval_id))

    async def list(
        self, actor: Principal, *, state: ApprovalState | None = None, for_me: bool = False, limit: int = 50
    ) -> list[Shown]:
        """Return the approvals that the actor may see, newest first; with `for_me` those it was asked for."""
        wanted = ApprovalFilter(actor.id, state, actor.id if for_me else None, limit)
        async with self._store.read() as unit:
            found = await unit.approvals.find(wanted)
            names = await names_of(unit, found)
        places = [(approval, self._directory.channel(approval.channel_id)) for approval in found]
        return [
            Shown(approval, channel, names)
            for approval, channel in places
            if channel is not None and self._directory.readable(actor, channel)
        ]

    async def sweep(self) -> int:
        """Expire what nobody answered in time; return how many there were. Costs one read when there is nothing."""
        swept = 0
        while True:
            now = self._clock()
            async with self._store.read() as unit:
                due = [approval.id for approval in await unit.approvals.overdue(now, _BATCH)]
            if not due:
                return swept
            janitor = await system_principal(self._store, self._clock, JANITOR)
            swept += await self._expire(janitor, due, now)

    async def _expire(self, janitor: Principal, approval_ids: Sequence[str], now: int) -> int:
        async def expire(unit: Unit) -> int:
            count = 0
            for approval_id in approval_ids:
                approval = await unit.approvals.get(approval_id)
                channel = await unit.channels.get(approval.channel_id) if approval else None
                if approval and channel and approval.state is ApprovalState.PENDING:
                    await end(unit, janitor, replace(approval, state=ApprovalState.EXPIRED), channel, now)
                    count += 1
            return count

        return await self._store.write(expire)

    async def _place(self, actor: Principal, name: str, parent_id: str | None) -> Channel:
        if parent_id is not None and not is_id(parent_id):
            raise InvalidInput("Invalid parent_message_id (expected UUID)", "parent_message_id")
        if name != DIRECT_MESSAGES:
            return await self._channels.open(actor, name)
        if parent_id is None:
            raise InvalidInput(f"In {DIRECT_MESSAGES}, parent_message_id says which conversation", "parent_message_id")
        channel = (await self._messages.get(actor, parent_id)).channel
        if not channel.direct:
            raise InvalidInput("parent_message_id is in no direct conversation", "parent_message_id")
        return channel


async def _request(unit: Unit, actor: Principal, approval: Approval, draft: MessageDraft) -> Shown:
    earlier = await unit.messages.by_key(actor.id, draft.idempotency_key) if draft.idempotency_key else None
    if earlier is not None:
        if earlier.metadata.get("approval_event") != "requested":
            raise Conflict("The idempotency key was used for something else")
        return await _shown(unit, *await find_approval(unit, actor, earlier.metadata["approval_id"]))
    if await unit.approvals.count_pending(actor.id) >= _PENDING:
        raise RateLimited(f"{_PENDING} of your requests are unanswered; wait, or cancel some", EXPIRY_SECONDS)
    await unit.messages.append([draft])
    await unit.approvals.insert(approval)
    await log_approval(unit, EventKind.APPROVAL_REQUESTED, actor, approval, draft.channel, approval.created_at)
    detail = {"tool": approval.tool, "sha256": hashlib.sha256(approval.request.encode()).hexdigest()}
    if not draft.channel.private:
        detail["request"] = approval.request  # admins read it, and are no party to what is private
    await Audit.record(unit, approval.created_at, actor.id, "approval.requested", approval.id, detail)
    return await _shown(unit, approval, draft.channel)


async def _shown(unit: Unit, approval: Approval, channel: Channel) -> Shown:
    return Shown(approval, channel, await names_of(unit, [approval]))


def _refusal(actor: Principal, approval: Approval, action: ApprovalAction, origin: Origin) -> str | None:
    if action == "cancel":
        return None if actor.id == approval.requested_by else "Only who asked can cancel a request"
    return why_not_answer(actor, approval, origin)


def _elsewhere(approval: Approval, said_in: Channel | None) -> str | None:
    if said_in is None or said_in.id == approval.channel_id:
        return None
    return f"Approval {approval.short_id} was asked elsewhere; answer it where it can be read"


def _told(shown: Shown, now: int) -> str:
    """Say how an approval ended."""
    approval = shown.approval
    if approval.answered_by is None:
        return f"Approval {approval.short_id} has expired, which means no"
    who = shown.names.get(approval.answered_by)
    when = f" {told_time(approval.answered_at, now)}" if approval.answered_at else ""
    return f"Approval {approval.short_id} was {approval.state} by {who}{when}"
