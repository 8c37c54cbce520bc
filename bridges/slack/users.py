"""Users of a Slack workspace, as far as the bridge has met them, and the groups they are in."""

import time
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.pace import Pace
from hub.relay.contract.errors import BridgeError, Refused
from hub.relay.contract.inbound import User

_REMEMBERED = 5_000
_FRESH_SECONDS = 600.0
_GROUPS_SECONDS = 4.0
"""How long groups are taken for what they were, however often they change: Slack tells them twenty times a minute."""
_FLAGS = {"is_admin": "admin", "is_owner": "owner"}


class Users:
    """Looks users up once; a `user_change` makes it look again.

    With `emails` the addresses of members of `team` are told: of people of other workspaces these say what they like.
    """

    def __init__(self, client: AsyncWebClient, *, emails: bool = False) -> None:
        self._client = client
        self.team = ""
        self._emails = emails
        self._known: OrderedDict[str, User] = OrderedDict()
        self._pace = Pace(time.monotonic, 1.2, 20, full=True)
        self._groups: dict[str, set[str]] = {}
        self._groups_at = float("-inf")
        self._groups_changed = True

    async def get(self, user_id: str) -> User:
        """Return the user; one that Slack does not tell about keeps its id as a name.

        Their roles are `admin` and `owner` of the workspace, and the ids of their user groups.

        Raises:
            BridgeError: Slack cannot be asked.
        """
        user = self._known.get(user_id)
        if user is None:
            user = self._known[user_id] = await self._ask(user_id)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(user_id)
        groups = (await self._members()).get(user_id)
        return replace(user, roles=user.roles | groups) if groups else user

    def forget(self, user_id: str) -> None:
        """Look the user up again next time."""
        self._known.pop(user_id, None)

    def forget_groups(self) -> None:
        """Look the user groups up again soon."""
        self._groups_changed = True

    async def _ask(self, user_id: str) -> User:
        await self._pace.wait("info")
        try:
            with translated():
                answer = await self._client.users_info(user=user_id)
        except Refused:
            return User(user_id, user_id)
        row = answer["user"]
        member = self._emails and row.get("team_id") == self.team and not row.get("is_stranger")
        return _user(user_id, row) if member else replace(_user(user_id, row), email=None)

    async def _members(self) -> dict[str, set[str]]:
        """Return the ids of the user groups of everybody who is in one; none where they cannot be read."""
        good = _GROUPS_SECONDS if self._groups_changed else _FRESH_SECONDS
        if time.monotonic() - self._groups_at > good:
            self._groups_at, self._groups_changed = time.monotonic(), False
            try:
                with translated():
                    answer = await self._client.usergroups_list(include_users=True)
            except BridgeError:
                return self._groups
            self._groups = {}
            for group in answer["usergroups"]:
                for user_id in group.get("users") or ():
                    self._groups.setdefault(user_id, set()).add(group["id"])
        return self._groups


def _user(user_id: str, user: dict[str, Any]) -> User:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"), user_id)
    return User(
        user_id,
        next(name for name in names if name),
        profile.get("image_192") or profile.get("image_72"),
        profile.get("email"),
        bot=bool(user.get("is_bot")),
        roles=frozenset(role for flag, role in _FLAGS.items() if user.get(flag)),
    )
