"""Users of a Slack workspace, as far as the bridge has met them."""

from collections import OrderedDict
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from hub.relay.contract.errors import Refused
from hub.relay.contract.inbound import User

_REMEMBERED = 5_000


class Users:
    """Looks users up once; a `user_change` makes it look again."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[str, User] = OrderedDict()

    async def get(self, user_id: str) -> User:
        """Return the user; one that Slack does not tell about keeps its id as a name.

        Raises:
            BridgeError: Slack cannot be asked.
        """
        known = self._known.get(user_id)
        if known is not None:
            self._known.move_to_end(user_id)
            return known
        user = await self._ask(user_id)
        self._known[user_id] = user
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return user

    def forget(self, user_id: str) -> None:
        """Look the user up again next time."""
        self._known.pop(user_id, None)

    async def _ask(self, user_id: str) -> User:
        try:
            with translated():
                answer = await self._client.users_info(user=user_id)
        except Refused:
            return User(user_id, user_id)
        return _user(user_id, answer["user"])


def _user(user_id: str, user: dict[str, Any]) -> User:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"), user_id)
    return User(user_id, next(name for name in names if name), profile.get("image_72"))
