"""Users, under the names that people in the guild see."""

from collections import OrderedDict
from typing import Any

from bridges.discord.errors import Refusal
from bridges.discord.rest import Rest
from hub.relay.contract.inbound import User

_CDN = "https://cdn.discordapp.com"
_REMEMBERED = 5_000


class Users:
    """Members, as messages or Discord told of them; looked up once where they did not."""

    def __init__(self, rest: Rest) -> None:
        self.guild_id = ""
        self._rest = rest
        self._known: OrderedDict[str, User] = OrderedDict()

    async def author(self, message: dict[str, Any]) -> User:
        """Return who wrote a message. Another program's webhook is somebody of its own under each of its names."""
        body = message["author"]
        if message.get("webhook_id") == body["id"]:
            name = str(body["username"])
            return User(f"{message['webhook_id']}:{name}", name, _avatar(body), bot=True)
        return await self.get(body, message.get("member"))

    async def get(self, body: dict[str, Any], member: dict[str, Any] | None = None) -> User:
        """Return a user; `member` is what they are in the guild, where that was told.

        Raises:
            BridgeError: Discord cannot be asked.
        """
        if member is not None:
            return self._remember(_user(body, member))
        known = self._known.get(body["id"])
        if known is not None:
            self._known.move_to_end(known.id)
            return known
        try:
            told = await self._rest.get(f"/guilds/{self.guild_id}/members/{body['id']}")
        except Refusal:
            return self._remember(_user(body, {}))  # no longer a member
        return self._remember(_user(told["user"], told))

    async def by_id(self, user_id: str) -> User:
        """Return a user of whom nothing but the id was told."""
        return await self.get({"id": user_id, "username": user_id})

    def forget(self, user_id: str) -> None:
        """Look the user up again next time."""
        self._known.pop(user_id, None)

    def _remember(self, user: User) -> User:
        self._known[user.id] = user
        self._known.move_to_end(user.id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return user


def _user(body: dict[str, Any], member: dict[str, Any]) -> User:
    name = member.get("nick") or body.get("global_name") or body.get("username") or body["id"]
    roles = frozenset(str(role) for role in member.get("roles") or [])
    return User(body["id"], str(name), _avatar(body), bot=bool(body.get("bot")), roles=roles)


def _avatar(body: dict[str, Any]) -> str | None:
    return f"{_CDN}/avatars/{body['id']}/{body['avatar']}.png?size=128" if body.get("avatar") else None
