"""Approvals: what an agent may only do once a person has said yes."""

import re
from dataclasses import dataclass
from enum import StrEnum

from airchat.protocol.ids import is_id

SHORT_ID = 8
"""How many digits of an approval's id people type."""

_SHORT = re.compile(rf"[0-9a-f]{{{SHORT_ID}}}")


class ApprovalState(StrEnum):
    """`pending` can be answered; all others are final, and only `approved` means yes."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """A request: may `tool` run exactly `request`? `approvers` are the ids of the people who can say so.

    It is asked in a channel by the message `message_id`, below `parent_id` when that is set.
    """

    id: str
    channel_id: str
    requested_by: str
    tool: str
    request: str
    approvers: tuple[str, ...]
    created_at: int
    expires_at: int
    parent_id: str | None = None
    message_id: str | None = None
    state: ApprovalState = ApprovalState.PENDING
    answered_by: str | None = None
    answered_at: int | None = None
    reason: str | None = None

    @property
    def short_id(self) -> str:
        """The beginning of the id, which people type."""
        return self.id[:SHORT_ID]


def is_approval_id(text: str) -> bool:
    """Tell whether `text` is an id, or the first eight digits of one, in lower case."""
    return is_id(text) or _SHORT.fullmatch(text) is not None
