"""Direct channels: what they are called, and the one name under which clients see them all."""

import hashlib
from collections.abc import Iterable

from airchat.protocol.channels import Channel, ChannelType
from airchat.protocol.names import DIRECT_MESSAGES

PREFIX = "dm-"
"""Names that begin so belong to direct channels alone."""

ALL_DIRECT = Channel("00000000-0000-7000-8000-000000000000", DIRECT_MESSAGES, ChannelType.DIRECT, created_at=0)
"""Stands for all of somebody's direct channels where clients see them as one; it is not in the store."""


def direct_name(member_ids: Iterable[str]) -> str:
    """Return the name of the direct channel between these principals, in whatever order."""
    return PREFIX + hashlib.sha256("".join(sorted(member_ids)).encode()).hexdigest()[:16]
