"""Changes of a channel's modes and its members' roles, one after the other, within a unit of work."""

from typing import Any

from airchat.protocol.channels import (
    FLAGS,
    LIST_LENGTH,
    LISTS,
    ROLES,
    Channel,
    ModeChange,
    role_text,
    roles_of,
)
from airchat.protocol.errors import Conflict, InvalidInput, NotFound
from airchat.protocol.principals import Principal
from hub.core.admission import known_as
from hub.core.directory import Directory
from hub.core.ranks import require_grant, require_operator
from store.ports.unit import Unit

_KEY_LENGTH = 64
_MASK_LENGTH = 250
_LIMIT_DIGITS = 9


class Desk:
    """Takes changes; `modes` are the channel's after them, `made` those that made a difference.

    `shown` tells of the latter as events do: `[add, mode, value, shown value]`, where a member is a name and a key `*`.
    """

    def __init__(  # noqa: PLR0917 - what every change needs
        self, unit: Unit, directory: Directory, actor: Principal, rank: int, channel: Channel, at: int
    ) -> None:
        self._unit = unit
        self._directory = directory
        self._actor = actor
        self._rank = rank
        self._channel = channel
        self._at = at
        self.modes = dict(channel.modes)
        self.made: list[ModeChange] = []
        self.shown: list[list[Any]] = []

    async def apply(self, change: ModeChange) -> None:
        """Make one change. Raises: as `Moderation.change`."""
        mode = change.mode
        if mode in ROLES:
            await self._role(change.add, mode, change.value)
            return
        require_operator(self._rank)
        if mode in FLAGS:
            self._set(ModeChange(change.add, mode), value=True)
        elif mode in LISTS:
            self._list(change.add, mode, _checked(change.value, _MASK_LENGTH, mode))
        elif mode == "key":
            key = _checked(change.value, _KEY_LENGTH, mode) if change.add else None
            self._set(ModeChange(change.add, mode, key), key, shown="*" if key else None)
        elif mode == "limit":
            limit = _checked_limit(change.value) if change.add else None
            text = str(limit) if limit else None
            self._set(ModeChange(change.add, mode, text), limit, shown=text)
        else:
            raise InvalidInput(f"There is no mode {mode}", "mode")

    def _set(self, change: ModeChange, value: object, *, shown: str | None = None) -> None:
        if change.add:
            if self.modes.get(change.mode) == value:
                return
            self.modes[change.mode] = value
        elif self.modes.pop(change.mode, None) is None:
            return
        self._note(change, shown, shown)

    def _list(self, add: bool, mode: str, mask: str) -> None:  # noqa: FBT001 - the fields of a change
        entries = self.modes.get(LISTS[mode], [])
        others = [entry for entry in entries if entry["mask"].lower() != mask.lower()]
        known = len(others) < len(entries)
        if add is known:
            return
        if add:
            if len(entries) >= LIST_LENGTH:
                raise Conflict(f"The list has {LIST_LENGTH} masks, as many as it may")
            others.append({"mask": mask, "by": known_as(self._actor), "at": self._at})
        self.modes.pop(LISTS[mode], None)
        if others:
            self.modes[LISTS[mode]] = others
        self._note(ModeChange(add, mode, mask), mask, mask)

    async def _role(self, add: bool, role: str, member_id: str | None) -> None:  # noqa: FBT001 - the fields of a change
        if add or member_id != self._actor.id:
            require_grant(self._rank, role)
        membership = await self._unit.channels.membership(self._channel.id, member_id or "")
        member = self._directory.principal(member_id or "")
        if membership is None or member is None:
            raise NotFound(f"{known_as(member) if member else 'Who was named'} is not in {self._channel.name}")
        roles = roles_of(membership.role)
        if add is (role in roles):
            return
        await self._unit.channels.set_role(self._channel.id, member.id, role_text(roles ^ {role}))
        self._note(ModeChange(add, role, member.id), member.id, known_as(member))

    def _note(self, change: ModeChange, value: str | None, shown: str | None) -> None:
        self.made.append(change)
        self.shown.append([change.add, change.mode, value, shown])


def _checked(value: str | None, longest: int, mode: str) -> str:
    """Return a key or mask: printable and without blanks."""
    if not value or len(value) > longest or not value.isprintable() or " " in value:
        raise InvalidInput(f"A {mode} is 1-{longest} characters without blanks", mode)
    return value


def _checked_limit(value: str | None) -> int:
    if not value or not (value.isascii() and value.isdigit()) or len(value) > _LIMIT_DIGITS or not int(value):
        raise InvalidInput("A limit is a number from 1", "limit")
    return int(value)
